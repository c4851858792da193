"""What stands near the values of one text."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import merge

from gateway.core.detector import Confidence
from gateway.detect.context import NOWHERE, ContextSearch, Places
from gateway.detect.patterns import CompiledPattern
from gateway.detect.resolve import PASSAGE
from gateway.detect.text import FoldedText


class Nearness:
    """Of one text: context words, looked for where a value asks for them, and what was found of groups."""

    def __init__(self, text: FoldedText, gates: Mapping[str, int], occurring: frozenset[int]) -> None:
        self._text = text
        self._gates = gates
        self._occurring = occurring
        self._places: dict[str, Places] = {}
        self._found: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        self._sure: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        self._of_groups: dict[frozenset[str], Places] = {}
        self._innermost: dict[str, Places] = {}

    def add(self, groups: Collection[str], start: int, end: int, confidence: Confidence) -> None:
        """A finding of these groups stands at the bytes [start, end). All are to be added before any is asked for.

        A passage in doubt is no company for anything, and none is known content of another.
        """
        if PASSAGE in groups and confidence <= Confidence.LOW:
            return
        for group in groups:
            self._found[group].add((start, end))
            if confidence > Confidence.LOW and PASSAGE not in groups:
                self._sure[group].add((start, end))

    def holds(self, group: str, start: int, end: int) -> bool:
        """Whether a finding of medium confidence of that group, but no passage, lies within these bytes."""
        known = self._innermost.get(group)
        if known is None:
            known = self._innermost[group] = _innermost(self._sure[group])
        index = bisect_left(known.starts, start)
        return index < len(known.ends) and known.ends[index] <= end

    def of_groups(self, groups: frozenset[str]) -> Places:
        """Findings of any of these groups, those within or across an earlier one left out."""
        known = self._of_groups.get(groups)
        if known is None:
            known = self._of_groups[groups] = _apart(sorted(set().union(*(self._found[group] for group in groups))))
        return known

    def occurs(self, search: ContextSearch) -> bool:
        """Whether there can be context of this kind at all, as far as is known without looking for its words."""
        if self._gates.get(search.expression) in self._occurring:
            return True
        return bool(self._found) and any(self._found.get(group) for group in search.groups)

    def places(self, search: ContextSearch) -> Places:
        known = self._places.get(search.expression)
        if known is None:
            gate = self._gates.get(search.expression)
            occurs = gate is None or gate in self._occurring
            known = search.places(self._text.octets) if occurs else NOWHERE
            self._places[search.expression] = known
        return known

    def unfinished(self) -> list[str]:
        """The searches with too many context words to look at all of them."""
        return [expression for expression, places in self._places.items() if not places.complete]

    def spans(self, search: ContextSearch, pattern: CompiledPattern) -> Iterator[tuple[int, int]]:
        """The values of a pattern in the surroundings of its context."""
        places = self.places(search)
        if search.groups and (found := self.of_groups(search.groups)).starts:
            both = merge(*(zip(p.starts, p.ends, strict=True) for p in (places, found)))
            places = _apart(both)
        for low, high in search.windows(self._text, places):
            yield from pattern.spans(self._text.octets, low, high)

    def words(self, search: ContextSearch | None, start: int, end: int) -> str:
        """The context nearest to a value, in plain words; "" where there is none."""
        if search is None:
            return ""
        near = search.nearest(self._text, self.places(search), start, end)
        if not near and search.groups:
            what = f"{' or '.join(sorted(search.groups))} content"
            near = search.nearest(self._text, self.of_groups(search.groups), start, end, what)
        return near


def _apart(spans: Iterable[tuple[int, int]]) -> Places:
    """Spans in order; those that begin before the last one ends are left out."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in spans:
        if not ends or start >= ends[-1]:
            starts.append(start)
            ends.append(end)
    return Places(starts, ends)


def _innermost(spans: Iterable[tuple[int, int]]) -> Places:
    """Spans in order, without those that hold another: so their ends are in order too."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (-span[0], span[1])):
        if not kept or end < kept[-1][1]:
            kept.append((start, end))
    kept.reverse()
    return Places([start for start, _ in kept], [end for _, end in kept])
