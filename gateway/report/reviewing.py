"""Who decided about held messages, how fast, and what waits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil
from statistics import median

from gateway.report.document import Block, Column, Table, duration
from gateway.report.tally import Decision, Tally


def review(tally: Tally) -> Iterator[Block]:
    by_person: dict[str, list[Decision]] = {}
    for decision in tally.decisions:
        by_person.setdefault(decision.by or "not known", []).append(decision)
    yield Table(
        "reviewers",
        "Decisions by reviewer",
        (
            Column("Reviewer"),
            Column("Released", "number"),
            Column("Destroyed", "number"),
            Column("Looked at", "number"),
            Column("Median wait", "seconds"),
            Column("9 of 10 within", "seconds"),
            Column("Longest", "seconds"),
        ),
        tuple(
            (who, _what(made, "released"), _what(made, "discarded"), tally.viewed[who], *times(made))
            for who, made in sorted(by_person.items())
        ),
        "From the time a message was held to the decision, nights and weekends included.",
        "Nobody decided about a held message in this period.",
    )
    by_severity = {
        word: [d for d in tally.decisions if d.severity == word]
        for word in ("critical", "high", "medium", "low", "none")
    }
    waiting = Counter(each.severity for each in tally.waiting.values())
    end = tally.period.until.timestamp()
    yield Table(
        "waiting",
        "By severity: decided in the period, and waiting at its end",
        (
            Column("Severity"),
            Column("Decided", "number"),
            Column("Median wait", "seconds"),
            Column("9 of 10 within", "seconds"),
            Column("Still waiting", "number"),
            Column("Oldest of these", "seconds"),
        ),
        tuple(
            (
                word,
                len(made),
                *times(made)[:2],
                waiting[word],
                max((end - w.since for w in tally.waiting.values() if w.severity == word), default=None),
            )
            for word, made in by_severity.items()
            if made or waiting[word]
        ),
        "",
        "Nothing was held.",
    )


def times(made: Sequence[Decision]) -> tuple[float | None, float | None, float | None]:
    waited = sorted(each.waited for each in made if each.waited is not None)
    return (median(waited), _percentile(waited), waited[-1]) if waited else (None, None, None)


def typical(made: Sequence[Decision]) -> str:
    found = times(made)[0]
    return "–" if found is None else duration(found)


def ninth(made: Sequence[Decision]) -> str:
    found = times(made)[1]
    return "–" if found is None else duration(found)


def _percentile(waited: Sequence[float]) -> float:
    """So long that nine of ten waited no longer (nearest rank)."""
    return waited[ceil(0.9 * len(waited)) - 1]


def _what(made: Sequence[Decision], what: str) -> int:
    return sum(each.what == what for each in made)
