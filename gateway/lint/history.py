"""What the audit log knows of rules: since when each is watched and enforced, how often it applied, and when last.

The log is evidence, which a line in a rule file that its writer could add is not. Events are taken as they are;
whether nobody changed them is for `gatepost audit verify`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Usage:
    """Of one rule, in messages. Times are None for never."""

    messages: int = 0
    enforced: int = 0
    monitored: int = 0
    first: datetime | None = None
    last: datetime | None = None
    watched_since: datetime | None = None  # the first policy that had it under monitor, or rolled it out to some
    enforced_since: datetime | None = None  # the first policy that had it under enforce for everybody
    from_the_start: bool = False  # the first policy of the log had it under enforce


@dataclass
class History:
    """The rules of a log, and how many messages from when to when."""

    rules: dict[str, Usage] = field(default_factory=dict)
    messages: int = 0
    since: datetime | None = None
    until: datetime | None = None

    def of(self, rule: str) -> Usage:
        return self.rules.setdefault(rule, Usage())


def read_history(events: Iterable[Mapping[str, Any]], *, since: datetime | None = None) -> History:
    """From the events of an audit log, in order. Messages are counted from `since` on."""
    history = History()
    policies = 0
    for event in events:
        kind, when = _kind(event), _time(event)
        unmapped = event.get("unmapped")
        if not isinstance(unmapped, dict):
            continue
        if kind == "policy-changed":
            _policy(history, unmapped, when, first=not policies)
            policies += 1
        elif kind == "message-decided" and (since is None or when >= since):
            history.since = history.since or when
            history.until = when
            history.messages += 1
            _message(history, unmapped, when)
    return history


def _kind(event: Mapping[str, Any]) -> str:
    metadata = event.get("metadata")
    return str(metadata.get("event_code", "")) if isinstance(metadata, dict) else ""


def _time(event: Mapping[str, Any]) -> datetime:
    stamp = event.get("time")
    return datetime.fromtimestamp((stamp if isinstance(stamp, int) else 0) / 1000, UTC)


def _policy(history: History, unmapped: Mapping[str, Any], when: datetime, *, first: bool) -> None:
    for rule in _words(unmapped, "monitored"):
        usage = history.of(rule)
        usage.watched_since = usage.watched_since or when
    for rule in _words(unmapped, "enforced"):
        usage = history.of(rule)
        usage.from_the_start = usage.from_the_start or (first and usage.enforced_since is None)
        usage.enforced_since = usage.enforced_since or when


def _words(unmapped: Mapping[str, Any], name: str) -> list[str]:
    found = unmapped.get(name)
    return [str(word) for word in found] if isinstance(found, list) else []


def _message(history: History, unmapped: Mapping[str, Any], when: datetime) -> None:
    hits = unmapped.get("rules")
    for hit in hits if isinstance(hits, list) else ():
        usage = history.of(str(hit.get("rule", "")))
        usage.messages += 1
        usage.first = usage.first or when
        usage.last = when
        if hit.get("status") == "enforce":
            usage.enforced += 1
        else:
            usage.monitored += 1
