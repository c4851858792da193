"""The tables of docs/detection-figures.md, from the figures of `gatepost detect eval --format json`.

    gatepost detect eval DATA... --format json > figures.json
    python bench/detection_figures.py figures.json docs/detection-figures.md

Writes what stands between the two marks of the page anew.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: bench/detection_figures.py -->", "<!-- end of figures -->"
SHOWN = ("detection", "presidio-research")  # corpora with a table by label
Plain = Mapping[str, Any]


def main() -> None:
    """Replace the tables of a page."""
    figures, page = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{tables(figures['corpora'])}\n{END}{after}")


def tables(corpora: list[Plain]) -> str:
    """All of them."""
    parts = ["\n".join(summary(corpora)), "\n".join(messages(corpora))]
    parts += [f"`{c['corpus']}` by label:\n\n" + "\n".join(labels(c)) for c in corpora if c["corpus"] in SHOWN]
    return "\n\n".join(parts) + "\n"


def summary(corpora: list[Plain]) -> Iterator[str]:
    """Values."""
    yield "| corpus | samples | values | recall | 95 % | under any name | whole | precision | F2 | samples exactly right |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for corpus in corpora:
        score = corpus["identifiers"]
        if score["recall"]["n"]:
            cells = (
                corpus["samples"],
                score["recall"]["n"],
                *scores(score),
                number(score["f2"]),
                rate(corpus["exact"]),
            )
            yield row(corpus["corpus"], *cells)


def messages(corpora: list[Plain]) -> Iterator[str]:
    """Verdicts."""
    yield "| corpus | protected | acted on | 95 % | clear | acted on | 95 % | of these by area |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for corpus in corpora:
        kept = corpus["messages"]
        if kept["recall"]["n"] or kept["flagged"]["n"]:
            areas = ", ".join(f"{name} {count}" for name, count in kept["areas"].items())
            sides = (cell for name in ("recall", "flagged") for cell in side(kept[name]))
            yield row(corpus["corpus"], *sides, areas or ("none" if kept["flagged"]["n"] else ""))


def side(ratio: Plain) -> tuple[str, str, str]:
    """How many there are, and on how many of them a rule acts."""
    return (str(ratio["n"]), f"{ratio['count']} ({rate(ratio)})", interval(ratio, 4)) if ratio["n"] else ("", "", "")


def labels(corpus: Plain) -> Iterator[str]:
    """By label, those with the most values first."""
    yield "| label | values | recall | 95 % | under any name | whole | precision | F2 |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, score in sorted(corpus["entities"].items(), key=lambda item: -int(item[1]["recall"]["n"])):
        if score["recall"]["n"]:
            yield row(name, score["recall"]["n"], *scores(score), number(score["f2"]))


def scores(score: Plain) -> tuple[str, ...]:
    """Recall, its interval, and how else a value was found."""
    recall = score["recall"]
    return rate(recall), interval(recall), rate(score["seen"]), rate(score["whole"]), rate(score["precision"])


def rate(ratio: Plain) -> str:
    """Three places."""
    return number(ratio["rate"])


def number(value: float | None) -> str:
    """A dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def interval(ratio: Plain, places: int = 3) -> str:
    """Both ends."""
    return "" if ratio["interval"] is None else "–".join(f"{end:.{places}f}" for end in ratio["interval"])


def row(*cells: object) -> str:
    """One line of a table."""
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    main()
