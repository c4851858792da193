"""Judgements added up: figures by kind, over all kinds, and by message."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.evaluate.judge import Judgement
from gateway.evaluate.kinds import NOT_IDENTIFIERS
from gateway.evaluate.measure import Ratio, f_score
from gateway.evaluate.sample import Corpus

Plain = dict[str, Any]
_NONE = Ratio()


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind, or of several together.

    `recall`: found under its own name; `seen`: under any; `whole`: no letter or digit of it left. `precision`: findings
    of this kind that lie on a label of it; `covered`: on any label.
    """

    recall: Ratio = _NONE
    seen: Ratio = _NONE
    whole: Ratio = _NONE
    precision: Ratio = _NONE
    covered: Ratio = _NONE

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.recall + other.recall,
            self.seen + other.seen,
            self.whole + other.whole,
            self.precision + other.precision,
            self.covered + other.covered,
        )

    def f(self, beta: float) -> float | None:
        """F with `beta`, of recall and precision by name."""
        return f_score(self.precision.rate, self.recall.rate, beta)


@dataclass(frozen=True, slots=True)
class Messages:
    """By the verdict. `flagged` are messages without protected data that a rule acts on anyway."""

    recall: Ratio = _NONE
    precision: Ratio = _NONE
    flagged: Ratio = _NONE
    suspected: Ratio = _NONE  # without protected data, yet with a finding that identifies a patient
    areas: Mapping[str, int] = field(default_factory=dict)  # of the flagged
    rules: Mapping[str, int] = field(default_factory=dict)  # of the flagged

    def f(self, beta: float) -> float | None:
        """F with `beta`."""
        return f_score(self.precision.rate, self.recall.rate, beta)


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is said about one corpus."""

    corpus: str
    form: str
    samples: int
    kinds: Mapping[str, Score]
    exact: Ratio  # samples with all that was asked for, and nothing else
    messages: Messages
    held_otherwise: int
    failed: int
    others: Mapping[str, int]  # findings of kinds that nobody labelled
    names_anywhere: bool = False  # looked for in all text, not only where the policy needs them

    @property
    def names(self) -> str:
        """Where names were looked for."""
        return "anywhere" if self.names_anywhere else "as mail"

    @property
    def all_kinds(self) -> Score:
        """All labels of the corpus together."""
        return _sum(self.kinds.values())

    @property
    def identifiers(self) -> Score:
        """The labels that are identifiers of a person together."""
        return _sum(score for kind, score in self.kinds.items() if kind not in NOT_IDENTIFIERS)

    def plain(self) -> Plain:
        """As it is printed in JSON."""
        return {
            "corpus": self.corpus,
            "form": self.form,
            "samples": self.samples,
            "names": self.names,
            "all": _plain_score(self.all_kinds),
            "identifiers": _plain_score(self.identifiers),
            "entities": {kind: _plain_score(score) for kind, score in self.kinds.items()},
            "exact": plain_ratio(self.exact),
            "messages": _plain_messages(self.messages),
            "held_otherwise": self.held_otherwise,
            "failed": self.failed,
            "unjudged": dict(self.others),
        }


def figures_of(corpus: Corpus, judgements: Iterable[Judgement], *, names_anywhere: bool = False) -> Figures:
    """Add up the judgements of all samples of a corpus."""
    scores: dict[str, Score] = {kind: Score() for kind in corpus.kinds}
    others: Counter[str] = Counter()
    exact = Ratio()
    messages = Messages()
    samples = held = failed = 0
    for judgement in judgements:
        samples += 1
        held += judgement.held_otherwise
        failed += judgement.failed
        for kind, score in _scores(judgement):
            scores[kind] = scores.get(kind, Score()) + score
        if corpus.kinds:
            exact += _once(holds=judgement.exact)
        others.update(finding.kind for finding in judgement.others)
        messages = _with(messages, judgement)
    return Figures(
        corpus=corpus.name,
        form=corpus.form,
        samples=samples,
        kinds=dict(sorted(scores.items())),
        exact=exact,
        messages=messages,
        held_otherwise=held,
        failed=failed,
        others=dict(others.most_common()),
        names_anywhere=names_anywhere,
    )


def _scores(judgement: Judgement) -> Iterable[tuple[str, Score]]:
    for asked in judgement.asked:
        yield (
            asked.kind,
            Score(recall=_once(holds=asked.found), seen=_once(holds=asked.seen), whole=_once(holds=asked.whole)),
        )
    for claim in judgement.claims:
        yield claim.finding.kind, Score(precision=_once(holds=claim.right), covered=_once(holds=claim.covered))


def _with(messages: Messages, judgement: Judgement) -> Messages:
    if judgement.sample.protected is None:
        return messages
    acted = judgement.acted
    if judgement.sample.protected:
        added = replace(messages, recall=messages.recall + _once(holds=acted))
        return replace(added, precision=messages.precision + Ratio(1, 1)) if acted else added
    added = replace(
        messages,
        flagged=messages.flagged + _once(holds=acted),
        suspected=messages.suspected + _once(holds=judgement.identified),
    )
    if not acted:
        return added
    return replace(
        added,
        precision=messages.precision + Ratio(0, 1),
        areas=_counted(messages.areas, judgement.areas),
        rules=_counted(messages.rules, judgement.rules),
    )


def _counted(counts: Mapping[str, int], names: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted((Counter(counts) + Counter(set(names))).items()))


def _once(*, holds: bool) -> Ratio:
    return Ratio(int(holds), 1)


def _sum(scores: Iterable[Score]) -> Score:
    return sum(scores, start=Score())


def plain_ratio(ratio: Ratio) -> Plain:
    """Count, n, rate and interval; rates to four places."""
    interval = ratio.interval
    return {
        "count": ratio.hits,
        "n": ratio.n,
        "rate": rounded(ratio.rate),
        "interval": None if interval is None else [rounded(interval[0]), rounded(interval[1])],
    }


def rounded(rate: float | None) -> float | None:
    """To four places."""
    return None if rate is None else round(rate, 4)


def _plain_score(score: Score) -> Plain:
    ratios = {name: plain_ratio(getattr(score, name)) for name in ("recall", "seen", "whole", "precision", "covered")}
    return {**ratios, "f1": rounded(score.f(1)), "f2": rounded(score.f(2))}


def _plain_messages(messages: Messages) -> Plain:
    names = ("recall", "precision", "flagged", "suspected")
    ratios = {name: plain_ratio(getattr(messages, name)) for name in names}
    return {
        **ratios,
        "f1": rounded(messages.f(1)),
        "f2": rounded(messages.f(2)),
        "areas": dict(messages.areas),
        "rules": dict(messages.rules),
    }
