"""What reading the files of one message may cost. One Budget for the whole message, whatever is nested in what.

All of it is counted on real bytes, pages and pixels as they come; what a file declares of itself is not believed.
"""

from collections.abc import Callable

from gateway.core.limits import Limits
from gateway.core.message import OpaqueReason

_MIB = 1 << 20
RATIO_FROM = 4 * _MIB  # a smaller file may be as well compressed as it likes


class Unreadable(Exception):
    """A file, or the rest of it, cannot be read: `reason` says why."""

    def __init__(self, reason: OpaqueReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Budget:
    """Counts down. Every method raises Unreadable with its LIMIT_ reason when there is nothing left.

    `clock` gives seconds from anywhere; without one there is no limit on time.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] | None = None) -> None:
        self.limits = limits
        self._clock = clock
        self._end: float | None = None  # the clock starts with the first file
        self._unpacked = limits.unpacked_bytes
        self._entries = limits.entries
        self._pages = limits.pages
        self._pixels = limits.pixels

    @property
    def seconds_left(self) -> float:
        """Until the deadline; the whole time where no clock runs."""
        if self._clock is None:
            return float(self.limits.seconds)
        now = self._clock()
        if self._end is None:
            self._end = now + self.limits.seconds
        return self._end - now

    def check_time(self) -> None:
        if self.seconds_left < 0:
            raise Unreadable(OpaqueReason.LIMIT_SECONDS)

    def entry(self) -> None:
        """One more file inside another."""
        self.check_time()
        self._entries -= 1
        if self._entries < 0:
            raise Unreadable(OpaqueReason.LIMIT_ENTRIES)

    def unpacked(self, size: int) -> None:
        """So many bytes more came out of a file."""
        self._unpacked -= size
        if self._unpacked < 0:
            self._unpacked = 0
            raise Unreadable(OpaqueReason.LIMIT_UNPACKED)

    def ratio(self, packed: int, unpacked: int) -> None:
        """So many bytes of one file became so many."""
        if unpacked > RATIO_FROM and unpacked > self.limits.ratio * max(packed, 1):
            raise Unreadable(OpaqueReason.LIMIT_RATIO)

    def page(self) -> None:
        """One more page."""
        self.check_time()
        self._pages -= 1
        if self._pages < 0:
            raise Unreadable(OpaqueReason.LIMIT_PAGES)

    def pixels(self, count: int) -> None:
        """So many pixels more are to be decoded."""
        self.check_time()
        if count > self._pixels:
            raise Unreadable(OpaqueReason.LIMIT_PIXELS)
        self._pixels -= count
