"""List files: one entry a line.

    dr.lee@practice.example since 2026-02-01 until 2027-01-31   # referring physician, agreement BA-0003
    include lists/more-partners.txt

`since` and `until` are the first and the last day of an entry; `#` starts a comment, which is the reason of the entry
before it; `include` takes in all that another list has.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from gateway.core.errors import Fault
from gateway.documents.build import INVISIBLE
from gateway.policy.lists import AddressList, Entry, canonical, sort_of

LIST_NAME = re.compile(r"lists/[A-Za-z0-9._-]+\.txt")

_LINE = re.compile(r"(?P<entry>\S+)(?:\s+since\s+(?P<since>\S+))?(?:\s+until\s+(?P<until>\S+))?")
_INCLUDE = re.compile(r"include\s+(?P<name>\S+)")
_COMMENT = re.compile(r"(?:^|\s)#(?P<reason>.*)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHAPE = "one entry a line; a comment starts with #, dates are written: since 2026-01-01 until 2030-12-31"

# The list of that name, taken in by the one that is being read; None and a fault where that cannot be.
Include = Callable[[str, Callable[[str, str], None]], AddressList | None]


def _nothing(name: str, note: Callable[[str, str], None]) -> AddressList | None:
    note(f'there is no list "{name}"', "write out its entries")
    return None


def read_list(name: str, text: str, file: str, faults: list[Fault], include: Include = _nothing) -> AddressList:
    """A list file; what is wrong in it goes into `faults`, with its line."""
    return AddressList(name, tuple(_entries(name, text, file, faults, include)))


def _entries(name: str, text: str, file: str, faults: list[Fault], include: Include) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), start=1):
        said = _COMMENT.sub("", line).strip()
        if not said:
            continue
        comment = _COMMENT.search(line)
        column = line.index(said) + 1

        def note(problem: str, remedy: str, place: tuple[int, int] = (number, column)) -> None:
            faults.append(Fault(file, *place, name, problem, remedy))

        if taken := _INCLUDE.fullmatch(said):
            other = include(taken["name"], note)
            yield from other.entries if other else ()
        else:
            entry = _entry(said, comment["reason"].strip() if comment else "", file, number, note)
            if entry is not None:
                yield entry


def _odd(said: str) -> tuple[str, str] | None:
    """What people write out of habit, and what to write instead; None where there is nothing of the kind."""
    if found := INVISIBLE.search(said):
        return f"an invisible character (U+{ord(found[0]):04X})", "type the entry anew"
    if said[0] in "-\u2022\u2013*" and said[1:2].isspace():
        return "a dash or bullet before the entry", f"leave it out: {_SHAPE}"
    if said.startswith("//"):
        return "a comment that does not start with #", _SHAPE
    if found := re.search(r"<([^<>\s]+@[^<>\s]+)>", said):
        return "a name beside the address", f"write the address alone, and the name as a comment: {found[1]}  # …"
    if said[0] in "\"'" or said.lower().startswith(("mailto:", "http:", "https:", "@", "*@")):
        return "more than the address or domain", "write a@partner.example, partner.example or *.partner.example alone"
    return None


def _entry(said: str, reason: str, file: str, line: int, note: Callable[[str, str], None]) -> Entry | None:
    if odd := _odd(said):
        note(*odd)
        return None
    shape = _LINE.fullmatch(said)
    if shape is None:
        note("more than one entry on the line", _SHAPE)
        return None
    text, sort = shape["entry"], sort_of(shape["entry"])
    if sort is None:
        note(f'"{text}" is neither an address nor a domain', "write an address, a domain, *.domain or a user's name")
        return None
    days = {word: _day(shape[word]) for word in ("since", "until") if shape[word] is not None}
    for word, day in days.items():
        if day is None:
            note(f'"{shape[word]}" is not a date', "write year-month-day, for example 2030-12-31")
            return None
    since, until = days.get("since"), days.get("until")
    if since and until and until < since:
        note(f"the entry ends on {until}, before it begins on {since}", "put the two dates right")
        return None
    return Entry(canonical(text, sort), sort, since, until, reason, file, line)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
