"""Sums over samples, the baseline, and the page."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.limits import Limits
from gateway.evaluate.baseline import baseline_of, drops
from gateway.evaluate.figures import Figures, figures_of
from gateway.evaluate.judge import judge
from gateway.evaluate.kinds import kind_of, kind_of_finding, relatives
from gateway.evaluate.measure import Ratio
from gateway.evaluate.mistakes import Mistake, Sort
from gateway.evaluate.page import Chapter, page
from gateway.evaluate.sample import Corpus

Make = Callable[..., Any]


@pytest.fixture
def figures(sample: Make, inspected: Make, finding: Make) -> Figures:
    """Four samples: persons 2 of 3 found with one false alarm; of two protected messages one is acted on."""
    one = sample("Ann Lee, Bob Roe", ("PERSON", 0, 7), ("PERSON", 9, 16), protected=True)
    two = sample("Cy Young at Acme", ("PERSON", 0, 8), ("ORGANIZATION", 12, 16), protected=True)
    clear = sample("Nothing here", protected=False)
    corpus = Corpus("made-up", "jsonl", frozenset({"PERSON", "ORGANIZATION"}), (one, two, clear, clear))
    looks = (
        inspected(finding("PERSON", 0, 7), finding("PERSON", 9, 16), areas=["hipaa"]),
        inspected(),
        inspected(finding("PERSON", 0, 7), finding("US_SSN", 8, 12), areas=["hipaa", "pci"]),
        inspected(areas=["default"]),
    )
    return figures_of(corpus, [judge(corpus, s, i, Limits()) for s, i in zip(corpus, looks, strict=True)])


def test_by_kind(figures: Figures) -> None:
    """Recall over labels, precision over findings."""
    person = figures.kinds["PERSON"]

    assert (person.recall, person.whole, person.precision) == (Ratio(2, 3), Ratio(2, 3), Ratio(2, 3))
    assert person.f(2) == pytest.approx(2 / 3)


def test_identifiers_leave_out_what_identifies_nobody(figures: Figures) -> None:
    """An organisation is a label of others, and no aim of ours."""
    assert figures.all_kinds.recall == Ratio(2, 4)
    assert figures.identifiers.recall == Ratio(2, 3)


def test_by_message(figures: Figures) -> None:
    """Recall over protected messages, the flagged over clear ones; what is only unread is told apart."""
    messages = figures.messages

    assert (messages.recall, messages.precision, messages.flagged) == (Ratio(1, 2), Ratio(1, 2), Ratio(1, 2))
    assert messages.suspected == Ratio(1, 2)
    assert messages.areas == {"hipaa": 1, "pci": 1}
    assert (figures.held_otherwise, figures.others, figures.exact) == (1, {"US_SSN": 1}, Ratio(2, 4))


def test_plain_figures_have_counts_rates_and_intervals(figures: Figures) -> None:
    """A program that reads them needs nothing else."""
    plain = figures.plain()

    assert plain["entities"]["PERSON"]["recall"] == {"count": 2, "n": 3, "rate": 0.6667, "interval": [0.2077, 0.9385]}
    assert plain["messages"]["flagged"]["rate"] == 0.5


def test_same_figures_drop_nothing(figures: Figures) -> None:
    """Compared with themselves."""
    assert drops([figures], baseline_of([figures])) == []


def test_a_worse_figure_is_named(figures: Figures) -> None:
    """In either direction, by more than the tolerance."""
    baseline = baseline_of([figures])
    kept = baseline["corpora"]["made-up"]
    kept["higher_is_better"]["recall"] += 0.006
    kept["higher_is_better"]["F2"] += 0.004
    kept["lower_is_better"]["clear messages flagged"] -= 0.006

    assert [drop.figure for drop in drops([figures], baseline)] == ["recall", "clear messages flagged"]
    assert "0.6727 before, 0.6667 now" in str(drops([figures], baseline)[0])


def test_a_better_figure_is_none(figures: Figures) -> None:
    """Better is never a drop."""
    baseline = baseline_of([figures])
    baseline["corpora"]["made-up"]["higher_is_better"]["recall"] = 0.1

    assert drops([figures], baseline) == []


def test_other_data_cannot_be_compared(figures: Figures) -> None:
    """Another number of samples is another corpus; an unknown corpus is left alone."""
    baseline = baseline_of([figures])
    baseline["corpora"]["made-up"]["samples"] = 5
    baseline["corpora"]["elsewhere"] = baseline["corpora"]["made-up"]

    assert [drop.figure for drop in drops([figures], baseline)] == ["samples"]


def test_a_baseline_keeps_what_was_not_measured_now(figures: Figures) -> None:
    """CI has the development set alone; the figures of the other corpora stay."""
    old = {"tolerance": 0.02, "corpora": {"elsewhere": {"samples": 1}}}
    new = baseline_of([figures], old)

    assert set(new["corpora"]) == {"elsewhere", "made-up"}
    assert new["tolerance"] == 0.02


def test_page_loads_nothing_and_escapes_everything(figures: Figures) -> None:
    """Values come from mail: none of them may become mark-up."""
    mistake = Mistake(Sort.MISSED, "<s1>", "PERSON", "a & b", "<script>x</script>", "before ", " after")
    html = page([Chapter(figures, [mistake])], "policy <x>", reveal=True)

    assert "<script" not in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "http" not in html
    assert "prefers-color-scheme: dark" in html
    assert "Not found: 1" in html


def test_labels_of_others_become_our_kinds() -> None:
    """Whatever case and sign they are written with; a name that nobody knows is its own kind."""
    assert [kind_of(label) for label in ("person", "I-misc", "zip-code", "PER")] == [
        "PERSON",
        "I_MISC",
        "LOCATION",
        "PERSON",
    ]
    assert kind_of_finding("AWS_ACCESS_KEY", {"secret"}) == "SECRET"
    assert relatives("PERSON") == {"PERSON"}
    assert "DATE_TIME" in relatives("DATE_OF_BIRTH")
