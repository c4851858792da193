"""What would be used for a recipient, and why: the judgement over what the book holds.

Asked before each decision, so it looks nowhere but into the store: what has to be fetched is fetched by `lookup`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.verdict import Means, Method
from gateway.domains import domain_of
from gateway.keys.book import KeyBook
from gateway.keys.material import Key, Signer, SigningKey
from gateway.keys.own import OwnKeys
from gateway.keys.records import DomainLane, Lane, RecipientKey, Source, form, patterns_of

SUREST = tuple(Source)  # who decides about an address or a domain


@dataclass(frozen=True, slots=True)
class Explained:
    """One way to reach a recipient: whether it would be used, and why or why not."""

    method: Method
    usable: bool
    words: str
    fingerprint: str = ""
    manner: str = ""


class Directory:
    """Safe for many threads. Everything raises StoreUnavailable."""

    def __init__(
        self, book: KeyBook, own: OwnKeys, lanes: Callable[[], Mapping[str, str]], *, portal: bool = False
    ) -> None:
        """`lanes` are those that Postfix is said to have; a word with one says why it does not count all the same.

        `portal`: there is one, and everybody who has an address can be reached by it.
        """
        self.lanes = lanes
        self._portal = portal
        self._book = book
        self._own = own

    def means(self, addresses: Iterable[str]) -> dict[str, tuple[Means, ...]]:
        """How each of them can be reached protected, now; who cannot is left out. As they were written."""
        now = self._book.clock()
        forms = {address: form(address) for address in addresses}
        keys = self._usable_keys([known for known in forms.values() if known], now)
        lanes = self._lanes([domain_of(address) for address in forms], now)
        found: dict[str, tuple[Means, ...]] = {}
        for address, known in forms.items():
            ways = [Means(key.method, key.manner) for key in keys.get(known, {}).values()]
            lane = lanes.get(domain_of(address))
            if lane is not None and known:
                ways.append(Means(Method.TLS, lane.lane.value))
            if self._portal and known:
                ways.append(Means(Method.PORTAL))
            if ways:
                found[address] = tuple(ways)
        return found

    def certificate(self, address: str) -> Key | None:
        """The certificate to encrypt with for this address now."""
        return self._one(address, Method.SMIME)

    def openpgp(self, address: str) -> Key | None:
        """The OpenPGP key to encrypt with for this address now."""
        return self._one(address, Method.PGP)

    def signer(self) -> Signer | None:
        """The organization's certificate to sign with."""
        return self._own.signer()

    def signing_key(self) -> SigningKey | None:
        """The organization's OpenPGP key to sign with."""
        return self._own.signing_key()

    def explain(self, address: str) -> list[Explained]:
        """Every way there might be, in the order of the methods."""
        now, known = self._book.clock(), form(address)
        if not known:
            return [Explained(Method.TLS, usable=False, words="this is no address of one mailbox at one domain")]
        told, used = [], self._usable_keys([known], now).get(known, {})
        for key in self._book.keys_of([known]):
            words = key.why_not(now) or f"{_source_words(key.source)}{_until(key.not_after)}"
            is_used = key == used.get(key.method)
            if not is_used and not key.why_not(now):
                words += ": another is used, of a surer source or newer"
            told.append(Explained(key.method, is_used, words, key.fingerprint, key.manner))
        told += self._lane_words(domain_of(address), now)
        if self._portal:
            told.append(Explained(Method.PORTAL, usable=True, words="the message waits here, a link to it is mailed"))
        order = list(Method)
        return sorted(told, key=lambda way: (order.index(way.method), not way.usable))

    def expiries(self) -> dict[str, tuple[int, datetime | None]]:
        """For each kind of key how many are in use, and when the first expires."""
        now = self._book.clock()
        ends: dict[str, list[datetime | None]] = {
            f"{who}-{m}": [] for who in ("own", "recipient") for m in ("smime", "pgp")
        }
        for key in self._own.list():
            if key.state == "active" and (key.not_after is None or now < key.not_after):
                ends[f"own-{key.method.value}"].append(key.not_after)
        for known in self._book.all_keys():
            if not known.why_not(now):
                ends[f"recipient-{known.method.value}"].append(known.not_after)
        return {kind: (len(all_), min(filter(None, all_), default=None)) for kind, all_ in ends.items()}

    def _one(self, address: str, method: Method) -> Key | None:
        known = form(address)
        key = self._usable_keys([known], self._book.clock()).get(known, {}).get(method) if known else None
        return Key(key.fingerprint, key.material) if key else None

    def _usable_keys(self, forms: Sequence[str], now: datetime) -> dict[str, dict[Method, RecipientKey]]:
        """For each address and method the usable key of the surest source, the newest of several."""
        usable = [key for key in self._book.keys_of(forms) if not key.why_not(now)]
        found: dict[str, dict[Method, RecipientKey]] = {}
        for key in sorted(usable, key=lambda key: SUREST.index(key.source)):
            found.setdefault(key.address, {}).setdefault(key.method, key)
        return found

    def _lanes(self, domains: Sequence[str], now: datetime) -> Mapping[str, DomainLane]:
        wanted = {domain: patterns_of(domain) for domain in domains if domain}
        known: dict[str, list[DomainLane]] = {}
        for lane in self._book.lanes_of(pattern for patterns in wanted.values() for pattern in patterns):
            if lane.expires is None or now < lane.expires:
                known.setdefault(lane.domain, []).append(lane)
        chosen = {domain: _chosen(patterns, known) for domain, patterns in wanted.items()}
        found = {domain: lane for domain, lane in chosen.items() if lane is not None}
        there = self.lanes() if found else {}
        return {domain: lane for domain, lane in found.items() if there.get(lane.lane.value) == ""}

    def _lane_words(self, domain: str, now: datetime) -> list[Explained]:
        patterns = patterns_of(domain)
        lanes = self._book.lanes_of(patterns)
        valid = [lane for lane in lanes if lane.expires is None or now < lane.expires]
        chosen = _chosen(
            patterns, {pattern: [lane for lane in valid if lane.domain == pattern] for pattern in patterns}
        )
        told, there = [], self.lanes()
        for lane in lanes:
            usable = lane is chosen and there.get(lane.lane.value) == ""
            words = f"{_source_words(lane.source)} for {lane.domain}{_until(lane.expires)}"
            if lane.reason:
                words += f": {lane.reason}"
            if lane.lane is Lane.NONE:
                words += ": TLS does not count as protection"
            elif lane.lane.value not in there:
                words += f": Postfix has no lane {lane.lane.value} (setting postfix.lanes)"
            elif problem := there[lane.lane.value]:
                words += f": Postfix does not have the lane {lane.lane.value}: {problem}"
            elif lane is not chosen:
                words += ": out of date" if lane not in valid else ": a surer source decides"
            told.append(Explained(Method.TLS, usable, words, manner=lane.lane.value))
        return told


def _chosen(patterns: Sequence[str], known: Mapping[str, list[DomainLane]]) -> DomainLane | None:
    """The surest source decides; of one source, the nearest name."""
    for source in SUREST:
        for pattern in patterns:
            for lane in known.get(pattern, ()):
                if lane.source is source:
                    return lane
    return None


def _until(when: datetime | None) -> str:
    return f", until {when:%Y-%m-%d}" if when else ""


def _source_words(source: Source) -> str:
    return {
        Source.MANUAL: "entered by an administrator",
        Source.LDAP: "from the directory server (LDAP)",
        Source.SMIMEA: "from DNS, validated (SMIMEA)",
        Source.WKD: "from the Web Key Directory of its domain",
        Source.AUTOCRYPT: "seen in mail (Autocrypt)",
        Source.DANE: "DNS says so, validated (DANE)",
        Source.MTA_STS: "its policy says so (MTA-STS)",
        Source.PROBE: "its mail servers were tried",
    }[source]
