"""Proportions and scores, against figures computed by hand."""

import pytest

from gateway.evaluate.measure import Ratio, f_score


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
        (45, 50, 0.7864, 0.9565),
    ],
)
def test_wilson_interval(hits: int, n: int, low: float, high: float) -> None:
    """As the formula gives it on paper, and never outside of 0 to 1."""
    interval = Ratio(hits, n).interval

    assert interval is not None
    assert interval[0] == pytest.approx(low, abs=5e-5)
    assert interval[1] == pytest.approx(high, abs=5e-5)


def test_nothing_asked_has_no_rate() -> None:
    """No rate and no interval, rather than a zero that looks like a failure."""
    assert Ratio().rate is None
    assert Ratio().interval is None


def test_ratios_add_up() -> None:
    """Counts add, rates do not."""
    assert Ratio(1, 2) + Ratio(3, 4) == Ratio(4, 6)


@pytest.mark.parametrize(
    ("precision", "recall", "beta", "score"),
    [
        (0.5, 1.0, 1, 2 / 3),
        (0.5, 1.0, 2, 5 / 6),
        (1.0, 0.5, 2, 5 / 9),
        (0.8, 0.6, 1, 0.96 / 1.4),
        (0.0, 0.0, 2, 0.0),
        (None, 0.0, 2, None),
        (0.9, None, 1, None),
    ],
)
def test_f_score(precision: float | None, recall: float | None, beta: float, score: float | None) -> None:
    """Recall counts four times as much in F2; without one of the two there is no score."""
    assert f_score(precision, recall, beta) == (None if score is None else pytest.approx(score))
