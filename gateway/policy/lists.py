"""Lists of people and places: the organisation's own domains, trusted partners, users.

One entry a line: an address, a domain (that domain alone), `*.domain` (all below it, not itself) or a user's name.
`until YYYY-MM-DD` after an entry ends it after that day; `#` starts a comment.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from gateway.core.errors import Fault
from gateway.domains import domain_of

_LABEL = r"[^\s@.,;:<>\"'()%!/*]+"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_ADDRESS = re.compile(rf"[^\s@<>()\"%!*]+@{_LABEL}(?:\.{_LABEL})*")
_USER = re.compile(r"[^\s@.,;:<>\"'()%!/*]+")
_LINE = re.compile(r"(?P<entry>\S+)(?:\s+until\s+(?P<until>\S+))?")
_ROUTED = frozenset("%!@")

Sort = Literal["address", "domain", "below", "user"]


@dataclass(frozen=True, slots=True)
class AddressList:
    """Who is on a list. `name` is how rules call it."""

    name: str
    addresses: frozenset[str] = field(default=frozenset(), repr=False)
    domains: frozenset[str] = field(default=frozenset(), repr=False)
    below: frozenset[str] = field(default=frozenset(), repr=False)  # domains whose subdomains are meant
    users: frozenset[str] = field(default=frozenset(), repr=False)

    def covers(self, address: str) -> bool:
        """Whether an addr-spec is on the list, by itself or by its domain.

        A domain never speaks for an address that asks for another route (`a%other.example@clinic.example`,
        `other.example!a@clinic.example`): Postfix may take it there (allow_percent_hack, swap_bangpath).
        """
        local, _, _ = address.rpartition("@")
        if not local:
            return False
        domain = domain_of(address)
        if f"{local.lower()}@{domain}" in self.addresses:
            return True
        return _ROUTED.isdisjoint(local) and self._covers_domain(domain)

    def names_user(self, login: str) -> bool:
        """Whether an authenticated user is on the list: by name, or by address where the login is one."""
        return login.lower() in self.users or self.covers(login)

    def _covers_domain(self, domain: str) -> bool:
        if domain in self.domains:
            return True
        while self.below and domain:
            _, _, domain = domain.partition(".")
            if domain in self.below:
                return True
        return False


def sort_of(entry: str) -> Sort | None:
    """What an entry is; None where it is nothing that a list may have."""
    if "@" in entry:
        return "address" if _ADDRESS.fullmatch(entry) else None
    if entry.startswith("*."):
        return "below" if _DOMAIN.fullmatch(entry[2:]) else None
    if _DOMAIN.fullmatch(entry):
        return "domain"
    return "user" if _USER.fullmatch(entry) else None


def address_list(name: str, entries: Iterable[str]) -> AddressList:
    """A list of well-formed entries; others are left out."""
    sorts: dict[Sort, set[str]] = {"address": set(), "domain": set(), "below": set(), "user": set()}
    for entry in entries:
        sort = sort_of(entry)
        if sort is not None:
            sorts[sort].add(_canonical(entry, sort))
    return AddressList(
        name,
        addresses=frozenset(sorts["address"]),
        domains=frozenset(sorts["domain"]),
        below=frozenset(sorts["below"]),
        users=frozenset(sorts["user"]),
    )


def _canonical(entry: str, sort: Sort) -> str:
    if sort == "address":
        return f"{entry.rpartition('@')[0].lower()}@{domain_of(entry)}"
    if sort == "user":
        return entry.lower()
    return domain_of("@" + entry.removeprefix("*."))


def read_list(name: str, text: str, file: str, faults: list[Fault], *, today: date | None = None) -> AddressList:
    """A list file. Entries that ended before `today` are left out; without `today` nothing has ended."""
    return address_list(name, _entries(name, text, file, faults, today))


def _entries(name: str, text: str, file: str, faults: list[Fault], today: date | None) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        said = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if not said:
            continue
        column = line.index(said) + 1
        shape = _LINE.fullmatch(said)
        if shape is None:
            remedy = "one entry a line; a comment starts with #, an end date is written: until 2030-12-31"
            faults.append(Fault(file, number, column, name, "more than one entry on the line", remedy))
        elif sort_of(shape["entry"]) is None:
            remedy = "write an address, a domain, *.domain or a user's name"
            problem = f'"{shape["entry"]}" is neither an address nor a domain'
            faults.append(Fault(file, number, column, name, problem, remedy))
        elif shape["until"] is None:
            yield shape["entry"]
        else:
            end = _day(shape["until"])
            if end is None:
                problem = f'"{shape["until"]}" is not a date'
                faults.append(
                    Fault(file, number, column, name, problem, "write year-month-day, for example 2030-12-31")
                )
            elif today is None or end >= today:
                yield shape["entry"]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
