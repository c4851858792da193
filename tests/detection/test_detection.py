"""The development set through the shipped rules, against the committed figures."""

import json
import runpy
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import Detection
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.evaluate.baseline import drops
from gateway.evaluate.figures import Figures, figures_of
from gateway.evaluate.readers import read_corpora
from gateway.evaluate.run import judgements
from gateway.pipeline import Inspection, inspect

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BASELINE = json.loads((ROOT / "bench" / "detection-baseline.json").read_text())


@dataclass
class Measured:
    """Figures, and the numbers of the texts that would be judged otherwise by a glance first."""

    figures: Figures
    otherwise: list[int]
    spared: int  # texts that a glance was enough for


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Measured now, in this process."""
    ruleset = rules_of(ROOT / "rules" / "policy.yaml")
    demand = ruleset.demand
    assert demand is not None
    engine = Engine(ruleset.detectors, first=demand.first)
    otherwise: list[int] = []
    spared = 0
    notices = Notices("gatepost@clinic.example", "Example Clinic", "")
    envelope = Envelope("scan@clinic.example", (Recipient("someone@outside.example"),))

    def look(raw: bytes, number: int) -> Inspection:
        transaction = Transaction(Session(), envelope, raw)
        inspection = inspect(transaction, ruleset.policy, engine, Limits(), notices, lambda: 0.0, reveal=True)
        spare = Sparing(engine)
        first = inspect(transaction, ruleset.policy, spare, Limits(), notices, lambda: 0.0, demand=demand)
        if (first.verdict, first.plan) != (inspection.verdict, inspection.plan):
            otherwise.append(number)
        nonlocal spared
        spared += not spare.asked
        return inspection

    (corpus,) = read_corpora(HERE)
    figures = figures_of(corpus, judgements(corpus, look, Limits()))
    return Measured(figures, otherwise, spared)


class Sparing:
    """An engine, and whether all of it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked = False

    def glance(self, segments: Sequence[Segment], limits: Limits, long: Collection[Place]) -> Detection:
        return self.engine.glance(segments, limits, long)

    def detect(self, segments: Sequence[Segment], limits: Limits) -> Detection:
        self.asked = True
        return self.engine.detect(segments, limits)


@pytest.fixture(scope="module")
def figures(measured: Measured) -> Figures:
    """Of the whole set."""
    return measured.figures


def test_a_glance_first_changes_no_verdict(measured: Measured) -> None:
    """What rules out every rule rules it out however much more is looked for; and it is enough for many texts."""
    assert measured.otherwise == []
    assert measured.spared >= 50


def test_no_figure_is_worse_than_the_baseline(figures: Figures) -> None:
    """A change that finds less, or holds more for nothing, is seen here. Better? `--update-baseline`."""
    assert [str(drop) for drop in drops([figures], BASELINE)] == []


def test_the_development_set_is_measured_at_all(figures: Figures) -> None:
    """A baseline without it would compare nothing."""
    assert figures.corpus in BASELINE["corpora"]
    assert figures.failed == 0


def test_texts_are_what_the_generator_makes() -> None:
    """Nobody edits texts.jsonl by hand, and the seed is enough to write it again."""
    made = runpy.run_path(str(HERE / "generate.py"))["texts"]()
    lines = (HERE / "texts.jsonl").read_text(encoding="utf-8").splitlines()

    assert [json.dumps(text, ensure_ascii=False) for text in made] == lines


def test_the_set_is_as_large_and_as_hard_as_its_origin_says() -> None:
    """At least 400 texts, 150 of them hard negatives, no text twice, and telephones and domains that nobody has."""
    texts = [json.loads(line) for line in (HERE / "texts.jsonl").read_text(encoding="utf-8").splitlines()]
    sorts = Counter(bool(text["areas"]) for text in texts)
    phones = [
        text["text"][span["start"] : span["end"]]
        for text in texts
        for span in text["spans"]
        if span["entity"] == "PHONE_NUMBER"
    ]

    assert sorts[True] >= 250
    assert sorts[False] >= 150
    assert len({text["text"] for text in texts}) == len(texts)
    assert f"{len(texts)} short texts" in (HERE / "ORIGIN.md").read_text()
    assert all("55501" in "".join(filter(str.isdigit, phone)) for phone in phones)
