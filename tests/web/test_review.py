"""Deciding about held mail: sent once, by whom it may, with evidence, whatever goes wrong."""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from gateway.people import Role, Roster
from gateway.quarantine import State
from gateway.quarantine.errors import OnHold
from tests.web.conftest import Enter, Person
from tests.web.house import LETTER, House, kinds

TO = "pat@home.example"
SSN = "536-22-1894"


def test_a_release_goes_out_once_with_its_evidence(console: House, enter: Enter) -> None:
    """Byte for byte, to whom it was chosen for; the second try sends nothing and says why."""
    olga, item = enter("olga"), console.hold(LETTER, to=(TO, "kim@insurer.example"))
    before = len(console.sink.deliveries)

    answer = olga.post(f"/items/{item}/release", to=[TO], reason="checked with the ward", how="plain")

    assert answer.status_code == 303
    sent = console.sink.wait_for(before + 1)[before:]
    assert [(each.mail_from, each.recipients, each.octets) for each in sent] == [
        ("nurse@clinic.example", (TO,), LETTER)
    ]
    assert console.stored.quarantine.get(item).state is State.HELD
    again = olga.post(f"/items/{item}/release", to=[TO], reason="once more", how="plain")
    assert again.status_code == 409
    assert "was released before" in again.text
    assert "once more" in again.text  # the form is as it was filled in
    assert len(console.sink.deliveries) == before + 1
    assert kinds(console, item)[:2] == ["release-requested", "released"]


