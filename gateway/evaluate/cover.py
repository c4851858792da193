"""How much of a value is found: by letters and digits, since nobody cares about the dots and brackets around them."""

from collections.abc import Iterable, Sequence

from gateway.core.message import Span

HALF = 0.5


def share(text: str, span: Span, by: Iterable[Span]) -> float:
    """Which part of the letters and digits of `span` lies in any of the spans `by`; 0.0 to 1.0."""
    places = {place for place in range(span.start, min(span.end, len(text))) if text[place].isalnum()}
    if not places:
        return 0.0
    left = set(places)
    for other in by:
        left.difference_update(range(max(other.start, span.start), min(other.end, span.end)))
    return (len(places) - len(left)) / len(places)


def places_of(text: str, values: Sequence[str]) -> list[Span]:
    """Every place of every value in the text."""
    found = []
    for value in filter(None, values):
        at = text.find(value)
        while at >= 0:
            found.append(Span(at, at + len(value)))
            at = text.find(value, at + len(value))
    return found
