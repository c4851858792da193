"""The report of one incident for the assessment of a breach (45 CFR 164.402): what the evidence says about each factor.

It decides nothing. What a gateway cannot know is left blank for the privacy officer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.actions.words import entity_words
from gateway.audit.reading import Event, at, code, word
from gateway.domains import domain_of
from gateway.report.copies import METHODS, Copy, copies
from gateway.report.document import (
    Block,
    Column,
    Document,
    Figure,
    Figures,
    Pairs,
    Section,
    Source,
    Table,
    Words,
    counted,
    listed,
)
from gateway.report.timeline import moment_time, timeline

DEADLINE = timedelta(days=60)  # 45 CFR 164.404(b), from the day of discovery
# Direct identifiers, by which alone a person is known: the names, and the numbers, addresses and pictures of one person
# or household of 45 CFR 164.514(b)(2)(i); not its regions and dates.
DIRECT = frozenset(
    {"PERSON", "STREET_ADDRESS", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS", "BIOMETRIC_ID", "PATIENT_PHOTO"}
    | {
        "US_SSN",
        "US_ITIN",
        "US_PASSPORT",
        "US_DRIVER_LICENSE",
        "VEHICLE_ID",
        "LICENSE_PLATE",
        "DEVICE_ID",
        "MAC_ADDRESS",
    }
    | {"US_MBI", "MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_MEMBER_ID", "HEALTH_REFERENCE_NUMBER", "ACCOUNT_NUMBER"}
    | {"CREDIT_CARD", "US_BANK_NUMBER", "IBAN_CODE"}
)
LEAD = "What the evidence says about each factor of 45 CFR 164.402(2), and what the privacy officer has to add."
LEAST = (
    "Gatepost stopped looking where more values could not change what became of the message, so there may be more of "
    "them, and of other kinds: gatepost detect, or the console where the message is kept, shows all."
)
WARNING = (
    "This is evidence for an assessment, not the assessment. Whether an exception of 164.402(1) applies, how probable "
    "a compromise is, and who has to be told is for the privacy officer to decide and to write down (164.414(b))."
)
SECURED = (
    "Protected health information that was encrypted as the Secretary's guidance says is not unsecured (164.402), if "
    "the key was not disclosed with it. A copy under S/MIME or OpenPGP can be read by the holder of the key alone; TLS "
    "protects the way to the next server, not the message there."
)


def breach(incident: str, events: Sequence[Event], source: Source, organization: str, made: datetime) -> Document:
    """The report of an incident, from its events in order; there must be some."""
    sent = copies(events)
    first = next((event for event in events if code(event) == "message-decided"), events[0])
    sections = (
        Section("In short", _short(incident, first, sent)),
        Section("Factor 1: nature and extent of the information", _nature(first)),
        Section("Factor 2: who received it", _who(sent)),
        Section("Factor 3: whether it was acquired or viewed", _acquired(sent)),
        Section("Factor 4: how far the risk was mitigated", _mitigated(events)),
        Section("Timeline", (_timeline(events),)),
        Section("Decision", _decision(first)),
    )
    title = "Incident report for breach assessment"
    return Document("incident", title, organization, f"Incident {incident}", made, source, sections, (LEAD,))


def _short(incident: str, first: Event, sent: Sequence[Copy]) -> tuple[Block, ...]:
    disclosed = [copy for copy in sent if copy.is_disclosed]
    plain = [copy for copy in disclosed if not copy.is_encrypted]
    said = f"{counted(len(disclosed), 'recipient was', 'recipients were')} sent the message, of {len(sent)} addressed. "
    said += f"{counted(len(plain), 'of them got it unencrypted', 'of them got it unencrypted')}." if disclosed else ""
    sender = word(first, "email", "smtp_from") or "none (a report or automatic message)"
    return (
        Words((said.strip(),), "bad" if plain else "good"),
        Figures(
            (
                Figure("recipients", f"{len(sent):,}"),
                Figure("were sent it", f"{len(disclosed):,}"),
                Figure("unencrypted", f"{len(plain):,}"),
                Figure("kinds of data found", f"{len(_entities(first)):,}"),
            )
        ),
        Pairs(
            (
                ("Incident", incident),
                ("Received by SMTP", f"{moment_time(first):%Y-%m-%d %H:%M:%S} UTC"),
                ("Sender", sender),
                ("Logged in as", word(first, "actor", "user", "name") or "not logged in"),
                ("From the address", word(first, "src_endpoint", "ip") or "this machine"),
                ("Rules that applied", listed(_rules(first), 20) or "none"),
                ("Policy", word(first, "unmapped", "policy")),
            )
        ),
        Words((WARNING,), "note"),
    )


def _nature(first: Event) -> tuple[Block, ...]:
    rows = []
    for entity in _entities(first):
        name = word(entity, "entity")
        kind = "identifies a person by itself" if name in DIRECT else "together with others"
        samples = ", ".join(_texts(entity, "samples"))
        rows.append((entity_words(name), _number(entity, "count"), _number(entity, "distinct"), samples, kind))
    columns = (
        Column("Kind"),
        Column("Times", "number"),
        Column("Different values", "number"),
        Column("Masked samples"),
        Column("Identifies"),
    )
    unread = [word(part, "reason") for part in _list(first, "unmapped", "opaque")]
    blocks: list[Block] = [
        Table("found", "What was found", columns, tuple(rows), "Counted by detectors: they miss some and err at times.")
    ]
    if word(first, "unmapped", "looked_for"):
        blocks.append(Words((LEAST,), "bad"))
    if unread:
        blocks.append(Words((f"Not read: {listed(unread)}. What was in it is not known to Gatepost.",), "bad"))
    ask = "How many individuals are concerned, of what sort the information is, how likely somebody is re-identified."
    return (*blocks, Words((ask,), "blank"))


def _who(sent: Sequence[Copy]) -> tuple[Block, ...]:
    rows = tuple(
        (
            copy.recipient,
            domain_of(copy.recipient),
            _outcome(copy),
            copy.sent,
            METHODS.get(copy.method, copy.method or "none") if copy.is_disclosed else "",
        )
        for copy in sent
    )
    columns = (
        Column("Recipient"),
        Column("Domain"),
        Column("Outcome"),
        Column("Sent (UTC)", "time"),
        Column("Protection"),
    )
    ask = "Whether the recipient is bound by HIPAA or a contract, and whether they should have had it."
    return (Table("recipients", "", columns, rows, most=200), Words((ask,), "blank"))


def _acquired(sent: Sequence[Copy]) -> tuple[Block, ...]:
    rows = tuple((copy.recipient, copy.log or "not in the log") for copy in sent if copy.is_disclosed)
    note = "Of protected copies only, where Gatepost follows the mail log. Other deliveries stand in Postfix's own log."
    ask = "What the recipient says about it: opened, deleted, forwarded. Gatepost cannot know it."
    return (
        Table(
            "postfix",
            "What Postfix's log said",
            (Column("Recipient"), Column("Delivery")),
            rows,
            note,
            "Nobody was sent it.",
        ),
        Words((SECURED,)),
        Words((ask,), "blank"),
    )


def _mitigated(events: Sequence[Event]) -> tuple[Block, ...]:
    moments = [moment for moment in timeline(events) if moment.stage == "review"]
    rows = tuple((m.time, m.what, m.by, dict(m.details).get("reason", "")) for m in moments)
    columns = (Column("When (UTC)", "time"), Column("What"), Column("Who"), Column("Reason"))
    ask = "Assurances that were obtained, copies that were returned or destroyed, what was changed since."
    return (
        Table("reviews", "What reviewers did", columns, rows, "", "Nobody reviewed it."),
        Words((ask,), "blank"),
    )


def _timeline(events: Sequence[Event]) -> Table:
    columns = (
        Column("When (UTC)", "time"),
        Column("Stage"),
        Column("What happened"),
        Column("Who"),
        Column("Event", "number"),
    )
    rows = tuple((m.time, m.stage, m.what, m.by, m.seq) for m in timeline(events))
    return Table("timeline", "", columns, rows, most=200)


def _decision(first: Event) -> tuple[Block, ...]:
    latest = moment_time(first) + DEADLINE
    said = (
        "Individuals are told without unreasonable delay and within 60 days of the discovery (164.404(b)). Counted "
        f"from the day of the message that would be {latest:%Y-%m-%d}; the day of discovery may be later. The "
        "Secretary is told at the same time where 500 or more are concerned, else within 60 days of the end of the "
        "year (164.408), and the media where more than 500 of one state are (164.406)."
    )
    ask = (
        "Discovered on, low probability of compromise or breach, reasons, who is told and when, name, date, signature."
    )
    return (Words((said,)), Words((ask,), "blank"))


def _outcome(copy: Copy) -> str:
    said = {
        "deliver": "delivered" if copy.is_disclosed else "not carried out",
        "quarantine": "held",
        "block": "refused",
        "released": "released by a reviewer",
        "discarded": "held, then destroyed",
    }.get(copy.outcome, copy.outcome)
    return f"{said}, data taken out" if copy.redacted and copy.is_disclosed else said


def _entities(first: Event) -> list[Any]:
    return _list(first, "unmapped", "entities")


def _rules(first: Event) -> list[str]:
    hits = _list(first, "unmapped", "rules")
    return [word(hit, "rule") + ("" if word(hit, "status") == "enforce" else " (watches only)") for hit in hits]


def _number(entity: object, name: str) -> int:
    value = at(entity, name)
    return value if isinstance(value, int) else 0


def _list(event: object, *names: str) -> list[Any]:
    value = at(event, *names)
    return value if isinstance(value, list) else []


def _texts(event: object, *names: str) -> list[str]:
    return [str(each) for each in _list(event, *names)]
