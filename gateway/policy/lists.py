"""Lists of people and places: the organisation's own domains, trusted partners, users, who consented to what.

An entry is an address, a domain (that domain alone), `*.domain` (all below it, not itself) or a user's name, for ever
or from one day to another. The day is that of the message, never that of loading.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from gateway.domains import domain_of

_LABEL = r"[^\s@.,;:<>\"'()%!/*]+"
DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
ADDRESS = re.compile(rf"[^\s@<>()\"%!*,;:]+@{_LABEL}(?:\.{_LABEL})*")
_USER = re.compile(r"[^\s@.,;:<>\"'()%!/*]+")
_ROUTED = frozenset("%!@")

Sort = Literal["address", "domain", "below", "user"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list, in the form in which it is compared. `since` and `until` include their day."""

    text: str = field(repr=False)
    sort: Sort
    since: date | None = None
    until: date | None = None
    reason: str = field(repr=False, compare=False, default="")
    file: str = field(compare=False, default="")
    line: int = field(compare=False, default=0)

    def is_in_force(self, day: date | None) -> bool:
        """Whether it counts on that day; without a day, whatever its dates say."""
        return day is None or ((self.since is None or self.since <= day) and (self.until is None or day <= self.until))


_Found = tuple[Entry, ...]
_NOTHING: _Found = ()


@dataclass(frozen=True, slots=True)
class AddressList:
    """Who is on a list. `name` is how rules call it. Questions without a day leave the dates of entries aside."""

    name: str
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    _by_text: Mapping[tuple[Sort, str], _Found] = field(init=False, repr=False, compare=False)
    _has_below: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_text: dict[tuple[Sort, str], _Found] = {}
        for entry in self.entries:
            key = (entry.sort, entry.text)
            by_text[key] = (*by_text.get(key, _NOTHING), entry)
        object.__setattr__(self, "_by_text", by_text)
        object.__setattr__(self, "_has_below", any(entry.sort == "below" for entry in self.entries))

    def covers(self, address: str, day: date | None = None) -> bool:
        """Whether an addr-spec is on the list, by itself or by its domain.

        A domain never speaks for an address that asks for another route (`a%other.example@clinic.example`,
        `other.example!a@clinic.example`): Postfix may take it there (allow_percent_hack, swap_bangpath).
        """
        local, _, _ = address.rpartition("@")
        if not local:
            return False
        domain = domain_of(address)
        if self._has("address", f"{local.lower()}@{domain}", day):
            return True
        return _ROUTED.isdisjoint(local) and self._covers_domain(domain, day)

    def names_user(self, login: str, day: date | None = None) -> bool:
        """Whether an authenticated user is on the list: by name, or by address where the login is one."""
        return self._has("user", login.lower(), day) or self.covers(login, day)

    def consents(self, address: str, day: date) -> bool:
        """Whether this very address has an entry that says since when, and is in force on that day."""
        local, _, _ = address.rpartition("@")
        found = self._by_text.get(("address", f"{local.lower()}@{domain_of(address)}"), _NOTHING)
        return any(entry.since is not None and entry.is_in_force(day) for entry in found)

    def _covers_domain(self, domain: str, day: date | None) -> bool:
        if self._has("domain", domain, day):
            return True
        while self._has_below and domain:
            _, _, domain = domain.partition(".")
            if self._has("below", domain, day):
                return True
        return False

    def _has(self, sort: Sort, text: str, day: date | None) -> bool:
        return any(entry.is_in_force(day) for entry in self._by_text.get((sort, text), _NOTHING))


def sort_of(entry: str) -> Sort | None:
    """What an entry is; None where it is nothing that a list may have."""
    if "@" in entry:
        return "address" if ADDRESS.fullmatch(entry) else None
    if entry.startswith("*."):
        return "below" if DOMAIN.fullmatch(entry[2:]) else None
    if DOMAIN.fullmatch(entry):
        return "domain"
    return "user" if _USER.fullmatch(entry) else None


def canonical(entry: str, sort: Sort) -> str:
    """An entry in the form in which it is compared."""
    if sort == "address":
        return f"{entry.rpartition('@')[0].lower()}@{domain_of(entry)}"
    if sort == "user":
        return entry.lower()
    return domain_of("@" + entry.removeprefix("*."))


def address_list(name: str, entries: Iterable[str]) -> AddressList:
    """A list of well-formed entries without dates; others are left out."""
    sorted_out = ((text, sort) for text in entries if (sort := sort_of(text)) is not None)
    return AddressList(name, tuple(Entry(canonical(text, sort), sort) for text, sort in sorted_out))
