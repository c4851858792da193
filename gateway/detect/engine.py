"""The engine: segments in, findings out.

For each segment: fold the text and join the lines that a program broke, search it (`search`), settle what lies over
what. A names stage comes last and sees what was found. Nothing here raises because of what a text contains, and
nothing takes more than linear time.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from gateway.core.detector import DetectorSpec
from gateway.core.finding import Detection, DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span
from gateway.detect.judging import HEALTH, Candidate
from gateway.detect.kind import called_right, kinds
from gateway.detect.layout import placed
from gateway.detect.listed import list_stages
from gateway.detect.marks import marked
from gateway.detect.masking import fingerprint, mask
from gateway.detect.names import Elsewhere, Names
from gateway.detect.noticed import apart
from gateway.detect.resolve import PASSAGE, in_order, without_overlaps, without_repeats
from gateway.detect.search import Search
from gateway.detect.signed import Frames
from gateway.detect.tally import Tallies
from gateway.detect.text import WholeText, folded
from gateway.detect.validators import warm
from gateway.detect.wrapped import LONG


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
        self._specs = {spec.id: spec for spec in specs}
        self._entities = frozenset(spec.entity for spec in specs)
        if not later:
            warm()
            LONG.of(b"")
            kinds()
        self._search = Search(specs, later=later)

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
        parted = apart(segments)
        found, overlapped, failures = self._read(parted.segments, tallies, limits)
        findings, overlapped = parted.back(found), parted.back(overlapped)
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

    def _read(
        self, segments: Sequence[Segment], tallies: Tallies, limits: Limits
    ) -> tuple[list[Finding], list[Finding], list[DetectorFailure]]:
        """What is found, what gave way to it, and which detectors had too much of it."""
        findings: list[Finding] = []
        overlapped: list[Finding] = []
        half_read: list[int] = []
        doubtful: dict[int, list[Span]] = {}
        for index, segment in enumerate(segments):
            text = folded(segment.text)
            found = [(c, self._finding(c, text, segment, index)) for c in self._search.candidates(text, tallies)]
            stay, give_way = without_overlaps(finding for _, finding in found)
            stay = called_right(stay, found, text.joined, self._entities, self._key)
            findings += stay
            overlapped += give_way
            if not self._search.all_passages_found(text.joined, tallies):
                half_read.append(index)
            if self._names is not None and any(HEALTH in finding.groups for finding in stay):
                doubtful[index] = self._doubts(text)
        failures = _failures(tallies)
        frames = Frames(segments, self._search.is_of_work, self._search.is_of_care)
        judged = self._reread(frames.without_work(findings), frames)
        if self._names is not None:
            more, failed, beside = self._names.detect(segments, judged, limits, half_read, doubtful)
            if frames.names_somebody(judged, more):
                judged = self._reread(frames.without_work(findings), frames)
                more, failed, beside = self._names.detect(segments, judged, limits, half_read, doubtful)
            findings, give_way = _with(judged, frames.without_work(more))
            overlapped += (*beside, *give_way)
            failures += failed
        else:
            findings = judged
        return findings, overlapped, failures

    def _reread(self, findings: Sequence[Finding], frames: Frames) -> list[Finding]:
        """Without the passages that tell of care by the words of a signature or a notice alone."""
        told: dict[int, list[Span] | None] = {}
        for index in {finding.segment for finding in findings if PASSAGE in finding.groups}:
            matter = frames.matter(index)
            text = folded(matter).joined if matter is not None else None
            told[index] = [text.span(*place) for place in self._search.passages(text)] if text is not None else None
        return [finding for finding in findings if PASSAGE not in finding.groups or _is_told(finding, told)]

    def glance(self, segments: Sequence[Segment], limits: Limits, long: Collection[Place]) -> Detection:
        """What can be found at all, quickly: texts of the places `long` are shown to the detectors of `first` alone.

        There all that each detector stands by is found, also where another would take its place.
        """
        parted = apart(segments)
        here, there = _parted(parted.segments, long)
        stated, failures = self._stated(here, limits)
        findings = list(stated)
        if self._names is not None:
            # as where passages may be left, so that no name counts for less than it may in `detect`
            doubtful = {index: self._doubts(folded(segment.text)) for index, segment in enumerate(here) if segment.text}
            every = range(len(here))
            more, failed, _ = self._names.detect(here, _with(stated, ())[0], limits, every, doubtful)
            findings += more
            failures += failed
        first = self._first or self
        more, failed = first._stated(there, limits)  # noqa: SLF001 - of the same class
        findings, failures = parted.back(findings + more), failures + failed
        for engine, whole in zip((self, first), _parted(segments, long), strict=True):
            more, failed = engine._listed(whole, limits)  # noqa: SLF001 - of the same class
            findings += more
            failures += failed
        return Detection(tuple(findings), tuple(failures))

    def _doubts(self, text: WholeText) -> list[Span]:
        """Where somebody's care may be told of, by a classifier that is not sure."""
        return [text.joined.span(*place) for place in self._search.doubts(text.joined)]

    def _stated(self, segments: Sequence[Segment], limits: Limits) -> tuple[list[Finding], list[DetectorFailure]]:
        tallies = self._tallies(limits)
        findings: list[Finding] = []
        for index, segment in enumerate(segments):
            if segment.text:
                text = folded(segment.text)
                found = [(c, self._finding(c, text, segment, index)) for c in self._search.candidates(text, tallies)]
                stated = [finding for _, finding in found]
                right = called_right(stated, found, text.joined, self._entities, self._key)
                findings += stated + [f for f, was in zip(right, stated, strict=True) if f is not was]
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
        return list(self._search.candidates(folded(text), self._tallies(limits)))

    def _tallies(self, limits: Limits) -> Tallies:
        return Tallies(self._specs, limits)

    def _finding(self, candidate: Candidate, whole: WholeText, segment: Segment, index: int) -> Finding:
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


def _is_told(passage: Finding, told: Mapping[int, Sequence[Span] | None]) -> bool:
    """Whether something of a passage is still one without the frame of its text."""
    left = told[passage.segment]
    return left is None or any(s.start < passage.span.end and passage.span.start < s.end for s in left)


def _parted(segments: Sequence[Segment], long: Collection[Place]) -> tuple[list[Segment], list[Segment]]:
    """Those of other places, and those of these; each in its own place, with the others empty."""
    empty = [Segment(segment.part_path, segment.place, "") for segment in segments]
    pairs = [(e, s) if s.place in long else (s, e) for s, e in zip(segments, empty, strict=True)]
    return [here for here, _ in pairs], [there for _, there in pairs]


def _failures(tallies: Tallies) -> list[DetectorFailure]:
    spent = (name for name, tally in sorted(tallies.items()) if tally.exhausted and not tally.enough)
    return [DetectorFailure(name, FailureKind.LIMIT) for name in spent]


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
