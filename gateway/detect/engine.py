"""The engine: segments in, findings out.

For each segment: fold the text and join the lines that a program broke, one Hyperscan pass for what can occur, RE2 for
where (a pattern that says nothing without context is asked for only where some occurs, and only near it), then what the
detector declares: exclusions, validator, context words, confidence. Word lists take a pass of their own, then formats
and tables are read by their shape; a names stage comes last and sees what was found. Nothing here raises because of
what a text contains, and nothing takes more than linear time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from threading import Lock

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.core.finding import Detection, DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect.care.classifier import READ, Classifier, classifier_of
from gateway.detect.context import ContextSearch, against_search, context_search
from gateway.detect.grading import Grade, grade, score, stated
from gateway.detect.labelled import other_label
from gateway.detect.layout import placed
from gateway.detect.lexicon import Lexicon, as_written, lexicon_of
from gateway.detect.listed import list_stages
from gateway.detect.marks import marked
from gateway.detect.masking import fingerprint, mask
from gateway.detect.names import Elsewhere, Names
from gateway.detect.nearness import Nearness
from gateway.detect.patterns import CompiledPattern, Prefilter, Regex, compile_pattern, prefilters, regex_of
from gateway.detect.remembered import PAGE, Known, Remembered
from gateway.detect.resolve import in_order, without_overlaps, without_repeats
from gateway.detect.structures import READERS, Reader
from gateway.detect.tally import Tallies, Tally
from gateway.detect.text import FoldedText, fold
from gateway.detect.validators import Validator, validator_for, warm
from gateway.detect.wrapped import LONG

HEALTH = "health"  # group of what a classifier's passage may have in it
_LABEL = 60  # bytes before a value that can be its label
_BY_PLACE = Grade(Confidence.HIGH, score(Confidence.HIGH))  # what the field of a structure says


@dataclass(frozen=True, slots=True)
class _Detector:
    """A spec with all it needs, ready."""

    spec: DetectorSpec
    validator: Validator | None
    context: ContextSearch | None
    against: ContextSearch | None
    not_after: Regex | None = field(repr=False)
    exclude: tuple[Regex, ...] = field(repr=False)
    lexicon: Lexicon | None = field(repr=False)
    classifier: Classifier | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a detector stands by, before it is compared with others. `start` and `end` are bytes.

    `of_lines`: of the text with its lines as they stand; else of that with broken lines joined.
    """

    spec: DetectorSpec
    start: int
    end: int
    grade: Grade
    why: tuple[str, ...]
    of_lines: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A folded text, with broken lines joined, and with its lines as they stand: the same where none was broken."""

    joined: FoldedText = field(repr=False)
    lines: FoldedText = field(repr=False)


def _read(text: str) -> _Text:
    joined = fold(text, join=True)
    return _Text(joined, fold(text) if joined.broken else joined)


class Engine:
    """All detectors, compiled. For one process; the scans of several threads take turns.

    Raises RefusedPattern for a regex that RE2 does not take, KeyError for an unknown validator (`load_detectors`
    reports both with their place), SetupError for a model that cannot be loaded. Without a detector that names a model
    no model library is imported. `anywhere`: entities that a model looks for in all text; others it looks for where
    care is spoken of. `later`: models are loaded and regexes compiled when the first text needs them, not before: for
    commands with few texts, whose detectors were checked; `elsewhere` is asked before a model is loaded then.
    `first`: ids of the detectors that look at all of a text in a `glance`.
    """

    def __init__(
        self,
        specs: Sequence[DetectorSpec],
        *,
        fingerprint_key: bytes = b"",
        exact_key: bytes = b"",
        anywhere: Collection[str] = (),
        later: bool = False,
        elsewhere: Elsewhere | None = None,
        first: Collection[str] | None = None,
    ) -> None:
        self._first: Engine | None = None
        if first is not None:
            chosen = [spec for spec in specs if spec.id in first]
            self._first = Engine(chosen, fingerprint_key=fingerprint_key, exact_key=exact_key)
        self._names_with = partial(_names, specs, frozenset(anywhere), later=later, elsewhere=elsewhere)
        self._lists_with = partial(list_stages, specs)
        self.use(fingerprint_key, exact_key)
        specs = [spec for spec in specs if not spec.engine]
        self._detectors = tuple(_compile(spec, later=later) for spec in specs)
        self._specs = {spec.id: spec for spec in specs}
        self._by_entity = {spec.entity: spec for spec in sorted(specs, key=_stands_for)}
        if not later:
            warm()
            LONG.of(b"")
        self._plan = _plan(self._detectors, later=later)
        self._prefilter, self._prefilter_of_signs, self._prefilter_of_waiting = prefilters(
            self._plan.sought,
            [Pattern("sign", sign) for sign, _ in READERS],
            [pattern.spec for _, pattern in self._plan.waiting],
        )
        self._pages: Remembered[Candidate] = Remembered()
        self._lines: Remembered[Candidate] = Remembered()  # apart, so that no number of subjects pushes out a page
        self._lock = Lock()

    def use(self, fingerprint_key: bytes, exact_key: bytes) -> None:
        """From now on these keys, for who makes an engine before there are any. Raises SetupError."""
        if self._first is not None:
            self._first.use(fingerprint_key, exact_key)
        self._key = fingerprint_key
        self._names = self._names_with(fingerprint_key)
        self._lists = self._lists_with(exact_key=exact_key, fingerprint_key=fingerprint_key)

    def detect(self, segments: Sequence[Segment], limits: Limits) -> Detection:
        """What the detectors find, in the order of the text; a detector with too much of it is a failure too."""
        tallies = self._tallies(limits)
        findings: list[Finding] = []
        overlapped: list[Finding] = []
        half_read: list[int] = []
        doubtful: list[int] = []
        for index, segment in enumerate(segments):
            text = _read(segment.text)
            found = [self._finding(c, text, segment, index) for c in self._candidates(text, tallies)]
            stay, give_way = without_overlaps(found)
            findings += stay
            overlapped += give_way
            if not self._all_passages_found(text.joined, tallies):
                half_read.append(index)
            if self._names is not None and any(HEALTH in finding.groups for finding in stay):
                doubtful += [index] if self._doubts(text.joined) else []
        failures = _failures(tallies)
        if self._names is not None:
            more, failed, beside = self._names.detect(segments, findings, limits, half_read, doubtful)
            findings, give_way = _with(findings, more)
            overlapped += (*beside, *give_way)
            failures += failed
        more, failed = self._listed(segments, limits)
        findings += more
        failures += failed
        kept, echoes = without_repeats(findings, segments)
        kept, echoes = placed(marked(kept, segments), segments), placed(echoes, segments)
        spent = {name for name, tally in tallies.items() if tally.exhausted} | {each.detector for each in failures}
        return Detection(
            tuple(in_order(kept)),
            tuple(failures),
            tuple(in_order(echoes)),
            frozenset(spent),
            overlapped=tuple(in_order(overlapped)),
        )

    def glance(self, segments: Sequence[Segment], limits: Limits, long: Collection[Place]) -> Detection:
        """What can be found at all, quickly: texts of the places `long` are shown to the detectors of `first` alone.

        There all that each detector stands by is found, also where another would take its place.
        """
        here, there = _parted(segments, long)
        stated, failures = self._stated(here, limits)
        findings = list(stated)
        if self._names is not None:
            # as where passages may be left, so that no name counts for less than it may in `detect`
            every = range(len(here))
            more, failed, _ = self._names.detect(here, _with(stated, ())[0], limits, every, every)
            findings += more
            failures += failed
        for more, failed in (self._listed(here, limits), (self._first or self).unsettled(there, limits)):
            findings += more
            failures += failed
        return Detection(tuple(findings), tuple(failures))

    def unsettled(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]:
        """What patterns and lists stand by, before any takes another's place. No model is asked."""
        (findings, failures), (more, failed) = self._stated(segments, limits), self._listed(segments, limits)
        return findings + more, failures + failed

    def _stated(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]:
        tallies = self._tallies(limits)
        findings: list[Finding] = []
        for index, segment in enumerate(segments):
            if segment.text:
                text = _read(segment.text)
                findings.extend([self._finding(c, text, segment, index) for c in self._candidates(text, tallies)])
        return findings, _failures(tallies)

    def _listed(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]:
        """What lies over other findings, and takes the place of none."""
        findings: list[Finding] = []
        failures: list[DetectorFailure] = []
        for stage in self._lists:
            more, failed = stage.detect(segments, limits)
            findings += more
            failures += failed
        return findings, failures

    def candidates(self, text: str, limits: Limits) -> list[Candidate]:
        """All that the detectors stand by in one text, before overlaps are settled (to check samples)."""
        return list(self._candidates(_read(text), self._tallies(limits)))

    def _tallies(self, limits: Limits) -> Tallies:
        return Tallies(self._specs, limits)

    def _candidates(self, text: _Text, tallies: Tallies) -> Iterable[Candidate]:
        """What the detectors stand by in one text, looked for or remembered: the same text gives the same."""
        if not text.lines.octets:
            return ()
        remembered = self._pages if len(text.lines.octets) >= PAGE else self._lines
        digest = remembered.digest(text.lines.octets)
        known = remembered.get(digest)
        if known is not None and tallies.spend(known.used):
            return known.places
        before = tallies.left()
        found = tuple(self._looked_for(text, tallies))
        if not tallies.exhausted:
            remembered.put(digest, Known(found, tallies.used_since(before)))
        return found

    def _looked_for(self, whole: _Text, tallies: Tallies) -> Iterator[Candidate]:
        text = whole.joined
        with self._lock:
            occurring = self._prefilter.of(text.octets)
            near = Nearness(text, self._plan.gates, frozenset(occurring))
            for candidate in self._of_words_and_patterns(text, occurring, tallies, near):
                near.add(
                    candidate.spec.groups & self._plan.groups,
                    candidate.start,
                    candidate.end,
                    candidate.grade.confidence,
                )
                yield candidate
            signs = occurring if text is whole.lines else self._signs(whole.lines)
        yield from self._of_structures(whole.lines, signs, tallies)

    def _signs(self, lines: FoldedText) -> list[int]:
        """What of formats occurs in a text with its lines as they stand, by the numbers of the plan."""
        numbers = list(self._plan.readers)
        return [numbers[index] for index in self._prefilter_of_signs.of(lines.octets)]

    def _of_words_and_patterns(
        self, text: FoldedText, occurring: list[int], tallies: Tallies, near: Nearness
    ) -> Iterator[Candidate]:
        """Those that ask what was found near them come last."""
        for detector in self._detectors:
            if detector.lexicon is not None:
                term = Pattern("term", "", detector.spec.confidence, detector.spec.confidence)
                spans = detector.lexicon.spans(text.octets)
                yield from _judged(detector, term, text, spans, tallies[detector.spec.id], near)
        waiting = _Waiting(self._plan, self._prefilter_of_waiting, text.octets, near, occurring)
        alone = [self._plan.steps[index] for index in occurring if index in self._plan.steps]
        for asking in (False, True):
            if asking:
                yield from self._of_passages(text, tallies, near)
            for detector, pattern in chain((step for step in alone if _asks(step) == asking), waiting.open(asking)):
                search = detector.context if _needs_context(pattern.spec) else None
                spans = pattern.spans(text.octets) if search is None else near.spans(search, pattern)
                yield from _judged(detector, pattern.spec, text, spans, tallies[detector.spec.id], near)
        for expression in near.unfinished():
            for detector in self._detectors:
                if detector.context and detector.context.expression == expression:
                    tallies[detector.spec.id].exhausted = True

    def _of_passages(self, text: FoldedText, tallies: Tallies, near: Nearness) -> Iterator[Candidate]:
        """Passages that tell of somebody's care: after what is known by name, before those that ask for company."""
        for detector in self._detectors:
            if detector.classifier is not None:
                yield from _told(detector.spec, detector.classifier, text, tallies[detector.spec.id], near)

    def _all_passages_found(self, text: FoldedText, tallies: Tallies) -> bool:
        """Else what stands elsewhere in the text may be about somebody's care all the same."""
        classifying = [detector for detector in self._detectors if detector.classifier is not None]
        return len(text.octets) <= READ and not any(
            tallies[d.spec.id].exhausted or (d.classifier is not None and not d.classifier.can_tell(text.octets))
            for d in classifying
        )

    def _doubts(self, text: FoldedText) -> bool:
        """Whether a classifier is not sure that a text tells of nobody's care."""
        return any(d.classifier is not None and d.classifier.doubts(text.octets) for d in self._detectors)

    def _of_structures(self, text: FoldedText, occurring: list[int], tallies: Tallies) -> Iterator[Candidate]:
        """What fields and columns say; stated by the detector of its entity, if one is there."""
        for reader in (self._plan.readers[index] for index in occurring if index in self._plan.readers):
            for value in reader(text.octets):
                spec = self._by_entity.get(value.entity)
                if spec is None:
                    continue
                tally = tallies[spec.id]
                if tally.findings <= 0:
                    tally.exhausted = True
                    continue
                tally.findings -= 1
                yield Candidate(spec, value.start, value.end, _BY_PLACE, (value.why,), of_lines=True)

    def _finding(self, candidate: Candidate, whole: _Text, segment: Segment, index: int) -> Finding:
        spec = candidate.spec
        text = whole.lines if candidate.of_lines else whole.joined
        span = text.span(candidate.start, candidate.end)
        value = segment.text[span.start : span.end]
        return Finding(
            entity=spec.entity,
            groups=spec.groups,
            detector=spec.id,
            confidence=candidate.grade.confidence,
            score=candidate.grade.score,
            part_path=segment.part_path,
            place=segment.place,
            segment=index,
            span=span,
            masked=mask(value, spec.mask),
            value=value,
            fingerprint=fingerprint(self._key, spec.entity, text.text(candidate.start, candidate.end)),
            why=candidate.why,
        )


