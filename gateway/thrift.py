"""Giving back memory: reading rules or a large message takes far more of it than they leave."""

import ctypes
from functools import cache
from typing import Any


def give_back() -> None:
    """To the system what is free and the C library keeps for later; milliseconds. Nothing where it cannot (musl)."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    """malloc_trim(3)."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
