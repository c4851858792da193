"""Keys and lanes that are found elsewhere, asked for when a rule wants a recipient's mail encrypted.

Never at RCPT: a look-up begins after the message was read and a rule asked for encryption, and has a deadline. What
comes later ends in the book, for the next message. Every answer holds for a time, "there is none" and "nobody answered"
too.
"""

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.domains import domain_of, is_host_name
from gateway.keys.book import KeyBook
from gateway.keys.fetching import NotThere, fetch
from gateway.keys.intake import Intake
from gateway.keys.ldap import DirectoryServer
from gateway.keys.mta_sts import StsPolicy, read_policy
from gateway.keys.names import Resolver
from gateway.keys.probe import Probe, probe
from gateway.keys.records import Answer, DomainLane, Lane, Source, form
from gateway.keys.wkd import addresses_of_key

HOLDS = {"yes": timedelta(days=1), "no": timedelta(hours=6), "failed": timedelta(minutes=15)}
LARGEST_KEY = 1 << 20
MOST_KEYS = 5  # of one answer, those for the address first: each costs a check, a row and an event
LARGEST_POLICY = 65_536  # RFC 8461 section 3.2
MOST_SERVERS = 5  # of one domain that are looked at
PROGRESS_SECONDS = 2.0
AT_ONCE = 8
MOST_WAITING = 1_000  # look-ups under way or waiting: more are not begun
OF_ADDRESSES = (Source.LDAP, Source.SMIMEA, Source.WKD)
OF_DOMAINS = (Source.DANE, Source.MTA_STS, Source.PROBE)


@dataclass(frozen=True, slots=True)
class Reach:
    """How the world is asked."""

    resolver: Resolver
    seconds: float  # of one connection
    helo: str
    smtp_port: int = 25
    https: ssl.SSLContext | None = None
    ldap: DirectoryServer | None = None
    smtp: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context)


class _None(Exception):
    """The source answered: there is none. Its text says why, in plain words."""


