"""What one condition says about another: sound, never complete. Where nothing is known, nothing is said.

Used to reason about rules (lint) and to keep "what if" answers consistent (explain), never to decide about mail.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from gateway.core.detector import DetectorSpec
from gateway.policy.conditions import Condition
from gateway.policy.conditions.fields import Header, Subject, TextTest
from gateway.policy.conditions.finds import Finds
from gateway.policy.conditions.parts import Attachment, Globs, MessageSize
from gateway.policy.conditions.people import Authenticated, Circle, Direction, Recipient, Recipients, Sender
from gateway.policy.conditions.protection import Encrypted
from gateway.policy.conditions.stream import Stream
from gateway.policy.conditions.trouble import ANY, Ambiguous, Coverage, Failure, Opaque
from gateway.policy.lists import AddressList, Entry


class Known:
    """What is needed to compare conditions: which detectors there are, and on which day lists are looked at."""

    def __init__(self, detectors: Sequence[DetectorSpec], day: date) -> None:
        self._detectors = detectors
        self.day = day

    def covered(self, finds: Finds) -> frozenset[str]:
        """Ids of the detectors whose findings the condition counts."""
        return frozenset(
            spec.id
            for spec in self._detectors
            if (spec.entity in finds.entity if finds.entity else not spec.groups.isdisjoint(finds.group))
        )

    def certain(self, condition: Condition) -> bool | None:
        """The answer that every message gets; None where that depends on the message."""
        if isinstance(condition, Recipient | Sender):
            return self._certain_circle(condition.circle)
        if isinstance(condition, Recipients) and condition.over == 0 and condition.circle is None:
            return True
        if isinstance(condition, MessageSize) and condition.over == 0:
            return True
        return None

    def entails(self, one: Condition, other: Condition) -> bool:
        """Whether `other` holds wherever `one` does."""
        if one == other:
            return True
        test = _ENTAILS.get(type(one)) if type(one) is type(other) else None
        if test is not None:
            return test(self, one, other)
        if isinstance(one, Direction) and isinstance(other, Recipient):
            # outbound is exactly: the recipient is not at one of our domains
            circle = other.circle
            return one.wanted == "outbound" and circle.inverted and set(circle.lists) <= {one.inside}
        if isinstance(one, Recipient) and isinstance(other, Direction):
            return other.wanted == "outbound" and one.circle.inverted and other.inside in one.circle.lists
        return False

    def excludes(self, one: Condition, other: Condition) -> bool:
        """Whether both never hold for one message and recipient."""
        return self._excludes(one, other) or self._excludes(other, one)

    def _excludes(self, one: Condition, other: Condition) -> bool:
        if type(one) is type(other):
            test = _EXCLUDES.get(type(one))
            return test is not None and test(self, one, other)
        if isinstance(one, Direction) and isinstance(other, Recipient):
            return _direction_excludes(self, one, other.circle)
        if isinstance(one, Coverage) and isinstance(other, Opaque):
            return one.complete
        return False

    def _certain_circle(self, circle: Circle) -> bool | None:
        """On no list that anybody is on: nobody is inside, everybody outside."""
        if any(in_force(entries, self.day) for entries in circle.lists):
            return None
        return circle.inverted

    def within(self, inner: Iterable[AddressList], outer: Sequence[AddressList]) -> bool:
        """Whether all who are on one of the inner lists are on one of the outer ones, today."""
        return all(
            any(entries is listed or self._covers(listed, entry) for listed in outer)
            for entries in inner
            for entry in in_force(entries, self.day)
        )

    def _covers(self, listed: AddressList, entry: Entry) -> bool:
        if entry.sort == "address":
            return listed.covers(entry.text, self.day)
        if entry.sort == "user":
            return listed.names_user(entry.text, self.day)
        if entry.sort == "domain":
            return listed.covers(f"x@{entry.text}", self.day) and not _only_addresses(listed, entry.text)
        below = {other.text for other in in_force(listed, self.day) if other.sort == "below"}
        parents = entry.text.split(".")
        return any(".".join(parents[start:]) in below for start in range(len(parents)))


def in_force(entries: AddressList, day: date) -> tuple[Entry, ...]:
    """The entries that count on that day."""
    return tuple(entry for entry in entries.entries if entry.is_in_force(day))


def _only_addresses(listed: AddressList, domain: str) -> bool:
    """The sample address may itself be on the list."""
    return any(entry.sort == "address" and entry.text == f"x@{domain}" for entry in listed.entries)


def _circles(known: Known, one: Circle, other: Circle) -> bool:
    if one.inverted and other.inverted:
        return known.within(other.lists, one.lists)
    return not one.inverted and not other.inverted and known.within(one.lists, other.lists)


def _circles_exclude(known: Known, one: Circle, other: Circle) -> bool:
    return not one.inverted and other.inverted and known.within(one.lists, other.lists)


def _direction_excludes(known: Known, direction: Direction, circle: Circle) -> bool:
    if direction.wanted == "outbound":
        return not circle.inverted and known.within(circle.lists, (direction.inside,))
    return circle.inverted and direction.inside in circle.lists


def _finds(known: Known, one: Finds, other: Finds) -> bool:
    """`within` and `together` of the other ask for what stands before it: only without is anything certain."""
    counts = (max(one.min_count, one.min_distinct), max(other.min_count, other.min_distinct))
    return (
        not other.goes_on
        and known.covered(one) <= known.covered(other)
        and one.min_confidence >= other.min_confidence
        and counts[0] >= counts[1]
        and one.min_distinct >= other.min_distinct
        and (not other.place or (bool(one.place) and set(one.place) <= set(other.place)))
    )


def _text(one: TextTest, other: TextTest) -> bool:
    if other.present is not None:
        return other.present and one.present is not False
    if one.contains and other.contains:
        return all(any(word.casefold() in said.casefold() for word in other.contains) for said in one.contains)
    return bool(one.matches) and set(one.matches) <= set(other.matches)


def _text_excludes(one: TextTest, other: TextTest) -> bool:
    return one.present is False and other.present is not False


def _globs(one: Globs, other: Globs) -> bool:
    return not other.regexes or (bool(one.regexes) and set(one.regexes) <= set(other.regexes))


def _attachments(one: Attachment, other: Attachment) -> bool:
    return (
        one.min_count >= other.min_count
        and _globs(one.name, other.name)
        and _globs(one.type, other.type)
        and other.encrypted in (None, one.encrypted)
    )


def _reasons(one: Sequence[str], other: Sequence[str]) -> bool:
    return ANY in other or (ANY not in one and set(one) <= set(other))


def _opaque(one: Opaque, other: Opaque) -> bool:
    same = (one.except_type, one.except_up_to) == (other.except_type, other.except_up_to)
    return _reasons(one.reason, other.reason) and (other.except_type is None or same)


def _recipients(known: Known, one: Recipients, other: Recipients) -> bool:
    if one.over < other.over:
        return False
    if other.circle is None or one.circle == other.circle:
        return True
    return one.circle is not None and _circles(known, one.circle, other.circle)


def _logins(one: Authenticated, other: Authenticated) -> bool:
    if other.anybody is not None:
        return other.anybody and one.anybody is not False
    return bool(one.users) and set(one.users) <= set(other.users)


_Test = Callable[[Known, Any, Any], bool]
_ENTAILS: dict[type[Condition], _Test] = {
    Recipient: lambda known, one, other: _circles(known, one.circle, other.circle),
    Sender: lambda known, one, other: _circles(known, one.circle, other.circle),
    Finds: _finds,
    Recipients: _recipients,
    MessageSize: lambda _, one, other: one.over >= other.over,
    Attachment: lambda _, one, other: _attachments(one, other),
    Subject: lambda _, one, other: _text(one.test, other.test),
    Header: lambda _, one, other: one.name.lower() == other.name.lower() and _text(one.test, other.test),
    Opaque: lambda _, one, other: _opaque(one, other),
    Ambiguous: lambda _, one, other: _reasons(one.reason, other.reason),
    Failure: lambda _, one, other: _reasons(one.kind, other.kind),
    Authenticated: lambda _, one, other: _logins(one, other),
}
_EXCLUDES: dict[type[Condition], _Test] = {
    Recipient: lambda known, one, other: _circles_exclude(known, one.circle, other.circle),
    Sender: lambda known, one, other: _circles_exclude(known, one.circle, other.circle),
    Direction: lambda _, one, other: one.wanted != other.wanted,
    Stream: lambda _, one, other: one.wanted != other.wanted,
    Coverage: lambda _, one, other: one.complete is not other.complete,
    Encrypted: lambda _, one, other: one.wanted is not other.wanted,
    Subject: lambda _, one, other: _text_excludes(one.test, other.test),
    Header: lambda _, one, other: one.name.lower() == other.name.lower() and _text_excludes(one.test, other.test),
    Authenticated: lambda _, one, other: one.anybody is False and other.anybody is not False,
}
