"""The names stage: gate, model, rules on top, who is meant, findings."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import DetectorFailure, FailureKind, Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment, Span, View
from gateway.detect import grading
from gateway.detect.masking import fingerprint, mask
from gateway.detect.names import gate, joined, noted, rules, said, shape
from gateway.detect.names.animals import is_of_an_animal
from gateway.detect.names.base import NOWHERE, Mark, Tagger
from gateway.detect.names.evidence import Grounds, Surroundings
from gateway.detect.names.roles import Layout, People, correspondents, people_named
from gateway.detect.remembered import Known, Remembered
from gateway.detect.text import fold

PATIENT = "patient-identifier"
_READ = frozenset({Place.SUBJECT, Place.BODY, Place.ATTACHMENT, Place.FILENAME})
_LONG = frozenset({Place.BODY, Place.ATTACHMENT})
_HOME_REACH = 120  # characters between a person and an address that is theirs
_HOME_WORDS = 60  # characters in which a word of living or of an institution counts
_HOME = re.compile(
    r"\b(?:lives?|living|resid\w+|home|address|(?:mail|ship|bill|send)\w* (?:\w+ )?to|deliver\w*|moved)\b"
)
_OURS = re.compile(
    r"\b(?:our|the) (?:new |main )?(?:address|office|clinic|practice|hospital|pharmacy|location|store)\b|\bat our\b"
)

_FRAME, _READER = "in a signature or a quoted head", "writes, reads or is greeted"
_LETTER_ROLES = frozenset({_FRAME, _READER})
_FIRST = re.compile(
    r"\b(?:I|[Mm]y|I['’](?:m|ve|d|ll)|i|i['’]?(?:m|ve)|[Mm]e|[Ww]e|[Oo]ur)\b"
    r"(?! (?:saw|evaluat|prescrib|recommend|order|refer|review|discuss|examin|gave|explain|spoke|"
    r"start(?:ed)? (?:her|him|them)|see (?:her|him|them)|"
    r"am (?:writing|referring)|would recommend|team|clinic|office|staff|patients?|practice|hospital|"
    r"department))[^\n.?!]*$"
)
_SECOND = re.compile(r"\b(?:[Yy]ou(?:r|['’]re|['’]ve)?|ur?)\b[^\n.?!]*$")
_LONE = re.compile(r"[\ud800-\udfff]")  # no character: UTF-8, and so a model, has none
Pieces = Callable[[str, int, int], Iterator[shape.Piece]]
_SHAPES: dict[str, tuple[Pieces, shape.Plausible]] = {
    "PERSON": (shape.person_pieces, shape.person),
    "STREET_ADDRESS": (shape.address_pieces, shape.address),
}
_OTHER: tuple[Pieces, shape.Plausible] = (shape.plain_pieces, shape.place)


@dataclass(frozen=True, slots=True)
class _Detector:
    spec: DetectorSpec
    lists: shape.Words = field(repr=False)
    staff: People = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Text:
    """One segment that is read, and what is known about it."""

    index: int
    segment: Segment
    text: str
    layout: Layout
    around: Surroundings
    windows: tuple[gate.Window, ...]  # what is read
    near: tuple[gate.Window, ...]  # of that, what stands near words of care
    of_animal: bool


class NamesStage:
    """One model and the detectors that live on it. Same message, same findings.

    Entities of `anywhere` are looked for in all text, others where care is spoken of. `reads_passages`: a classifier
    has read the texts, so where it found no passage nobody's care is told of.
    """

    def __init__(
        self,
        specs: Sequence[DetectorSpec],
        tagger: Tagger,
        *,
        fingerprint_key: bytes = b"",
        anywhere: frozenset[str] = frozenset(),
        reads_passages: bool = False,
    ) -> None:
        self._tagger = tagger
        self._remembered: Remembered[Mark] = Remembered()
        self._key = fingerprint_key
        self._reads_passages = reads_passages
        self._anywhere = anywhere & {spec.entity for spec in specs}
        self._detectors = tuple(_detector(spec) for spec in specs)
        self._given = _all_of([d.lists.given for d in self._detectors])
        people = [d for d in self._detectors if d.spec.entity == "PERSON"]
        self._people = frozenset(label for d in people for label in d.spec.labels)
        self._family = _all_of([d.lists.family for d in self._detectors])

    def detect(
        self,
        segments: Sequence[Segment],
        found: Sequence[Finding],
        limits: Limits,
        half_read: Collection[int] = (),
        doubtful: Mapping[int, Sequence[Span]] = NOWHERE,
    ) -> tuple[list[Finding], list[DetectorFailure], list[Finding]]:
        read = frozenset(range(len(segments))).difference(half_read) if self._reads_passages else frozenset()
        most = limits.model_characters
        texts = _texts(segments, found, everywhere=most if self._anywhere else 0, read=read, doubtful=doubtful)
        if not texts:
            return [], [], []
        chunks, complete = _within(most, texts)
        complete = complete and not (self._anywhere and any(len(text.text) > most for text in texts))
        failures = [] if complete else [DetectorFailure(d.spec.id, FailureKind.LIMIT) for d in self._detectors]
        mail = correspondents(segments)
        findings: list[Finding] = []
        overlapped: list[Finding] = []
        for text, marks in self._tagged(chunks):
            marks.update(_titled(text.index, found))
            marks.update(text.around.beside(self._given, self._family))
            seen = sorted(marks, key=_start)
            for note in text.around.notes_of_care():
                inside = seen[bisect_left(seen, note[0], key=_start) : bisect_left(seen, note[1], key=_start)]
                marks.update(noted.marks(text.text, note, inside, self._people, self._given, self._family))
            more, beside = self._findings(text, marks, mail)
            findings += more
            overlapped += beside
        return findings, failures, overlapped

    def _tagged(self, chunks: Sequence[tuple[_Text, gate.Window]]) -> Iterator[tuple[_Text, set[Mark]]]:
        """The marks of each text, whatever chunk they came from."""
        shown = [_LONE.sub("?", text.text[start:end]) for text, (start, end) in chunks]
        by_text: dict[int, set[Mark]] = defaultdict(set)
        texts: dict[int, _Text] = {}
        for (text, (start, end)), marks in zip(chunks, self._marks(shown), strict=True):
            texts[text.index] = text
            told = [Mark(m.start + start, m.end + start, m.label) for m in marks]
            others = [mark for mark in told if mark.label not in self._people]
            by_text[text.index].update(told)
            by_text[text.index].update(rules.marks(text.text, start, end, self._given, self._family, others))
        for index, text in texts.items():
            yield text, by_text[index]

    def _marks(self, shown: Sequence[str]) -> list[tuple[Mark, ...]]:
        """What the model says of each; of one that it has been shown before, what it said then."""
        digests = [self._remembered.digest(text.encode("utf-8", "replace")) for text in shown]
        known = {digest: seen.places for digest in digests if (seen := self._remembered.get(digest)) is not None}
        new = {digest: text for digest, text in zip(digests, shown, strict=True) if digest not in known}
        for digest, marks in zip(new, self._tagger.tag(list(new.values())), strict=True):
            self._remembered.put(digest, Known(marks, {}))
            known[digest] = marks
        return [known[digest] for digest in digests]

    def _findings(self, text: _Text, marks: Collection[Mark], mail: People) -> tuple[list[Finding], list[Finding]]:
        people = mail + text.layout.greeted
        found: list[Finding] = []
        overlapped: list[Finding] = []
        for detector in sorted(
            self._detectors, key=lambda d: d.spec.entity == "STREET_ADDRESS"
        ):  # it asks for the others
            spec = detector.spec
            judge = _Judge(text, detector, people, tuple(found))
            near = None if spec.entity in self._anywhere else text.near
            pieces, beside = _pieces(text, marks, detector, near)
            for into, places in ((found, pieces), (overlapped, beside)):
                for start, end in places:
                    grounds, patient = judge.judged(start, end)
                    low, high = judge.whole(start, end)
                    into.append(self._finding(text, spec, low, high, grounds, patient=patient))
        return found, overlapped

    def _finding(
        self, text: _Text, spec: DetectorSpec, start: int, end: int, grounds: Grounds, *, patient: bool
    ) -> Finding:
        confidence = min(grounds.confidence, spec.confidence)
        value = text.segment.text[start:end]
        folded = fold(value).octets.decode("utf-8", "replace")
        return Finding(
            entity=spec.entity,
            groups=spec.groups if patient else spec.groups - {PATIENT},
            detector=spec.id,
            confidence=confidence,
            score=grading.score(confidence, in_context=patient),
            part_path=text.segment.part_path,
            place=text.segment.place,
            segment=text.index,
            span=Span(start, end),
            masked=mask(value, spec.mask),
            value=value,
            fingerprint=fingerprint(self._key, spec.entity, folded),
            why=("the language model and the rules beside it", *grounds.why),
        )


@dataclass(frozen=True, slots=True)
class _Judge:
    """What helps to judge the pieces of one detector; `before` are the findings of other detectors."""

    text: _Text
    detector: _Detector
    people: People
    before: tuple[Finding, ...]

    def whole(self, start: int, end: int) -> shape.Piece:
        """With the rest of a name that was marked in part; what it counts as is judged by what was marked."""
        if self.detector.spec.entity != "PERSON":
            return start, end
        return joined.whole(self.text.text, start, end, self.detector.lists.given, self.detector.lists.never)

    def judged(self, start: int, end: int) -> tuple[Grounds, bool]:
        """How sure, and whether it counts as a patient's."""
        if self.detector.spec.entity == "PERSON":
            return self._person(start, end)
        if self.detector.spec.entity == "STREET_ADDRESS":
            return self._address(start, end)
        return Grounds(Confidence.MEDIUM), True

    def _person(self, start: int, end: int) -> tuple[Grounds, bool]:
        layout, name = self.text.layout, self.text.text[start:end]
        if self.text.of_animal:
            return Grounds(Confidence.LOW, ("in a text about the care of an animal",)), False
        introduced = layout.introduces_itself(start, end)
        grounds = self.text.around.grounds(
            start, end, introduced=introduced, known=self._is_known(name), closing=layout.closes(start, end)
        )
        if introduced:
            return grounds, True
        role = self._role(name, start, end, layout)
        if (not role or role in _LETTER_ROLES) and (meant := self._meant(start, end)):
            return Grounds(Confidence.MEDIUM, (*grounds.why, meant)), True
        if role:
            return Grounds(grounds.confidence, (*grounds.why, role)), False
        return grounds, True

    def _is_known(self, name: str) -> bool:
        """Whether a word of it is a given name of the list."""
        given = self.detector.lists.given
        return not given or any(word.lower() in given for word in re.findall(r"[^\W\d_]+", name))

    def _role(self, name: str, start: int, end: int, layout: Layout) -> str:
        if self.detector.staff.include(name):
            return "on the staff list"
        if said.as_a_patient(self.text.text, end):
            return ""
        if layout.is_clinician(start, end):
            return "written as a clinician"
        if layout.is_frame(start, end):
            return _FRAME
        if self.people.include(name):
            return _READER
        return "written as one of the staff" if layout.is_staff(start, end) else ""

    def _meant(self, start: int, end: int) -> str:
        """A letter is about its writer where it says "my asthma", about its reader where it says "your asthma"."""
        layout, around = self.text.layout, self.text.around
        if (layout.signs(start) or layout.closes(start, end)) and around.is_said_by():
            return "signs, and tells of an illness of their own"
        if not around.tells_of_health or not around.is_told_of(start, end) or not around.is_clinical(start, end):
            return ""
        if around.told_in_a_note(start, end):
            return "in a note that tells of somebody's care"
        if (layout.signs(start) or layout.closes(start, end)) and around.speaks_of(_FIRST):
            return "signs, and speaks of their own health"
        if layout.greets(start) and around.speaks_of(_SECOND):
            return "is spoken to, and the health content is theirs"
        written = layout.wrote(start)
        if written and around.speaks_of(_FIRST, *written):
            return "wrote of their own health"
        return ""

    def _address(self, start: int, end: int) -> tuple[Grounds, bool]:
        """A patient's behind a patient's name or a word of living; not in a signature, not an institution's."""
        near = self.text.text[max(0, start - _HOME_WORDS) : start].lower()
        if self.text.layout.in_signature(start) or _OURS.search(near) or self._follows("FACILITY", start):
            return Grounds(Confidence.MEDIUM, ("in a signature, or of an institution",)), False
        if word := _HOME.search(near):
            return Grounds(Confidence.MEDIUM, (f"'{word[0]}' before it",)), True
        owned = self._follows("PERSON", start)
        return Grounds(Confidence.MEDIUM, ("a person's name before it",) if owned else ()), owned

    def _follows(self, entity: str, start: int) -> bool:
        """Whether a facility, or a person who counts as a patient, stands close before."""
        near = (f for f in self.before if f.entity == entity and 0 <= start - f.span.end <= _HOME_REACH)
        sure = (f for f in near if f.confidence >= Confidence.MEDIUM)
        return any(PATIENT in f.groups or entity != "PERSON" for f in sure)


