"""What the prefilters are asked about a text, and what is done where a thing occurs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from gateway.core.detector import Pattern
from gateway.detect.context import ContextSearch
from gateway.detect.judging import HEALTH
from gateway.detect.nearness import Nearness
from gateway.detect.patterns import CompiledPattern, Prefilter, compile_pattern
from gateway.detect.ready import ReadyDetector, needs_context, patterns_of
from gateway.detect.resolve import PASSAGE
from gateway.detect.structures import READERS, Reader
from gateway.detect.vocabulary import Gates, gates_of

Step = tuple[ReadyDetector, CompiledPattern]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the prefilter is asked, in order, and what is done where a thing occurs, by its number.

    `waiting` are the patterns that say nothing without their context: asked for only where some context occurs.
    """

    sought: tuple[Pattern, ...] = field(repr=False)
    steps: Mapping[int, Step] = field(repr=False)
    gates: Mapping[str, int] = field(repr=False)  # expression of context words to its number
    doors: Gates = field(repr=False)  # which of these can occur
    readers: Mapping[int, Reader] = field(repr=False)
    waiting: tuple[Step, ...] = field(repr=False)
    woken: Mapping[int, tuple[int, ...]] = field(repr=False)  # context's number to those waiting that it alone wakes
    asking: tuple[tuple[ContextSearch, list[int]], ...] = field(repr=False)  # likewise, those that findings may wake
    groups: frozenset[str] = frozenset()  # whose findings some detector asks for


def planned(detectors: Sequence[ReadyDetector], *, later: bool) -> Plan:
    """Patterns that may stand alone, then signs of formats, then context words for patterns that may not."""
    patterns = [
        (detector, compile_pattern(pattern, later=later))
        for detector in detectors
        for pattern in patterns_of(detector.spec)
    ]
    alone = [step for step in patterns if not waits(step)]
    waiting = tuple(step for step in patterns if waits(step))
    sought = [pattern.spec for _, pattern in alone]
    readers = dict(enumerate((reader for _, reader in READERS), len(sought)))
    sought.extend(Pattern("sign", sign) for sign, _ in READERS)
    words = {d.context.expression: d.spec.context.words for d, _ in waiting if d.context and d.context.expression}
    gates = {expression: number for number, expression in enumerate(words, len(sought))}
    if any(detector.lexicon is not None for detector in detectors):
        doors = gates_of({gates[expression]: several for expression, several in words.items()})
    else:  # a pass over all words for these few alone would cost more than they do among the patterns
        doors = gates_of({})
        sought.extend(Pattern("context", expression) for expression in words)
    groups = frozenset(group for detector in detectors for group in detector.spec.context.groups)
    if any(detector.classifier is not None for detector in detectors):
        groups |= {HEALTH, PASSAGE}  # known health content, but no passage, makes a doubtful passage surer
    woken: dict[int, tuple[int, ...]] = {}
    for index, (detector, _) in enumerate(waiting):
        gate = gates.get(detector.context.expression) if detector.context else None
        if gate is not None and not detector.spec.context.groups:
            woken[gate] = (*woken.get(gate, ()), index)
    asking = groupby(
        ((step[0].context, index) for index, step in enumerate(waiting) if asks(step) and step[0].context),
        key=itemgetter(0),
    )
    likewise = tuple((context, [index for _, index in pairs]) for context, pairs in asking)
    return Plan(tuple(sought), dict(enumerate(alone)), gates, doors, readers, waiting, woken, likewise, groups)


@dataclass(slots=True)
class Waiting:
    """The patterns that are silent without context, in one text. Their prefilter is asked once, if at all."""

    plan: Plan = field(repr=False)
    prefilter: Prefilter = field(repr=False)
    octets: bytes = field(repr=False)
    near: Nearness = field(repr=False)
    contexts: Sequence[int] = field(repr=False)  # numbers of what occurs
    _occurring: frozenset[int] | None = None

    def open(self, asking: bool) -> Iterator[Step]:
        """Those of which both the context and the hint occur; `asking`: that ask for findings of others, or do not."""
        for index in self._asking() if asking else self._woken():
            step = self.plan.waiting[index]
            context = step[0].context
            if context and self.near.occurs(context):
                yield step

    def _asking(self) -> list[int]:
        awake = [indexes for context, indexes in self.plan.asking if self.near.occurs(context)]
        return [index for indexes in awake for index in indexes if index in self._occur()] if awake else []

    def _woken(self) -> list[int]:
        woken = self.plan.woken
        awake = {index for number in self.contexts if number in woken for index in woken[number]}
        return sorted(awake & self._occur()) if awake else []

    def _occur(self) -> frozenset[int]:
        if self._occurring is None:
            self._occurring = frozenset(self.prefilter.of(self.octets))
        return self._occurring


def waits(step: Step) -> bool:
    """Whether a pattern is silent without its context."""
    return step[0].context is not None and needs_context(step[1].spec)


def asks(step: Step) -> bool:
    """Whether a pattern asks what other detectors found near it."""
    return bool(step[0].spec.context.groups)
