"""Who looked at what, what the service did, and which rules changed."""

from collections import Counter
from collections.abc import Iterator

from gateway.report.document import Block, Column, Table, counted
from gateway.report.tally import Tally

RUNS = ("gateway-started", "gateway-stopped")
WHO_EDITED = (
    "A policy is named by the beginning of its digest. Who edited the files is for the version control that keeps them "
    "to say, or for the signer of the rules."
)
_LISTED = (Column("When (UTC)", "time"), Column("Who"), Column("What"), Column("About", "code"))
_PLAIN = {
    "viewed": "looked at the message",
    "revealed": "revealed the message",
    "item-opened": "looked at what is known of it",
    "release-requested": "asked for a release",
    "release-agreed": "agreed to a release by two",
    "released": "released",
    "release-failed": "a release failed",
    "discard-requested": "asked to destroy",
    "discarded": "destroyed",
    "audit-searched": "searched for a value",
    "audit-exported": "was given evidence or a report",
    "gateway-started": "the gateway started",
    "gateway-stopped": "the gateway stopped",
    "postfix-inserted": "put into Postfix",
    "postfix-removed": "taken out of Postfix",
    "log-recovered": "the end of the log was torn or not signed",
    "store-swept": "the store was swept",
    "index-built": "an index of a list was built",
}


def changes(tally: Tally) -> Iterator[Block]:
    yield Table(
        "rule-changes",
        "",
        (Column("When (UTC)", "time"), Column("What"), Column("By"), Column("Came"), Column("Went")),
        tuple(tally.changes),
        WHO_EDITED,
        "The rules in force did not change in this period.",
    )


def access(tally: Tally) -> Iterator[Block]:
    counts = Counter((each.by or "not known", each.code) for each in tally.accesses)
    starts = sum(each.code == "gateway-started" for each in tally.service)
    yield Table(
        "access-counts",
        "In numbers",
        (Column("Person"), Column("What"), Column("Times", "number")),
        tuple((who, _plain(kind), n) for (who, kind), n in sorted(counts.items())),
        empty="Nobody looked at, searched, released or exported anything.",
    )
    yield Table(
        "access-log",
        "One by one",
        _LISTED,
        tuple((each.when, each.by, _plain(each.code), each.about) for each in tally.accesses),
        most=25,
    )
    yield Table(
        "service",
        "The service, its keys and Postfix",
        _LISTED,
        tuple((each.when, each.by, _plain(each.code), each.about) for each in tally.service if each.code not in RUNS),
        f"The gateway was started {counted(starts, 'time')}.",
        most=25,
    )


def _plain(kind: str) -> str:
    return _PLAIN.get(kind, kind.replace("-", " "))