def _titled(segment: int, found: Iterable[Finding]) -> Iterator[Mark]:
    """Names that patterns found and took for nobody's in particular: they are judged like those of the model."""
    for finding in found:
        if finding.segment == segment and finding.entity == "PERSON" and PATIENT not in finding.groups:
            yield Mark(finding.span.start, finding.span.end, rules.LABEL)


def _start(mark: Mark) -> int:
    return mark.start


def _detector(spec: DetectorSpec) -> _Detector:
    lists = (spec.lexicon_terms, spec.given_names, spec.family_names)
    never, given, family = map(_lowered, lists)
    return _Detector(spec, shape.Words(never, given, family), people_named(spec.staff_names))


def _lowered(words: Sequence[str]) -> frozenset[str]:
    """Lists are long, and most of them are in lower case."""
    return frozenset(words if "".join(words).islower() else [word.lower() for word in words])


def _all_of(lists: Sequence[Collection[str]]) -> frozenset[str]:
    filled = [frozenset(names) for names in lists if names]
    return filled[0] if len(filled) == 1 else frozenset().union(*filled)


def _texts(
    segments: Sequence[Segment],
    found: Sequence[Finding],
    *,
    everywhere: int,
    read: Collection[int],
    doubtful: Mapping[int, Sequence[Span]],
) -> list[_Text]:
    """The segments that names matter in. Of a part with a visible text only that is read: the other repeats it.

    `everywhere`: characters up to which a text is read as a whole, wherever care is spoken of. `read`: those in which
    a classifier found all passages that there are; `doubtful`: where in each it may have missed one.
    """
    by_segment: dict[int, list[Finding]] = defaultdict(list)
    for finding in found:
        by_segment[finding.segment].append(finding)
    visible = {(s.part_path, s.place, s.header) for s in segments if s.view is View.VISIBLE}
    texts = []
    for index, segment in enumerate(segments):
        hidden = segment.view is View.ALL and (segment.part_path, segment.place, segment.header) in visible
        if segment.place not in _READ or hidden or not segment.text:
            continue
        text = segment.text if segment.place is not Place.FILENAME else segment.text.replace("_", " ")
        here = by_segment[index]
        long = index in read and segment.place in _LONG
        near = tuple(gate.windows(text, gate.health(here) if long else gate.points(text, here)))
        whole = 0 < len(text) <= everywhere
        windows = ((0, len(text)),) if whole else near
        if windows or everywhere:
            around = Surroundings(text, here, reads_passages=index in read, doubtful=doubtful.get(index, ()))
            of_animal = len(text) <= gate.CUED and is_of_an_animal(text)
            texts.append(_Text(index, segment, text, Layout(text, windows), around, windows, near, of_animal))
    return texts


