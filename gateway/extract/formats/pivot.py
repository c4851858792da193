"""What a pivot table keeps of the rows that it was made of (ECMA-376 part 1, 18.10): all of them, shown or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.core.message import View
from gateway.extract.budget import Budget
from gateway.extract.formats.items import Item, Text
from gateway.extract.formats.labelled import labelled
from gateway.extract.formats.xmlread import parse_xml

ROOTS = frozenset({"pivotCacheDefinition", "pivotCacheRecords"})
_VALUES = frozenset({"s", "n", "d", "b", "e", "m"})
_MOST_ROWS = 200_000


@dataclass(slots=True)
class _Cache:
    """The fields of a definition with the values that they share, or the rows of some records."""

    names: list[str] = field(default_factory=list)
    shared: list[list[str]] = field(default_factory=list)
    rows: list[list[tuple[str, str]]] = field(default_factory=list)  # kind and value of each cell


def read_pivots(parts: Sequence[bytes], budget: Budget) -> Iterator[Item]:
    """The rows of all caches of a workbook as tables, each under the headings that it may have. Raises Unreadable."""
    caches = [_read(octets) for octets in parts]
    definitions = [cache for cache in caches if cache.names]
    for records in caches:
        fitting = [one for one in definitions if records.rows and len(records.rows[0]) == len(one.names)]
        for definition in fitting or [_Cache()] if records.rows else ():
            budget.check_time()  # many of the one by many of the other
            yield from _table(definition, records)


def _table(definition: _Cache, records: _Cache) -> Iterator[Item]:
    rows = [definition.names] if definition.names else []
    rows += [[_value(definition, column, *cell) for column, cell in enumerate(row)] for row in records.rows]
    yield Text("\n".join("\t".join(row) for row in rows), View.ALL)
    beside = labelled(rows)
    if beside:
        yield Text(beside, View.ALL)


def _value(definition: _Cache, column: int, kind: str, value: str) -> str:
    if kind != "x":
        return value
    shared = definition.shared[column] if column < len(definition.shared) else []
    return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""


def _read(octets: bytes) -> _Cache:
    cache = _Cache()

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "cacheField":
            cache.names.append(attributes.get("name", ""))
            cache.shared.append([])
        elif local == "r" and len(cache.rows) < _MOST_ROWS:
            cache.rows.append([])
        elif local in _VALUES or local == "x":
            if cache.rows:
                cache.rows[-1].append((local, attributes.get("v", "")))
            elif cache.shared:
                cache.shared[-1].append(attributes.get("v", ""))

    parse_xml(octets, start, None, None)
    return cache
