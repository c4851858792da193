"""What stands near the values of one text."""

from collections.abc import Iterator, Mapping

from gateway.detect.context import NOWHERE, ContextSearch, Places
from gateway.detect.patterns import CompiledPattern
from gateway.detect.text import FoldedText


class Nearness:
    """The context words of one text, looked for once and only where a value asks for them."""

    def __init__(self, text: FoldedText, gates: Mapping[str, int], occurring: frozenset[int]) -> None:
        self._text = text
        self._gates = gates
        self._occurring = occurring
        self._places: dict[str, Places] = {}

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
        """The values of a pattern in the surroundings of its context words."""
        for low, high in search.windows(self._text, self.places(search)):
            yield from pattern.spans(self._text.octets, low, high)

    def words(self, search: ContextSearch | None, start: int, end: int) -> str:
        """The context nearest to a value, in plain words; "" where there is none."""
        if search is None:
            return ""
        return search.nearest(self._text, self.places(search), start, end)
