"""One incident for the assessment of a breach, and the accounting of disclosures: who got what."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit import events
from gateway.audit.reading import Event
from gateway.config import shipped
from gateway.core.finding import Depth
from gateway.core.verdict import Disposition, Method
from gateway.report.breach import DIRECT, breach
from gateway.report.copies import copies
from gateway.report.disclosures import disclosures, find
from gateway.report.document import Document, Source
from gateway.report.html import as_html
from tests.makers.ledger import Ledger

MADE = datetime(2026, 12, 1, tzinfo=UTC)
SOURCE = Source(1, 9, "ab" * 32, "the chain is whole")
PERIOD = (datetime(2020, 12, 1, tzinfo=UTC), MADE)


def outcomes(events: Sequence[Event]) -> dict[str, tuple[str, bool, bool]]:
    return {copy.recipient: (copy.outcome, copy.is_disclosed, copy.is_encrypted) for copy in copies(events)}


@pytest.mark.parametrize(
    ("outcome", "method", "told"),
    [
        (Disposition.DELIVER, None, ("deliver", True, False)),
        (Disposition.DELIVER, Method.SMIME, ("deliver", True, True)),
        (Disposition.DELIVER, Method.TLS, ("deliver", True, False)),
        (Disposition.QUARANTINE, None, ("quarantine", False, False)),
        (Disposition.BLOCK, None, ("block", False, False)),
    ],
)
def test_disclosed_is_what_was_handed_to_postfix(
    ledger: Ledger, outcome: Disposition, method: Method | None, told: tuple[str, bool, bool]
) -> None:
    """Encrypted is what only the recipient can read: TLS protects the way."""
    incident = ledger.message("lee@x.example", outcome=outcome, method=method, rule="hipaa-phi")

    assert outcomes(ledger.of(incident)) == {"lee@x.example": told}


def test_a_release_discloses_in_plain_and_a_discard_never(ledger: Ledger) -> None:
    """Only to whom it was released."""
    released = ledger.message("lee@partner.example", "kim@x.example", outcome=Disposition.QUARANTINE, rule="r")
    ledger.review("release", released)
    discarded = ledger.message(outcome=Disposition.QUARANTINE, rule="r")
    ledger.review("discard", discarded)

    assert outcomes(ledger.of(released)) == {
        "lee@partner.example": ("released", True, False),
        "kim@x.example": ("quarantine", False, False),
    }
    assert outcomes(ledger.of(discarded)) == {"lee@partner.example": ("discarded", False, False)}


def test_what_had_to_be_encrypted_and_was_not_is_not_disclosed(ledger: Ledger) -> None:
    """The decision alone sends nothing then: the client was told to come again."""
    incident = ledger.message("lee@x.example", method=Method.SMIME, rule="r")
    decided = [event for event in ledger.of(incident) if event["metadata"]["event_code"] == "message-decided"]

    [copy] = copies(decided)
    assert (copy.outcome, copy.is_disclosed) == ("deliver", False)


def test_the_four_factors_stand_in_the_report_with_room_for_the_officer(ledger: Ledger) -> None:
    """What the evidence says of each; what no gateway can know is left blank, the deadline is told."""
    incident = ledger.message(
        "lee@x.example", rule="hipaa-phi", entities={"US_SSN": "f1", "HEALTH_TERM": "f2"}, opaque=True
    )
    ledger.add(events.viewed(item=incident, incident=incident, by="dana"))
    document = breach(incident, ledger.of(incident), SOURCE, "Clinic", MADE)

    titles = [section.title for section in document.sections]
    assert [title.partition(":")[0] for title in titles[1:5]] == ["Factor 1", "Factor 2", "Factor 3", "Factor 4"]
    page = as_html(document)
    assert page.count("For you to complete.") == 5
    for said in (
        "1 recipient was sent the message, of 1 addressed",
        "1 of them got it unencrypted",
        "Social Security number",
        "identifies a person by itself",
        "Not read: encrypted-archive",
        "lee@x.example",
        f"{datetime(2026, 10, 5, tzinfo=UTC) + timedelta(days=60):%Y-%m-%d}",
    ):
        assert said in page


def accounting(ledger: Ledger, wanted: dict[str, set[str]]) -> Document:
    found = find(ledger.events(), wanted)
    return disclosures(found, lambda address: address.endswith("@clinic.example"), SOURCE, PERIOD, "Clinic", MADE)


def rows(document: Document) -> list[tuple[object, ...]]:
    [table] = document.tables
    return [row[1:2] + row[4:5] for row in table.rows]


def test_an_accounting_lists_who_was_sent_the_individuals_data(ledger: Ledger) -> None:
    """Outside recipients of messages with that value, released ones too; not insiders, not what never left."""
    mine = {"MEDICAL_RECORD_NUMBER": "aa" * 16}
    ledger.message("lab@lab.example", "desk@clinic.example", rule="r", method=Method.SMIME, entities=mine)
    ledger.message("other@lab.example", rule="r", entities={"MEDICAL_RECORD_NUMBER": "bb" * 16})
    ledger.message("held@x.example", rule="r", outcome=Disposition.QUARANTINE, entities=mine)
    released = ledger.message("lee@partner.example", rule="r", outcome=Disposition.QUARANTINE, entities=mine)
    ledger.review("release", released)
    ledger.message("cut@x.example", rule="r", redacted=True, entities=mine)

    document = accounting(ledger, {"MEDICAL_RECORD_NUMBER": {"aa" * 16}})

    assert rows(document) == [
        ("lab@lab.example", "S/MIME"),
        ("lee@partner.example", "none"),
        ("cut@x.example", "none, data taken out"),
    ]


def test_an_accounting_without_a_disclosure_says_so(ledger: Ledger) -> None:
    """And what it cannot know."""
    ledger.message(entities={"US_SSN": "f1"})

    page = as_html(accounting(ledger, {"US_SSN": {"f2"}}))

    assert "No disclosure was found." in page
    assert "What it did not find or could not read is not here" in page


def test_an_accounting_tells_of_messages_in_which_not_all_was_looked_for(ledger: Ledger) -> None:
    """The value may have been in one of them."""
    others = {"MEDICAL_RECORD_NUMBER": "bb" * 16}
    ledger.message(depth=Depth.FIRST)
    ledger.message(depth=Depth.FIRST)
    before, ledger.at = ledger.at, MADE
    ledger.message(depth=Depth.FIRST)  # behind the period
    ledger.at = before
    ledger.message(rule="r", method=Method.SMIME, entities=others, depth=Depth.ENOUGH)
    ledger.message(rule="r", method=Method.SMIME, entities=others)

    page = as_html(accounting(ledger, {"MEDICAL_RECORD_NUMBER": {"aa" * 16}}))

    assert "1 message had more values than the log names" in page
    assert "2 messages matched no rule" in page


def incident_page(ledger: Ledger, incident: str) -> str:
    return as_html(breach(incident, ledger.of(incident), SOURCE, "Clinic", MADE))


def test_an_incident_tells_that_there_may_be_more(ledger: Ledger) -> None:
    """Whoever counts individuals must not take the count for all."""
    some = {"MEDICAL_RECORD_NUMBER": "bb" * 16}
    cut = ledger.message(rule="r", entities=some, depth=Depth.ENOUGH)
    whole = ledger.message(rule="r", entities=some)

    assert "there may be more of them" in incident_page(ledger, cut)
    assert "there may be more of them" not in incident_page(ledger, whole)


def test_what_the_law_lists_as_an_identifier_counts_as_one() -> None:
    """By the paragraphs that the shipped detectors name: all but regions (B), dates (C) and addresses of pages (N); and
    numbers of those who treat people tell nothing of a patient."""
    listed: set[str] = set()
    for file in (shipped("rules") / "detectors").rglob("*.yaml"):
        text = file.read_text()
        entity = re.search(r"(?m)^entity: (\S+)", text)
        if entity and re.search(r"164\.514\(b\)\(2\)\(i\)\([AD-MO-R]\)", text):
            listed.add(entity[1])

    assert len(listed) > 15
    assert listed - DIRECT == {"US_DEA", "MEDICAL_LICENSE"}
