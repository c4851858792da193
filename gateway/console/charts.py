"""Charts as SVG elements, drawn on the server: bars stacked over days. Each has a table below it that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 190, 34, 22, 8


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
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def stacked(columns: Sequence[tuple[str, Sequence[int]]], shades: Sequence[str]) -> Stacked:
    """One column for each (label, values); the first value stands at the bottom."""
    top = nice(max((sum(values) for _, values in columns), default=0))
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    step = (WIDTH - LEFT) / max(1, len(columns))
    bars, labels = [], []
    every = max(1, round(len(columns) / 8))
    for number, (label, values) in enumerate(columns):
        x, y = LEFT + number * step, float(base)
        for value, shade in zip(values, shades, strict=True):
            height = room * value / top
            y -= height
            if value:
                bars.append(Bar(round(x + step * 0.12, 1), round(y, 1), round(step * 0.76, 1), round(height, 1), shade))
        if number % every == 0:
            labels.append((round(x + step / 2, 1), label))
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