_Step = tuple[_Detector, CompiledPattern]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the prefilters are asked, in order, and what is done where a thing occurs, by its number.

    `waiting` are the patterns that say nothing without their context: asked for only where some context occurs.
    """

    sought: tuple[Pattern, ...] = field(repr=False)
    steps: Mapping[int, _Step] = field(repr=False)
    gates: Mapping[str, int] = field(repr=False)  # expression of context words to its number
    readers: Mapping[int, Reader] = field(repr=False)
    waiting: tuple[_Step, ...] = field(repr=False)
    woken: Mapping[int, tuple[int, ...]] = field(repr=False)  # context's number to those waiting that it alone wakes
    asking: tuple[tuple[ContextSearch, list[int]], ...] = field(repr=False)  # likewise, those that findings may wake
    groups: frozenset[str] = frozenset()  # whose findings some detector asks for


def _plan(detectors: Sequence[_Detector], *, later: bool) -> _Plan:
    """Patterns that may stand alone, then context words for those that may not, then signs of formats."""
    patterns = [
        (detector, compile_pattern(pattern, later=later))
        for detector in detectors
        for pattern in _patterns_of(detector.spec)
    ]
    alone = [step for step in patterns if not _waits(step)]
    waiting = tuple(step for step in patterns if _waits(step))
    sought = [pattern.spec for _, pattern in alone]
    gates: dict[str, int] = {}
    for detector, _ in waiting:
        expression = detector.context.expression if detector.context else ""
        if expression and expression not in gates:
            gates[expression] = len(sought)
            sought.append(Pattern("context", expression))
    readers = dict(enumerate((reader for _, reader in READERS), len(sought)))
    sought.extend(Pattern("sign", sign) for sign, _ in READERS)
    groups = frozenset(group for detector in detectors for group in detector.spec.context.groups)
    if any(detector.classifier is not None for detector in detectors):
        groups |= {HEALTH}  # known health content makes a doubtful passage surer
    woken: dict[int, tuple[int, ...]] = {}
    for index, (detector, _) in enumerate(waiting):
        gate = gates.get(detector.context.expression) if detector.context else None
        if gate is not None and not detector.spec.context.groups:
            woken[gate] = (*woken.get(gate, ()), index)
    asking = groupby(
        ((step[0].context, index) for index, step in enumerate(waiting) if _asks(step) and step[0].context),
        key=itemgetter(0),
    )
    likewise = tuple((context, [index for _, index in pairs]) for context, pairs in asking)
    return _Plan(tuple(sought), dict(enumerate(alone)), gates, readers, waiting, woken, likewise, groups)


@dataclass(slots=True)
class _Waiting:
    """The patterns that are silent without context, in one text. Their prefilter is asked once, if at all."""

    plan: _Plan = field(repr=False)
    prefilter: Prefilter = field(repr=False)
    octets: bytes = field(repr=False)
    near: Nearness = field(repr=False)
    contexts: Sequence[int] = field(repr=False)  # numbers of what occurs
    _occurring: frozenset[int] | None = None

    def open(self, asking: bool) -> Iterator[_Step]:
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


def _waits(step: _Step) -> bool:
    """Whether a pattern is silent without its context."""
    return step[0].context is not None and _needs_context(step[1].spec)


def _asks(step: _Step) -> bool:
    """Whether a pattern asks what other detectors found near it."""
    return bool(step[0].spec.context.groups)


def _parted(segments: Sequence[Segment], long: Collection[Place]) -> tuple[list[Segment], list[Segment]]:
    """Those of other places, and those of these; each in its own place, with the others empty."""
    empty = [Segment(segment.part_path, segment.place, "") for segment in segments]
    pairs = [(e, s) if s.place in long else (s, e) for s, e in zip(segments, empty, strict=True)]
    return [here for here, _ in pairs], [there for _, there in pairs]


def _failures(tallies: Tallies) -> list[DetectorFailure]:
    spent = (name for name, tally in sorted(tallies.items()) if tally.exhausted and not tally.enough)
    return [DetectorFailure(name, FailureKind.LIMIT) for name in spent]


def _stands_for(spec: DetectorSpec) -> tuple[bool, str]:
    """The last one of an entity states what a structure says of it: one of patients, where there is one."""
    return "patient-identifier" in spec.groups, spec.id


def _names(
    specs: Sequence[DetectorSpec],
    anywhere: frozenset[str],
    fingerprint_key: bytes,
    *,
    later: bool,
    elsewhere: Elsewhere | None,
) -> Names | None:
    models = [spec for spec in specs if spec.engine == "names"]
    if not models:
        return None
    from gateway.detect.names.build import build_names  # seconds and memory that only an engine with a model spends

    passages = any(spec.classifier for spec in specs)
    return build_names(models, fingerprint_key, anywhere, later=later, elsewhere=elsewhere, reads_passages=passages)


def _with(findings: Sequence[Finding], more: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """All of them without overlaps, segment by segment; and those that give way."""
    by_segment: dict[int, list[Finding]] = {}
    for finding in (*findings, *more):
        by_segment.setdefault(finding.segment, []).append(finding)
    stay: list[Finding] = []
    give_way: list[Finding] = []
    for group in by_segment.values():
        kept, overlapped = without_overlaps(group)
        stay += kept
        give_way += overlapped
    return stay, give_way


def _needs_context(pattern: Pattern) -> bool:
    return pattern.alone is None and pattern.invalid_alone is None


def _compile(spec: DetectorSpec, *, later: bool) -> _Detector:
    return _Detector(
        spec,
        validator_for(spec),
        context_search(spec.context, later=later),
        against_search(spec.context, later=later),
        regex_of(other_label(spec.context.not_after), later=later) if spec.context.not_after else None,
        tuple(regex_of(regex, later=later) for regex in spec.exclude),
        None if spec.patterns else lexicon_of(spec.lexicon_terms),
        classifier_of(spec.classifier_weights) if spec.classifier_weights else None,
    )


def _patterns_of(spec: DetectorSpec) -> tuple[Pattern, ...]:
    """Those declared; of a word list, one for the terms that count only as they are written."""
    words = as_written(spec.lexicon_terms) if not spec.patterns else ()
    if not words:
        return spec.patterns
    terms = "|".join(_escaped(word) for word in sorted(words, key=lambda w: (-len(w), w)))
    regex = rf"(?:^|[^0-9A-Za-z])(?P<value>{terms})(?:[^0-9A-Za-z]|$)"
    return (Pattern("term as written", regex, spec.confidence, spec.confidence, case_sensitive=True),)


def _escaped(word: str) -> str:
    return "".join(c if c.isalnum() or c == " " else f"\\{c}" for c in word)


def _judged(
    detector: _Detector,
    pattern: Pattern,
    text: FoldedText,
    spans: Iterator[tuple[int, int]],
    tally: Tally,
    nearness: Nearness,
) -> Iterator[Candidate]:
    """The values worth stating, as long as the tally lasts."""
    for start, end in spans:
        if tally.looks <= 0:
            tally.exhausted = True
            return
        tally.looks -= 1
        candidate = _judge(detector, pattern, text, (start, end), nearness)
        if candidate is None:
            continue
        if tally.findings <= 0:
            tally.exhausted = True
            return
        tally.findings -= 1
        yield candidate


def _told(
    spec: DetectorSpec, classifier: Classifier, text: FoldedText, tally: Tally, near: Nearness
) -> Iterator[Candidate]:
    """The passages that a classifier takes for telling of somebody's care; in doubt a known term in one helps."""
    for passage in classifier.passages(text.octets):
        if tally.findings <= 0:
            tally.exhausted = True
            return
        tally.findings -= 1
        known = passage.personal and not passage.sure and near.holds(HEALTH, passage.start, passage.end)
        confidence = min(spec.confidence, Confidence.MEDIUM if known or passage.sure else Confidence.LOW)
        why = [f"words of {spec.classifier}: {', '.join(map(repr, passage.words))}"]
        why += ["it has known health content"] if known else []
        why.append(f"{confidence.word}: score {passage.score / 100:.1f}")
        yield Candidate(spec, passage.start, passage.end, Grade(confidence, score(confidence)), tuple(why))


