"""The tables of docs/detection.md and docs/detection-figures.md, from the figures of `gatepost detect eval --format json`.

    gatepost detect eval DATA... --format json > figures.json
    python bench/detection_figures.py figures.json docs/detection.md docs/detection-figures.md

Writes anew what stands between the marks of a page: `<!-- corpora -->` or `<!-- labels -->`, and `<!-- end -->`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

END = "<!-- end -->"
SHOWN = ("detection", "presidio-research")  # corpora with a table by label
Plain = Mapping[str, Any]


def main() -> None:
    """Replace the tables of pages."""
    figures, *pages = map(Path, sys.argv[1:])
    corpora = json.loads(figures.read_text())["corpora"]
    tables = {
        "corpora": "\n".join(summary(corpora)),
        "labels": "\n\n".join(
            f"`{c['corpus']}` by label:\n\n" + "\n".join(labels(c)) for c in corpora if c["corpus"] in SHOWN
        ),
    }
    for page in pages:
        text = page.read_text()
        for name, table in tables.items():
            before, mark, rest = text.partition(f"<!-- {name} -->")
            if mark:
                text = f"{before}{mark}\n\n{table}\n\n{END}{rest.partition(END)[2]}"
        page.write_text(text)


def summary(corpora: list[Plain]) -> Iterator[str]:
    """Values and verdicts, a line a corpus."""
    yield "| corpus | samples | values | under their own label | under any name | whole | precision | F2 | protected, acted on | clear, acted on |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for corpus in corpora:
        score, kept = corpus["identifiers"], corpus["messages"]
        values = (
            f"{rate(score['recall'])} ({interval(score['recall'])})",
            *(rate(score[name]) for name in ("seen", "whole", "precision")),
            number(score["f2"]),
        )
        yield row(
            corpus["corpus"],
            corpus["samples"],
            *((score["recall"]["n"], *values) if score["recall"]["n"] else ("–",) * 6),
            *(side(kept[name]) for name in ("recall", "flagged")),
        )


def side(ratio: Plain) -> str:
    """On how many of how many a rule acts."""
    return f"{ratio['count']} of {ratio['n']} ({rate(ratio)}; {interval(ratio)})" if ratio["n"] else ""


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
