"""Giving memory back, and taking less of it: rules and large messages take far more than they leave."""

import ctypes
from functools import cache
from typing import Any

_ARENA_MAX = -8  # M_ARENA_MAX of mallopt(3)


def give_back() -> None:
    """To the system what is free and the C library keeps for later; milliseconds. Nothing where it cannot (musl)."""
    trim = _trim()
    if trim is not None:
        trim(0)


def share_one_arena() -> None:
    """Keep what all threads take in one place: each would keep some of its own, and Python lets one run at a time.

    To be called before there are threads. Nothing where the C library has no such places (musl).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


@cache
def _trim() -> Any:
    """malloc_trim(3)."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
