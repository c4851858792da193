"""What a report needs beside the log: names of rules, whom lists except, which keys are in use."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from gateway.keys import KeyBook, OwnKeys
from gateway.keys.own import ACTIVE
from gateway.policy import Policy
from gateway.policy.lists import AddressList
from gateway.report.quarterly import Allowance, KeyEnd
from gateway.store.members import Members

SHOWN = 5
BESIDE = ("partners", "marketing", "transactional")  # lists that policy.yaml names


def titles(policy: Policy) -> dict[str, str]:
    """What each rule is called."""
    return {rule.id: rule.title or rule.id for rule in policy.rules}


def allowances(policy: Policy) -> tuple[Allowance, ...]:
    """Every entry of the lists of partners, and every other entry that has an end: once, whoever asks for its list."""
    found: dict[tuple[str, int, str], Allowance] = {}
    for wanted, listed in _lists(policy):
        for entry in listed.entries:
            if wanted or entry.until is not None:
                name = Path(entry.file).stem or listed.name
                text = f"*.{entry.text}" if entry.sort == "below" else entry.text
                found[entry.file, entry.line, text] = Allowance(text, name, entry.since, entry.until, entry.reason)
    return tuple(found.values())


def key_ends(book: KeyBook, own: OwnKeys, now: datetime) -> tuple[KeyEnd, ...]:
    """Keys in use that have an end. Raises StoreUnavailable."""
    ours = [
        KeyEnd("the organization", k.method.value, k.not_after) for k in own.list() if k.state == ACTIVE and k.not_after
    ]
    theirs = [
        KeyEnd(key.address, key.method.value, key.not_after)
        for key in book.all_keys()
        if key.not_after is not None and not key.why_not(min(now, key.not_after))
    ]
    return (*ours, *theirs)


def logs_elsewhere(engine: sa.Engine, identity: str) -> str:
    """To be said behind what became of checking this gateway's log, where others have their own; "" where none has.

    `identity` of this gateway. Raises StoreUnavailable.
    """
    others = sorted(member.name for member in Members(engine).list() if member.id != identity and member.audit.seq)
    if not others:
        return ""
    more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
    return f"; this report is of one gateway alone, and there are other logs, of {', '.join(others[:SHOWN])}{more}"


def _lists(policy: Policy) -> Iterator[tuple[bool, AddressList]]:
    """With whether all of its entries count as exceptions."""
    for name in BESIDE:
        yield name == "partners", getattr(policy.organization, name)
    for rule in policy.rules:
        for _, condition in rule.when.clauses():
            yield from ((False, listed) for listed in _inside(condition))


def _inside(value: object) -> Iterable[AddressList]:
    if isinstance(value, AddressList):
        return (value,)
    if isinstance(value, tuple):
        return [listed for each in value for listed in _inside(each)]
    if is_dataclass(value) and not isinstance(value, type):
        return [listed for field in fields(value) for listed in _inside(getattr(value, field.name))]
    return ()
