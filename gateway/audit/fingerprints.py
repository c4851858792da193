"""Which values an event says were in a message: whole fingerprints of the first, the beginnings of those of the others.

Twelve hexadecimal digits are enough to find one again (among ten million values another has the same once in thirty
million searches), and a list of two thousand people is 30 KB.
"""

from collections.abc import Collection, Iterable, Mapping

WHOLE, MOST = 20, 2_000  # fingerprints of one entity in one event
SHORT = 12  # hexadecimal digits


def named(fingerprints: Iterable[str]) -> dict[str, object]:
    """The fields of one entity. `distinct` counts all values; `further` is there only where there are many."""
    distinct = list(dict.fromkeys(fingerprints))
    further = [each[:SHORT] for each in distinct[WHOLE:MOST]]
    fields: dict[str, object] = {"distinct": len(distinct), "fingerprints": distinct[:WHOLE]}
    return {**fields, "further": further} if further else fields


def carries(entity: Mapping[str, object], wanted: Collection[str]) -> bool:
    """Whether these fields name one of the wanted fingerprints."""
    whole, further = (_texts(entity.get(name)) for name in ("fingerprints", "further"))
    return any(each in whole or each[:SHORT] in further for each in wanted)


def is_cut(entity: Mapping[str, object]) -> bool:
    """Whether there were more values than these fields name."""
    distinct = entity.get("distinct")
    return isinstance(distinct, int) and distinct > MOST


def _texts(value: object) -> frozenset[str]:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