class Lookup:
    """Safe for many threads. Raises StoreUnavailable."""

    def __init__(self, book: KeyBook, intake: Intake, sources: Sequence[Source], reach: Reach, deadline: float) -> None:
        """`deadline` in seconds, of one message."""
        self._deadline = deadline
        self._book = book
        self._intake = intake
        self._sources = frozenset(sources)
        self._reach = reach
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")
        self._lock = threading.Lock()
        self._running: dict[tuple[str, Source], Future[str]] = {}

    def look_up(self, addresses: Iterable[str], progress: Callable[[], None]) -> bool:
        """Ask every source whose last answer has run out, until the deadline. True: something was found."""
        futures = [self._begun(subject, source) for subject, source in self._due(addresses)]
        under_way = {future for future in futures if future is not None}
        until = time.monotonic() + self._deadline
        while under_way and (left := until - time.monotonic()) > 0:
            _, under_way = wait(under_way, timeout=min(left, PROGRESS_SECONDS))
            progress()
        return any(f is not None and f.done() and f.exception() is None and f.result() == "yes" for f in futures)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _due(self, addresses: Iterable[str]) -> list[tuple[str, Source]]:
        forms = [known for address in addresses if (known := form(address)) and known.isascii()]
        forms = [known for known in forms if is_host_name(domain_of(known))]  # addresses of pages are made of it
        domains = [domain_of(known) for known in forms]
        asked = [(known, source) for known in forms for source in OF_ADDRESSES if source in self._sources]
        asked += [(domain, source) for domain in domains for source in OF_DOMAINS if source in self._sources]
        if not asked:
            return []
        now = self._book.clock()
        answers = self._book.answers_of({subject for subject, _ in asked})
        fresh = {(answer.subject, answer.source) for answer in answers if now < answer.expires}
        return [one for one in dict.fromkeys(asked) if one not in fresh]

    def _begun(self, subject: str, source: Source) -> "Future[str] | None":
        """One look-up at a time for the same question; None where too many wait."""
        with self._lock:
            running = self._running.get((subject, source))
            if running is not None or len(self._running) >= MOST_WAITING:
                return running
            future = self._pool.submit(self._ask, subject, source)
            self._running[subject, source] = future
        future.add_done_callback(lambda _: self._ended(subject, source))
        return future

    def _ended(self, subject: str, source: Source) -> None:
        with self._lock:
            self._running.pop((subject, source), None)

    def _ask(self, subject: str, source: Source) -> str:
        ask = {
            Source.LDAP: self._ldap,
            Source.SMIMEA: self._smimea,
            Source.WKD: self._wkd,
            Source.DANE: self._dane,
            Source.MTA_STS: self._mta_sts,
            Source.PROBE: self._probe,
        }[source]
        holds: timedelta | None = None
        try:
            found, reason, holds = "yes", *ask(subject)
        except _None as none:
            found, reason = "no", str(none)
        except OSError as error:
            found, reason = "failed", str(error) or "it does not answer"
        now = self._book.clock()
        self._book.put_answer(Answer(subject, source, found, reason, now, now + (holds or HOLDS[found])))
        return found

    # Keys of addresses

    def _wkd(self, address: str) -> tuple[str, timedelta | None]:
        for place in addresses_of_key(address):
            try:
                octets = fetch(place, LARGEST_KEY, self._reach.seconds, self._reach.https)
            except NotThere:
                continue
            return self._taken(octets, Source.WKD, address)
        raise _None("its domain has no key for it")

    def _ldap(self, address: str) -> tuple[str, timedelta | None]:
        server = self._reach.ldap
        found = server.certificates(address, self._reach.seconds) if server is not None else []
        if not found:
            raise _None("the directory server has no certificate for it")
        told = [self._taken(octets, Source.LDAP, address)[0] for octets in found]
        return "; ".join(dict.fromkeys(told)), None

    def _smimea(self, address: str) -> tuple[str, timedelta | None]:
        """RFC 8162. Full certificates of the end entity alone (3 0 0): others say nothing to encrypt with."""
        local, _, domain = address.rpartition("@")
        name = hashlib.sha256(local.encode()).hexdigest()[:56]
        answer = self._reach.resolver.ask(f"{name}._smimecert.{domain}", "SMIMEA")
        if not answer.records:
            raise _None("DNS has no certificate for it")
        if not answer.validated:
            raise _None("DNS has a certificate for it, but the answer is not validated by DNSSEC")
        usable = [words[3:] for record in answer.records if (words := record.split())[:3] == ["3", "0", "0"]]
        if not usable:
            raise _None("DNS has only digests of certificates for it")
        return self._taken(bytes.fromhex("".join(usable[0])), Source.SMIMEA, address)

    def _taken(self, octets: bytes, source: Source, address: str) -> tuple[str, timedelta | None]:
        keys = self._intake.take(octets, source, [address], most=MOST_KEYS)
        if not keys:
            raise _None("what it gave is no key")
        return "; ".join(key.reason or key.state.value for key in keys), None

    # Lanes of domains

    def _dane(self, domain: str) -> tuple[str, timedelta | None]:
        """RFC 7672: the names of the servers and the digests of their keys, both signed, for every server."""
        servers, validated = self._reach.resolver.servers_of(domain)
        if not servers:
            raise _None("it takes no mail")
        if not validated:
            raise _None("its mail servers are not validated by DNSSEC")
        for server in servers[:MOST_SERVERS]:
            answer = self._reach.resolver.ask(f"_25._tcp.{server}", "TLSA")
            if not answer.validated or not any(record.startswith(("2 ", "3 ")) for record in answer.records):
                raise _None(f"{server} has no validated TLSA record")
        return self._lane(domain, Lane.DANE_ONLY, Source.DANE, "", HOLDS["yes"])

    def _mta_sts(self, domain: str) -> tuple[str, timedelta | None]:
        """RFC 8461. Postfix does not know these policies; the lane is what it can hold by itself."""
        told = self._reach.resolver.ask(f"_mta-sts.{domain}", "TXT")
        if not any(record.strip('"').startswith("v=STSv1") for record in told.records):
            raise _None("it has no policy")
        address = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
        policy = read_policy(fetch(address, LARGEST_POLICY, self._reach.seconds, self._reach.https))
        if policy is None or policy.mode != "enforce":
            raise _None("its policy does not say enforce")
        seen = self._probed(domain, policy)
        age = min(timedelta(seconds=policy.max_age), HOLDS["yes"])
        return self._lane(domain, _lane_for(domain, seen), Source.MTA_STS, seen[0].words, age)

    def _probe(self, domain: str) -> tuple[str, timedelta | None]:
        seen = self._probed(domain, None)
        return self._lane(domain, _lane_for(domain, seen), Source.PROBE, seen[0].words, HOLDS["yes"])

    def _probed(self, domain: str, policy: StsPolicy | None) -> list[Probe]:
        """Every server of a domain; one of them without valid TLS and the domain has none."""
        servers, _ = self._reach.resolver.servers_of(domain)
        if not servers:
            raise _None("it takes no mail")
        seen = []
        for server in servers[:MOST_SERVERS]:
            if policy is not None and not policy.covers(server):
                raise _None(f"its policy does not cover its server {server}")
            reach = self._reach
            found = probe(server, reach.smtp_port, reach.helo, reach.seconds, reach.smtp())
            if not found.starttls or not found.valid:
                raise _None(f"{server}: {found.words}")
            seen.append(found)
        return seen

    def _lane(
        self, domain: str, lane: Lane, source: Source, reason: str, holds: timedelta
    ) -> tuple[str, timedelta | None]:
        self._book.put_lane(DomainLane(domain, lane, source, reason, expires=self._book.clock() + holds))
        return lane.value, holds


def _lane_for(domain: str, seen: Sequence[Probe]) -> Lane:
    """`secure` wants certificates for the domain itself; those of most providers are for their own names."""
    return Lane.SECURE if all(found.is_for(domain) for found in seen) else Lane.ENCRYPT
