"""The HIPAA Security Rule (45 CFR 164.308 to .316) beside what Gatepost has to show for it.

Only standards that concern such a system. `holds` says honestly how much of each is Gatepost's: "gatepost" gives the
evidence by itself, "part" gives a part of it, "yours" is the organization's own, and the row says what Gatepost needs
of it. This is a map for the auditor, not a legal opinion.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.report.document import Column, Document, Section, Source, Table, Words, counted, duration
from gateway.report.quarterly import Surroundings
from gateway.report.tally import Tally


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One standard or implementation specification. `command` shows the evidence; "" where there is none of ours."""

    citation: str
    name: str
    demand: str  # standard, required, addressable
    holds: str  # gatepost, part, yours
    words: str
    command: str = ""
    figure: Callable[[Tally], str] | None = None


def _events(tally: Tally) -> str:
    return f"{counted(tally.read.events, 'event')} in the period"


def _incidents(tally: Tally) -> str:
    return f"{counted(tally.incidents, 'message')} with an incident, {tally.by_fate['held']:,} held"


def _decided(tally: Tally) -> str:
    people = len({decision.by for decision in tally.decisions})
    return f"{counted(len(tally.decisions), 'decision')} by {counted(people, 'person', 'people')}"


def _accesses(tally: Tally) -> str:
    return f"{counted(len(tally.accesses), 'access', 'accesses')} in the log"


def _changes(tally: Tally) -> str:
    return f"{counted(len(tally.changes), 'change')} of rules"


def _protected(tally: Tally) -> str:
    return f"{counted(tally.by_method.total(), 'recipient')} reached encrypted"


def _deliveries(tally: Tally) -> str:
    return f"{counted(tally.deliveries.total(), 'delivery', 'deliveries')} proved by Postfix's log"


def _waiting(tally: Tally) -> str:
    if not tally.waiting:
        return "nothing waited at the end"
    oldest = tally.period.until.timestamp() - min(each.since for each in tally.waiting.values())
    return f"{counted(len(tally.waiting), 'message')} waited at the end, the oldest {duration(oldest)}"