def _within(most: int, texts: Sequence[_Text]) -> tuple[list[tuple[_Text, gate.Window]], bool]:
    """The chunks that may be read, and whether these are all."""
    chosen: list[tuple[_Text, gate.Window]] = []
    left = most
    for text in texts:
        for window in text.windows:
            for chunk in gate.chunks(text.text, window):
                left -= chunk[1] - chunk[0]
                if left < 0:
                    return chosen, False
                chosen.append((text, chunk))
    return chosen, True


def _pieces(
    text: _Text, marks: Iterable[Mark], detector: _Detector, near: Sequence[gate.Window] | None
) -> tuple[list[shape.Piece], list[shape.Piece]]:
    """What of the marks is plausible for this detector; of overlapping ones the longest. `near`: nowhere else.

    The second are those that gave way.
    """
    cut, plausible = _SHAPES.get(detector.spec.entity, _OTHER)
    wanted = {*detector.spec.labels, rules.LABEL} if detector.spec.entity == "PERSON" else set(detector.spec.labels)
    pieces = {
        piece
        for m in marks
        if m.label in wanted
        for piece in cut(text.text, m.start, m.end)
        if plausible(text.text, *piece, detector.lists) and not text.around.meets_term(*piece)
    }
    kept: list[shape.Piece] = []
    beside: list[shape.Piece] = []
    for piece in sorted(pieces):
        if near is not None and not gate.within(near, piece[0]):
            continue
        if not kept or kept[-1][1] <= piece[0]:
            kept.append(piece)
        elif piece[1] - piece[0] > kept[-1][1] - kept[-1][0]:
            beside.append(kept[-1])
            kept[-1] = piece
        else:
            beside.append(piece)
    return kept, beside
