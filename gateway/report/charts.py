"""Charts as SVG: plain shapes and text, no script, nothing loaded. The table beside each has the numbers."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gateway.pages import text
from gateway.report.document import Chart

# Told apart by lightness too, so in grey print and by those who do not see red and green (Okabe and Ito, 2008).
COLOURS = ("#0b3c5d", "#2a8fbd", "#e69f00", "#b5482a", "#7a7a7a")
INK, SOFT, LINE = "#1c2733", "#5b6773", "#d5dbe1"
WIDTH, HEIGHT = 680, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 34, 28
BAR, GAP, NAMES = 20, 8, 268
TICKS = 4


def svg(chart: Chart) -> str:
    """The chart as an element of a page."""
    shapes = _bars(chart) if chart.form == "bars" else _columns(chart)
    height = _bars_height(chart) if chart.form == "bars" else HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{text(chart.alt)}" font-family="Inter, Liberation Sans, DejaVu Sans, sans-serif" '
        f'font-size="11">{"".join(shapes)}</svg>'
    )


def steps(most: int) -> tuple[int, ...]:
    """Round numbers from 0 to at least `most`."""
    unit = 1
    while unit * TICKS < most:
        unit = unit * 5 // 2 if str(unit).startswith("2") else unit * 2
    return tuple(unit * step for step in range(-(-max(most, 1) // unit) + 1))


def _columns(chart: Chart) -> Iterator[str]:
    totals = [sum(values[place] for _, values in chart.series) for place in range(len(chart.labels))]
    ticks = steps(max(totals, default=0))
    floor, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    yield from _legend([name for name, _ in chart.series])
    for tick in ticks:
        height = floor - room * tick / ticks[-1]
        yield _line(LEFT, height, WIDTH - RIGHT, height)
        yield _words(LEFT - 6, height + 4, f"{tick:,}", SOFT, "end")
    slot = (WIDTH - LEFT - RIGHT) / max(len(chart.labels), 1)
    width = min(slot * 0.62, 44)
    every = -(-len(chart.labels) * 52 // (WIDTH - LEFT - RIGHT))  # labels that would touch are left out
    for place, label in enumerate(chart.labels):
        centre, below = LEFT + slot * (place + 0.5), float(floor)
        for number, (_, values) in enumerate(chart.series):
            height = room * values[place] / ticks[-1]
            below -= height
            if height:
                yield _box(centre - width / 2, below, width, height, COLOURS[number % len(COLOURS)])
        if place % max(every, 1) == 0:
            yield _words(centre, floor + 17, label, SOFT, "middle")
    yield _line(LEFT, floor, WIDTH - RIGHT, floor, INK)


def _bars(chart: Chart) -> Iterator[str]:
    values = chart.series[0][1] if chart.series else ()
    most = max(values, default=0) or 1
    for place, (label, value) in enumerate(zip(chart.labels, values, strict=True)):
        top = place * (BAR + GAP) + 4
        width = (WIDTH - NAMES - 70) * value / most
        yield _words(NAMES - 10, top + 14, _short(label), INK, "end")
        yield _box(NAMES, top, max(width, 1), BAR, COLOURS[1])
        yield _words(NAMES + max(width, 1) + 6, top + 14, f"{value:,}", INK, "start")


def _bars_height(chart: Chart) -> int:
    return len(chart.labels) * (BAR + GAP) + 8


def _legend(names: Sequence[str]) -> Iterator[str]:
    places = [LEFT]
    for name in names:
        places.append(places[-1] + 34 + 6 * len(name))
    for number, (name, (place, _)) in enumerate(zip(names, pairwise(places), strict=True)):
        yield _box(place, 6, 11, 11, COLOURS[number % len(COLOURS)])
        yield _words(place + 17, 16, name, INK, "start")


def _box(left: float, top: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _line(left: float, top: float, right: float, bottom: float, colour: str = LINE) -> str:
    return f'<line x1="{left}" y1="{top:.1f}" x2="{right}" y2="{bottom:.1f}" stroke="{colour}" stroke-width="1"/>'


def _words(left: float, top: float, said: str, colour: str, anchor: str) -> str:
    return f'<text x="{left:.1f}" y="{top:.1f}" fill="{colour}" text-anchor="{anchor}">{text(said)}</text>'


def _short(label: str) -> str:
    return label if len(label) <= 44 else label[:43] + "…"