LEAD = (
    "Each safeguard of 45 CFR 164.308 to 164.316 that concerns outbound mail: what Gatepost has to show for it, and "
    "the command that shows it."
)
READING = (
    "By Gatepost: the evidence comes from Gatepost alone. In part: Gatepost gives a part of it, and the row says "
    "which. The organization's: nothing that a mail filter could show."
)
LEFT_OUT = (
    "Standards that have nothing to do with mail are left out. A safeguard in this table is not thereby met: that is "
    "for the organization and its auditor to say."
)
REPORT = "gatepost report quarterly"
VERIFY = "gatepost audit verify"
SAFEGUARDS: tuple[Safeguard, ...] = (
    Safeguard(
        "164.308(a)(1)(i)",
        "Security management process",
        "standard",
        "part",
        "Rules for outbound mail are written down, owned, tested and enforced. The process around them is yours.",
        "gatepost rules docs",
    ),
    Safeguard(
        "164.308(a)(1)(ii)(A)",
        "Risk analysis",
        "required",
        "yours",
        "Gatepost adds figures on what leaves by mail, and docs/limits.md on what it does not see.",
        REPORT,
        _incidents,
    ),
    Safeguard(
        "164.308(a)(1)(ii)(B)",
        "Risk management",
        "required",
        "part",
        "Messages with protected data are encrypted, changed, held or refused by rule.",
        REPORT,
        _protected,
    ),
    Safeguard(
        "164.308(a)(1)(ii)(C)",
        "Sanction policy",
        "required",
        "yours",
        "The log says who sent what kind of data where; what follows is the organization's.",
    ),
    Safeguard(
        "164.308(a)(1)(ii)(D)",
        "Information system activity review",
        "required",
        "gatepost",
        "The log of decisions, looks, releases and searches, and this report of it. That somebody reads it is yours.",
        REPORT,
        _accesses,
    ),
    Safeguard(
        "164.308(a)(2)",
        "Assigned security responsibility",
        "required",
        "yours",
        "policy.yaml names the officers that Gatepost writes to, and each rule its owner.",
        "gatepost policy check",
    ),
    Safeguard(
        "164.308(a)(3)(i)",
        "Workforce security",
        "standard",
        "part",
        "Only who is given access to the gateway or its console can see held mail; each look is in the log.",
        REPORT,
        _accesses,
    ),
    Safeguard(
        "164.308(a)(4)(i)",
        "Information access management",
        "standard",
        "part",
        "Held messages are sealed; a release by two people can be demanded by rule. Who may be a reviewer is yours.",
        "gatepost quarantine list",
        _decided,
    ),
    Safeguard(
        "164.308(a)(5)(ii)(A)",
        "Security reminders",
        "addressable",
        "part",
        "Senders are told at once, in plain words, which kind of data was in their message and what to do.",
        "gatepost notices list",
    ),
    Safeguard(
        "164.308(a)(5)(ii)(B)",
        "Protection from malicious software",
        "addressable",
        "yours",
        "Gatepost is no virus scanner. Put one beside it.",
    ),
    Safeguard(
        "164.308(a)(5)(ii)(C)",
        "Log-in monitoring",
        "addressable",
        "part",
        "Accesses to held mail by person. Log-ins to the machine are for its own log.",
        REPORT,
        _accesses,
    ),
    Safeguard(
        "164.308(a)(6)(ii)",
        "Response and reporting",
        "required",
        "part",
        "Every incident has a timeline, and a report for the assessment of a breach. The assessment is yours.",
        "gatepost audit timeline",
        _incidents,
    ),
    Safeguard(
        "164.308(a)(7)(ii)(A)",
        "Data backup plan",
        "required",
        "yours",
        "What has to be backed up: the folder of the store, the audit folder, and the keyring apart from both.",
        "gatepost config show",
    ),
    Safeguard(
        "164.308(a)(7)(ii)(C)",
        "Emergency mode operation plan",
        "required",
        "part",
        "While the gateway is down Postfix defers mail: nothing leaves unseen, nothing is lost.",
        "gatepost postfix plan",
    ),
    Safeguard(
        "164.308(a)(8)",
        "Evaluation",
        "required",
        "part",
        "Rules are tried on cases, on stored mail and on labelled texts before and after a change.",
        "gatepost rules test",
        _changes,
    ),
    Safeguard(
        "164.308(b)(1)",
        "Business associate contracts",
        "standard",
        "part",
        "Partners stand on a list with the agreement's number and its end; rules go by it. The contracts are yours.",
        REPORT,
    ),
    Safeguard(
        "164.310(a)(1)",
        "Facility access controls",
        "standard",
        "yours",
        "Whoever has the machine and the keyring has the held messages.",
    ),
    Safeguard(
        "164.310(d)(2)(i)",
        "Disposal",
        "required",
        "part",
        "Destroying a held message deletes its sealed file, which cannot be opened without the keyring anyway.",
        "gatepost quarantine discard",
        _waiting,
    ),
    Safeguard(
        "164.312(a)(2)(i)",
        "Unique user identification",
        "required",
        "part",
        "Each act in the log has the name of the account that did it. That nobody shares one is yours.",
        REPORT,
        _decided,
    ),
    Safeguard(
        "164.312(a)(2)(ii)",
        "Emergency access procedure",
        "required",
        "part",
        "With the keyring's copy and the store a held message can be opened on another machine; the look is logged.",
        "gatepost quarantine show",
    ),
    Safeguard(
        "164.312(a)(2)(iv)",
        "Encryption and decryption",
        "addressable",
        "gatepost",
        "Held messages are sealed with AES-256-GCM under a keyring that can be rotated.",
        "gatepost keys list",
    ),
    Safeguard(
        "164.312(b)",
        "Audit controls",
        "standard",
        "gatepost",
        "Every decision and act is a line of a signed, hash-chained log before the mail goes on.",
        VERIFY,
        _events,
    ),
    Safeguard(
        "164.312(c)(1)",
        "Integrity",
        "standard",
        "part",
        "What a rule does not change goes out byte for byte; a sealed message that was changed is noticed.",
        "gatepost audit verify",
    ),
    Safeguard(
        "164.312(c)(2)",
        "Mechanism to authenticate ePHI",
        "addressable",
        "part",
        "Copies can be signed by the organization (S/MIME, OpenPGP); the log proves itself by hashes and signatures.",
        "gatepost keys own list",
    ),
    Safeguard(
        "164.312(d)",
        "Person or entity authentication",
        "standard",
        "part",
        "Rules can ask whether a sender logged in, and as whom. The log-in itself is your mail server's.",
        "gatepost rules docs",
    ),
    Safeguard(
        "164.312(e)(1)",
        "Transmission security",
        "standard",
        "gatepost",
        "Each protected copy is in the log with method and keys, and Postfix's word on how it left.",
        REPORT,
        _deliveries,
    ),
    Safeguard(
        "164.312(e)(2)(i)",
        "Integrity controls",
        "addressable",
        "gatepost",
        "S/MIME with AES-256-GCM and OpenPGP notice a change on the way; TLS does for each hop.",
        REPORT,
        _protected,
    ),
    Safeguard(
        "164.312(e)(2)(ii)",
        "Encryption",
        "addressable",
        "gatepost",
        "By rule and recipient; where nothing fits the message is held, never sent in plain.",
        REPORT,
        _protected,
    ),
    Safeguard(
        "164.314(a)(1)",
        "Business associate contracts",
        "standard",
        "yours",
        "Gatepost runs on your machine and sends nothing to its makers.",
    ),
    Safeguard(
        "164.316(a)",
        "Policies and procedures",
        "standard",
        "part",
        "The rules in plain English, as they are in force.",
        "gatepost rules docs",
    ),
    Safeguard(
        "164.316(b)(1)",
        "Documentation",
        "standard",
        "part",
        "Each change of the rules is in the log with the digest of what came into force.",
        "gatepost rules usage",
        _changes,
    ),
    Safeguard(
        "164.316(b)(2)(i)",
        "Time limit (6 years)",
        "required",
        "part",
        "Gatepost never deletes a line of its audit log. Keeping the folder for six years is yours.",
        VERIFY,
        _events,
    ),
)
HOLDS = {"gatepost": "by Gatepost", "part": "in part", "yours": "the organization's"}