def _judge(
    detector: _Detector, pattern: Pattern, text: FoldedText, span: tuple[int, int], nearness: Nearness
) -> Candidate | None:
    start, end = span
    value = text.octets[start:end]
    if any(exclude.compiled.fullmatch(value) for exclude in detector.exclude) or _is_another(detector, text, start):
        return None
    valid = detector.validator(text.text(start, end)) if detector.validator else None
    near = nearness.words(detector.context, start, end)
    graded = grade(pattern, in_context=bool(near), valid=valid)
    if graded is None:
        return None
    why = [f"pattern {pattern.name}" if pattern.regex else f"a term of {detector.spec.lexicon or 'the word list'}"]
    if near:
        why.append(near)
    if detector.validator:
        why.append(f"validator {detector.spec.validator}: {_ANSWERS[valid]}")
    why.append(stated(graded.confidence, in_context=bool(near), valid=valid))
    if graded.confidence > Confidence.LOW and (against := nearness.words(detector.against, start, end)):
        why.append(f"worth little: {against}")
        graded = Grade(Confidence.LOW, score(Confidence.LOW))
    return Candidate(detector.spec, start, end, graded, tuple(why))


def _is_another(detector: _Detector, text: FoldedText, start: int) -> bool:
    """Whether the label of something else stands right before a value."""
    if detector.not_after is None:
        return False
    return detector.not_after.compiled.search(text.octets[max(0, start - _LABEL) : start]) is not None


_ANSWERS = {True: "valid", False: "not valid", None: "cannot say"}
