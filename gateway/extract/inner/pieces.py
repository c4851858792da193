"""Texts put together from pieces of another one, with the runs that lead back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.core.message import Run, Span, first_beyond

MARGIN = 300  # characters around what changed that are read with it, for the words that give it a meaning

_NOTHING = "\u2060"  # shows nothing, and is nothing to a detector


class Change(NamedTuple):
    """text[start:end] reads as `new`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Another reading of a text. `runs` lead to the code points it came from; None: one to one.

    `cut`: there is more than was read.
    """

    text: str = field(repr=False)
    runs: Sequence[Run] | None = field(repr=False)
    cut: bool = False


def changed(text: str, changes: Iterable[Change], margin: int = MARGIN) -> Iterator[Reading]:
    """The neighbourhoods of the changes, with the changes made; nothing where there are none. Sorted, apart."""
    pieces: list[str] = []
    runs: list[Run] = []
    length = position = 0
    last = -1  # end of the last change
    for start, end, new in changes:
        if last < 0 or start - last > 2 * margin:
            if last >= 0:
                length = _put(pieces, runs, length, text[position : last + margin], position, last + margin)
                pieces.append("\n")
                length += 1
            position = max(start - margin, 0)
        length = _put(pieces, runs, length, text[position:start], position, start)
        if len(new) == end - start:
            new += _NOTHING  # runs of equal length count one by one
        length = _put(pieces, runs, length, new, start, end)
        position = last = end
    if last < 0:
        return
    _put(pieces, runs, length, text[position : last + margin], position, min(last + margin, len(text)))
    yield Reading("".join(pieces), tuple(runs))


def neighbourhoods(reading: Reading, margin: int = MARGIN) -> Reading:
    """What stands around the changes of a reading of a whole text."""
    if reading.runs is None:
        return reading
    around: list[tuple[int, int]] = []
    for run in reading.runs:
        if not _is_even(run):
            start, end = max(run.text.start - margin, 0), run.text.end + margin
            if around and start <= around[-1][1]:
                around[-1] = around[-1][0], end
            else:
                around.append((start, end))
    pieces: list[str] = []
    runs: list[Run] = []
    length = 0
    for start, end in around:
        text = ("\n" if pieces else "") + reading.text[start:end]
        length += bool(pieces)
        for part, origin in _within(reading.runs, Span(start, end)):
            shift = length - start
            runs.append(Run(Span(part.start + shift, part.end + shift), origin))
        pieces.append(text)
        length += min(end, len(reading.text)) - start
    return Reading("".join(pieces), tuple(runs))


def _put(pieces: list[str], runs: list[Run], length: int, text: str, start: int, end: int) -> int:
    """Add a piece that stands for [start, end) of the source."""
    if text:
        pieces.append(text)
        runs.append(Run(Span(length, length + len(text)), Span(start, end)))
    return length + len(text)


def compose(outer: Sequence[Run] | None, inner: Sequence[Run] | None) -> Sequence[Run] | None:
    """Runs of a reading of a reading, leading to the source of the outer one."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    composed: list[Run] = []
    for run in inner:
        if _is_even(run):
            composed += [_moved(part, run) for part in _within(outer, run.origin)]
        elif (origin := _around(outer, run.origin)) is not None:
            composed.append(Run(run.text, origin))
    return tuple(composed)


def _around(outer: Sequence[Run], span: Span) -> Span | None:
    """From where the first part of a span of the outer text came to where the last did; None: it came from nowhere."""
    first = first_beyond(outer, span.start)
    last = min(first_beyond(outer, span.end - 1), len(outer) - 1)
    while last >= first and outer[last].text.start >= span.end:
        last -= 1
    if last < first:
        return None
    return Span(_part(outer[first], span)[1].start, _part(outer[last], span)[1].end)


def _is_even(run: Run) -> bool:
    return run.text.end - run.text.start == run.origin.end - run.origin.start


def _within(outer: Sequence[Run], span: Span) -> list[tuple[Span, Span]]:
    """The parts of a span of the outer text that came from somewhere, each with where from."""
    found: list[tuple[Span, Span]] = []
    for index in range(first_beyond(outer, span.start), len(outer)):
        if outer[index].text.start >= span.end:
            break
        found.append(_part(outer[index], span))
    return found


def _part(run: Run, span: Span) -> tuple[Span, Span]:
    """What a run and a span have in common, with where it came from."""
    start, end = max(span.start, run.text.start), min(span.end, run.text.end)
    shift = run.origin.start - run.text.start
    return Span(start, end), Span(start + shift, end + shift) if _is_even(run) else run.origin


def _moved(part: tuple[Span, Span], run: Run) -> Run:
    shift = run.text.start - run.origin.start
    return Run(Span(part[0].start + shift, part[0].end + shift), part[1])