def test_two_reviewers_at_once_send_one_message(console: House, enter: Enter) -> None:
    """Whoever is second hears that it was released, or is being released."""
    item = console.hold(LETTER)
    before = len(console.sink.deliveries)
    people = [enter("rolf"), enter("rita")]
    answers: list[int] = []
    start = threading.Barrier(2)

    def release(person: Person) -> None:
        start.wait(10)
        answers.append(person.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain").status_code)

    threads = [threading.Thread(target=release, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(answers) == [303, 409]
    assert len(console.sink.wait_for(before + 1)) == before + 1
    assert console.stored.quarantine.get(item).state is State.RELEASED


def test_while_postfix_is_away_the_message_stays_held(console: House, enter: Enter) -> None:
    """Nothing changes state before Postfix has it; later it can be released."""
    olga, item = enter("olga"), console.hold(LETTER)
    before = len(console.sink.deliveries)
    console.sink.on_recipient = lambda _: b"451 4.3.0 not now"
    try:
        answer = olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
    finally:
        console.sink.on_recipient = lambda _: b""

    assert answer.status_code == 409
    assert "Postfix" in answer.text
    assert console.stored.quarantine.get(item).state is State.HELD
    assert olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain").status_code == 303
    assert len(console.sink.wait_for(before + 1)) == before + 1


def test_the_evidence_names_those_who_got_it(console: House, enter: Enter) -> None:
    """A form that was loaded before an earlier release ticks people who have it already."""
    item = console.hold(LETTER, to=(TO, "kim@insurer.example"))
    olga = enter("olga")
    olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
    before = len(console.sink.deliveries)

    olga.post(f"/items/{item}/release", to=[TO, "kim@insurer.example"], reason="checked", how="plain")

    (sent,) = console.sink.wait_for(before + 1)[before:]
    told = [
        event["unmapped"]["recipients"] for event in console.events("released") if event["unmapped"]["item"] == item
    ]
    assert sent.recipients == ("kim@insurer.example",)
    assert told == [[TO], ["kim@insurer.example"]]


def test_what_a_page_showed_of_a_message_goes_with_it(console: House, enter: Enter) -> None:
    """The outline of its text is not kept in memory for the next one who looks."""
    rita, item = enter("rita"), console.hold(LETTER)
    assert "***-**-1894" in rita.get(f"/items/{item}").text
    assert "xxx xxx xxxxxxx" in rita.get(f"/items/{item}").text

    rita.post(f"/items/{item}/discard", reason="not wanted any more")

    page = rita.get(f"/items/{item}").text
    assert "The message is gone" in page
    assert "xxx xxx xxxxxxx" not in page


def test_every_look_is_an_event(console: House, enter: Enter) -> None:
    """That of the help desk too; and at the audit log wherever somebody lets the page begin."""
    item = console.hold(LETTER)
    enter("hela").get(f"/items/{item}")
    assert kinds(console, item)[-1] == "item-opened"

    before = len(console.events("audit-viewed"))
    assert enter("aron").get("/audit?before=999999999&who=olga").status_code == 200
    assert len(console.events("audit-viewed")) == before + 1


def test_a_value_that_was_searched_for_is_not_written_down(console: House, enter: Enter) -> None:
    """Addresses and rules are; a number out of a message is not."""
    rita = enter("rita")
    for asked in (SSN, "pat@home.example"):
        assert rita.get(f"/items?search={asked}").status_code == 200

    told = [event["unmapped"]["filters"]["search"] for event in console.events("items-searched")[-2:]]
    assert told == ["(a value, not written down)", "pat@home.example"]


def test_a_value_that_the_audit_log_was_asked_for_is_not_written_into_it(console: House, enter: Enter) -> None:
    """As a filter or as an incident; names and incidents are."""
    aron = enter("aron")
    for asked in (f"who={SSN}", f"incident={SSN}", "who=olga", "incident=20261125-0000000001"):
        assert aron.get(f"/audit?{asked}").status_code == 200
    assert aron.get(f"/audit/incidents/{SSN}").status_code == 404

    told = [event["unmapped"]["filters"] for event in console.events("audit-viewed")[-5:]]
    veiled = "(a value, not written down)"
    named = [{"who": "olga"}, {"incident": "20261125-0000000001"}]
    assert told == [{"who": veiled}, {"incident": veiled}, *named, {"incident": veiled}]


@pytest.mark.parametrize(
    "question",
    [
        "/items?until=9999-12-31",
        "/items?since=0001-01-01",
        "/items?order=largest&after=99999999999999999999~x",
        "/items?after=0001-01-01T00:00:00%2B23:59~x",
        "/audit?until=9999-12-31",
    ],
)
def test_a_place_that_cannot_be_is_told_so(question: str, enter: Enter) -> None:
    """In plain words, not as a fault of ours."""
    assert enter("olga").get(question).status_code == 400


def test_a_long_message_is_explained_to_its_end(enter: Enter) -> None:
    """What is pasted is not cut: the value stands behind 30,000 signs."""
    pasted = LETTER.decode().replace("for the insurer", "nothing to see here.\r\n" * 1_500 + "for the insurer")

    answer = enter("rita").post("/rules/bench", message=pasted, to="pat@home.example")

    assert answer.status_code == 200
    assert "***-**-1894" in answer.text


@pytest.mark.parametrize(
    ("typed", "judged"), [("", "pat@home.example"), ("x@other.example, y@other.example", "y@other.example")]
)
def test_the_bench_judges_for_those_whom_the_message_names(enter: Enter, typed: str, judged: str) -> None:
    """Where nobody else is typed."""
    answer = enter("rita").post("/rules/bench", message=LETTER.decode(), to=typed)

    assert answer.status_code == 200
    assert f'<span class="break">{judged}</span>' in answer.text


def test_a_recipient_that_it_was_not_for_gets_nothing(console: House, enter: Enter) -> None:
    """A form can be written by anybody who may release; it cannot send a message to somebody new."""
    item = console.hold(LETTER)
    before = len(console.sink.deliveries)

    answer = enter("olga").post(f"/items/{item}/release", to=[TO, "eve@elsewhere.example"], reason="x y", how="plain")

    assert answer.status_code == 404
    assert len(console.sink.deliveries) == before


def test_of_two_recipients_that_differ_in_case_alone_the_ticked_one_gets_it(console: House, enter: Enter) -> None:
    """They are two mailboxes (RFC 5321 section 2.4): the other one goes on waiting."""
    loud = TO.replace("pat", "Pat")
    olga, item = enter("olga"), console.hold(LETTER, to=(loud, TO))
    before = len(console.sink.deliveries)

    assert olga.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain").status_code == 303

    assert [each.recipients for each in console.sink.wait_for(before + 1)[before:]] == [(TO,)]
    states = {recipient.address: recipient.state for recipient in console.stored.quarantine.get(item).recipients}
    assert states == {loud: State.HELD, TO: State.RELEASED}


def test_without_any_key_nothing_is_released_encrypted(console: House, enter: Enter) -> None:
    """It says who cannot be reached and what to do; nothing leaves in plain instead."""
    item = console.hold(LETTER)
    before = len(console.sink.deliveries)

    answer = enter("olga").post(f"/items/{item}/release", to=[TO], reason="by key", how="encrypted")

    assert answer.status_code == 409
    assert "no way to reach" in answer.text
    assert len(console.sink.deliveries) == before


@pytest.mark.parametrize("reason", ["", "   ", f"her number {SSN} is known", "x" * 501])
def test_a_reason_is_needed_and_has_no_value_in_it(console: House, enter: Enter, reason: str) -> None:
    """It stands in clear for years; the value is in no answer's log and no event."""
    item = console.hold(LETTER)

    answer = enter("olga").post(f"/items/{item}/discard", reason=reason)

    assert answer.status_code == 409
    assert console.stored.quarantine.get(item).state is State.HELD
    assert SSN not in str(console.events())


def test_a_message_goes_back_to_its_sender_in_plain_words(console: House, enter: Enter) -> None:
    """The note and the kind of data, never the data; then the message is destroyed, with a tombstone."""
    item = console.hold(LETTER)
    before = len(console.sink.deliveries)

    answer = enter("rita").post(f"/items/{item}/return", note="Please use the portal of the insurer.")

    assert answer.status_code == 303
    (notice,) = console.sink.wait_for(before + 1)[before:]
    assert (notice.mail_from, notice.recipients) == ("", ("nurse@clinic.example",))
    assert b"use the portal" in notice.octets
    assert SSN.encode() not in notice.octets
    kept = console.stored.quarantine.get(item)
    assert kept.state is State.DISCARDED
    assert len(kept.tombstone) == 64


def test_a_legal_hold_outlives_discarding_and_purging(console: House, enter: Enter) -> None:
    """Also where the time is long over and somebody tries by hand; when it is lifted both work."""
    olga = enter("olga")
    item = console.hold(LETTER, created=datetime.now(UTC) - timedelta(days=4_000))
    olga.post(f"/items/{item}/hold", on="1", reason="case 4711 of the court")

    answer = olga.post(f"/items/{item}/discard", reason="tidy up")
    assert answer.status_code == 409
    assert "legal hold" in answer.text
    with pytest.raises(OnHold):
        console.stored.quarantine.discard(item, "somebody", "by hand")
    assert item not in [each.id for each in console.purging.due()]
    assert b"".join(console.stored.quarantine.read(item)) == LETTER

    olga.post(f"/items/{item}/hold", on="0", reason="the case is closed")
    assert item in [each.id for each in console.purging.due()]


def test_revealing_asks_for_a_reason_and_holds_for_one_message(console: House, enter: Enter) -> None:
    """Before it no page has the value; after it the text has, and each look is an event."""
    rita, item, other = enter("rita"), console.hold(LETTER), console.hold(LETTER)
    page = rita.get(f"/items/{item}").text
    assert SSN not in page
    assert "***-**-1894" in page
    assert "social security number is" not in page  # of the text around it the shape alone
    assert rita.get(f"/items/{item}/message").status_code == 303

    assert rita.post(f"/items/{item}/reveal", reason="").status_code == 409
    assert rita.post(f"/items/{item}/reveal", reason="the sender asked for it").status_code == 303

    assert SSN in rita.get(f"/items/{item}/message").text
    assert rita.get(f"/items/{other}/message").status_code == 303
    assert kinds(console, item)[-2:] == ["revealed", "message-text"]
    assert SSN not in str(console.events())


def test_a_download_is_a_right_of_its_own(console: House, enter: Enter) -> None:
    """A reviewer reads, an officer may take it away, as a file that no browser opens."""
    item = console.hold(LETTER)
    for name, status in (("rita", 403), ("olga", 200)):
        person = enter(name)
        person.post(f"/items/{item}/reveal", reason="the sender asked for it")
        answer = person.post(f"/items/{item}/download")
        assert answer.status_code == status
    assert answer.content == LETTER
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_marks_count_for_rules_and_findings(console: House, enter: Enter) -> None:
    """The last word of somebody counts; what the item does not have cannot be marked."""
    rita, item = enter("rita"), console.hold(LETTER)
    rule = console.stored.quarantine.get(item).rules[0]
    rita.post(f"/items/{item}/mark", kind="rule", name=rule, place="", verdict="right")
    rita.post(f"/items/{item}/mark", kind="rule", name=rule, place="", verdict="wrong")
    rita.post(f"/items/{item}/mark", kind="finding", name="US_SSN", place="0.1.2", verdict="right")
    assert rita.post(f"/items/{item}/mark", kind="rule", name="no-such", verdict="right").status_code == 409

    found = {(each.kind, each.name): (each.right, each.wrong) for each in console.casefile.precision()}
    assert found[("rule", rule)][1] >= 1
    assert found[("finding", "US_SSN")][0] >= 1
    assert f"wrong, says {rita.name}" in rita.get(f"/items/{item}").text


def test_a_session_ends_with_its_account(console: House, stranger: Callable[[str], Person]) -> None:
    """With the very next request, also one that would release something."""
    console.enrol("tess", Role.REVIEWER)
    tess, item = stranger("tess"), console.hold(LETTER)
    assert tess.sign_in().status_code == 303
    assert tess.get("/items").status_code == 200
    before = len(console.sink.deliveries)

    Roster(console.stored.engine).disable("tess")

    assert (
        tess.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
        .headers["location"]
        .startswith("/sign-in")
    )
    assert len(console.sink.deliveries) == before
    assert tess.sign_in().status_code == 403


def test_items_that_are_not_there(console: House, enter: Enter) -> None:
    """A page that says so, for names that are none as well."""
    for name in ("20200101-none", "..%2f..%2fetc%2fpasswd", "%00", "a" * 300):
        assert enter("olga").get(f"/items/{name}").status_code == 404


def test_how_many_there_are_is_told_anew_after_an_act(console: House, enter: Enter) -> None:
    """Counting is work that pages of a moment share; who has just decided sees that it was done."""

    def held() -> int:
        (count,) = re.findall(r"Held <span class=.count.>([0-9,]+)<", olga.get("/items").text)
        return int(count.replace(",", ""))

    class Counting:
        def __init__(self) -> None:
            self.times = 0

        def __call__(self) -> Mapping[State, int]:
            self.times += 1
            return states()

    olga, item, other = enter("olga"), console.hold(LETTER), console.hold(LETTER)
    olga.post(f"/items/{other}/discard", reason="not needed")
    before, states, counting = held(), console.stored.quarantine.states, Counting()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(console.stored.quarantine, "states", counting)
        olga.post(f"/items/{item}/discard", reason="not needed")
        assert [held(), held()] == [before - 1, before - 1]

    assert counting.times == 1
