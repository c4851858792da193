"""Figures of an earlier measurement, and which of them are worse now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.evaluate.figures import Figures, rounded
from gateway.evaluate.measure import Ratio

TOLERANCE = 0.005  # a figure may be that much worse before it counts
VERSION = 1


@dataclass(frozen=True, slots=True)
class Drop:
    """A figure that is worse than it was, or that cannot be compared (`now` None)."""

    corpus: str
    figure: str
    before: float
    now: float | None

    def __str__(self) -> str:
        now = "not measured" if self.now is None else f"{self.now:.4f}"
        return f"{self.corpus}: {self.figure}: {self.before:.4f} before, {now} now"


def baseline_of(all_figures: Sequence[Figures], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is kept. Corpora of `old` that were not measured now stay as they were."""
    kept = dict((old or {}).get("corpora", {}))
    kept.update({figures.corpus: {"samples": figures.samples, **_kept(figures)} for figures in all_figures})
    tolerance = (old or {}).get("tolerance", TOLERANCE)
    return {"version": VERSION, "tolerance": tolerance, "corpora": dict(sorted(kept.items()))}


def drops(all_figures: Sequence[Figures], baseline: Mapping[str, Any]) -> list[Drop]:
    """Figures that are worse than in the baseline by more than its tolerance. Corpora not in it are left out.

    A corpus with another number of samples is another corpus: a drop of its figure `samples`.
    """
    tolerance = float(baseline.get("tolerance", TOLERANCE))
    found: list[Drop] = []
    for figures in all_figures:
        before = baseline.get("corpora", {}).get(figures.corpus)
        if before is None:
            continue
        if before["samples"] != figures.samples:
            found.append(Drop(figures.corpus, "samples", before["samples"], figures.samples))
            continue
        found.extend(_worse(figures, before, tolerance))
    return found


def _worse(figures: Figures, before: Mapping[str, Any], tolerance: float) -> Iterator[Drop]:
    now = _kept(figures)
    for direction, sign in (("higher_is_better", 1), ("lower_is_better", -1)):
        for name, value in before[direction].items():
            current = now[direction].get(name)
            if current is None or sign * (value - current) > tolerance + 1e-9:
                yield Drop(figures.corpus, name, value, current)


def _kept(figures: Figures) -> dict[str, dict[str, float]]:
    """Totals, messages, and the recall of each kind. The precision of a kind is left to the totals: its n changes."""
    total, messages = figures.identifiers, figures.messages
    higher = {
        "recall": total.recall.rate,
        "recall under any name": total.seen.rate,
        "whole values": total.whole.rate,
        "precision": total.precision.rate,
        "F2": total.f(2),
        "exact samples": figures.exact.rate,
        "message recall": messages.recall.rate,
        **{f"recall of {kind}": score.recall.rate for kind, score in figures.kinds.items()},
    }
    lower = {"clear messages flagged": messages.flagged.rate, "messages failed": _share(figures)}
    return {"higher_is_better": _known(higher), "lower_is_better": _known(lower)}


def _share(figures: Figures) -> float | None:
    return Ratio(figures.failed, figures.samples).rate


def _known(rates: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, rate in rates.items() if (value := rounded(rate)) is not None}
