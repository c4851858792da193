"""Charts as SVG elements, drawn on the server: bars stacked over days. Each has a table below it that says the same.

The scale stands at the right, beside the newest day: a telephone shows that end first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, RIGHT, BOTTOM, TOP = 720, 190, 34, 22, 8
HALF_A_LABEL = 24.0  # "29 Oct", written around its day


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `shade` is the class of its colour."""

    x: float
    y: float
    width: float
    height: float
    shade: str


@dataclass(frozen=True, slots=True)
class Stacked:
    """What a template draws. `lines`: (y, label) of the scale; `labels`: (x, text) below."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def stacked(columns: Sequence[tuple[str, Sequence[int]]], shades: Sequence[str]) -> Stacked:
    """One column for each (label, values); the first value stands at the bottom."""
    top = nice(max((sum(values) for _, values in columns), default=0))
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    step = (WIDTH - RIGHT) / max(1, len(columns))
    bars, labels = [], []
    every = max(1, round(len(columns) / 8))
    for number, (label, values) in enumerate(columns):
        x, y = number * step, float(base)
        for value, shade in zip(values, shades, strict=True):
            height = room * value / top
            y -= height
            if value:
                bars.append(Bar(round(x + step * 0.12, 1), round(y, 1), round(step * 0.76, 1), round(height, 1), shade))
        if (len(columns) - 1 - number) % every == 0:  # the newest day has its label
            labels.append((max(HALF_A_LABEL, round(x + step / 2, 1)), label))
    lines = tuple((round(base - room * part / 2, 1), f"{top * part // 2:,}") for part in (0, 1, 2))
    return Stacked(tuple(bars), lines, tuple(labels))


def nice(most: int) -> int:
    """A round, even number that is not smaller."""
    size = 2
    while True:
        for step in (1, 2, 5):
            if size * step >= most:
                return size * step
        size *= 10
