"""Repetition in expressions of `re` that costs no memory, however often it repeats.

While a group repeats, `re` keeps some 450 bytes for each time (CPython 3.11), for going back, and lets go of them only
when an atomic group around it ends: a tag of a million attributes takes half a gigabyte. Atomic groups of so many
repetitions each keep that small. Possessive repetition of a group would do it too, but Debian 12's Python gets it wrong
(CPython's issue 106052).
"""

_AT_ONCE = 1_000


def any_number(pattern: str) -> str:
    """`pattern`, which must not match nothing, as often as it goes, or not at all; none of it is given back."""
    return rf"(?>(?:(?>(?:{pattern}){{1,{_AT_ONCE}}}))*)"
