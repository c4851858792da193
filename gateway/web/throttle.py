"""Who comes too often has to wait: after failures, and after requests that came faster than a program needs."""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

MOST_PLACES = 10_000


def place_of(client: str) -> str:
    """What counts as one client: an IPv4 address, or a network of IPv6 as one household has it.

    A listener on :: sees the first in the form of the second (RFC 4291 section 2.5.5.2): all of them in one network.
    """
    try:
        known = ip_address(client)
    except ValueError:
        return client
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network(f"{known}/64", strict=False))
    return client


class Throttle:
    """So many failures from one place in so many seconds; then nothing is tried. Forgets places that rest.

    Safe for many threads.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def is_full(self, place: str) -> bool:
        with self._lock:
            return self._is_full(place)

    def failed(self, place: str) -> None:
        with self._lock:
            if len(self._failures) >= MOST_PLACES:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(place, deque(maxlen=self._most)).append(self._clock())

    def rest(self, place: str) -> int:
        """Seconds until something is tried again for a place that is full."""
        with self._lock:
            failures = self._failures.get(place)
            if not failures or not self._is_full(place):
                return 0
            return max(1, math.ceil(failures[0] + self._seconds - self._clock()))

    def _is_full(self, place: str) -> bool:
        failures = self._failures.get(place)
        if failures is None:
            return False
        while failures and failures[0] < self._clock() - self._seconds:
            failures.popleft()
        return len(failures) >= self._most


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float
    strikes: int = 0
    until: float = 0.0


class Pace:
    """So many requests at once, and so many a second after that.

    Who is over that waits a second, and each time that it comes before its time, twice as long: a minute at most.
    """

    LONGEST = 60.0

    def __init__(self, burst: int, per_second: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._rate = per_second
        self._clock = clock
        self._known: dict[str, _Allowance] = {}
        self._lock = threading.Lock()

    def wait(self, who: str) -> int:
        """Whole seconds to wait; 0: go on, and it counts."""
        with self._lock:
            return self._wait(who, self._clock())

    def _wait(self, who: str, now: float) -> int:
        known = self._known.pop(who, None) or _Allowance(self._burst, now)
        if len(self._known) >= MOST_PLACES:
            self._known.pop(next(iter(self._known)))  # who was seen longest ago
        self._known[who] = known
        known.left = min(self._burst, known.left + (now - known.at) * self._rate)
        known.at = now
        if now < known.until or known.left < 1:
            seconds = min(self.LONGEST, 2.0**known.strikes)
            known.strikes += 1
            known.until = now + seconds
            return math.ceil(seconds)
        known.strikes = 0
        known.left -= 1
        return 0