def safeguards(tally: Tally, source: Source, around: Surroundings, made: datetime) -> Document:
    """The map, with the figures of the period."""
    sections = [
        Section("How to read this", (Words((READING, LEFT_OUT)), _overview())),
        *(Section(title, (_table(section, tally),)) for section, title in _TITLES.items()),
    ]
    title = "HIPAA Security Rule: evidence"
    return Document(
        "safeguards", title, around.organization, tally.period.words, made, source, tuple(sections), (LEAD,)
    )


_TITLES = {
    "164.308": "Administrative safeguards (164.308)",
    "164.310": "Physical safeguards (164.310)",
    "164.312": "Technical safeguards (164.312)",
    "164.314": "Organizational requirements (164.314)",
    "164.316": "Policies, procedures, documentation (164.316)",
}


def _overview() -> Table:
    holds = [safeguard.holds for safeguard in SAFEGUARDS]
    rows = tuple((words, holds.count(word)) for word, words in HOLDS.items())
    return Table("safeguards-overview", "", (Column("Evidence"), Column("Safeguards", "number")), rows)


def _table(section: str, tally: Tally) -> Table:
    rows = tuple(
        (
            safeguard.citation,
            f"{safeguard.name} ({safeguard.demand})",
            HOLDS[safeguard.holds],
            safeguard.words + (f" {_sentence(safeguard.figure(tally))}" if safeguard.figure else ""),
            safeguard.command,
        )
        for safeguard in SAFEGUARDS
        if safeguard.citation.startswith(section)
    )
    columns = (Column("45 CFR"), Column("Safeguard"), Column("Evidence"), Column("What"), Column("Command", "code"))
    return Table(f"safeguards-{section}", "", columns, rows)


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."
