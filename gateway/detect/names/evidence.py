"""Whether a name is of somebody whose care a text tells about, and in which words that is so."""

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Span
from gateway.detect.names import beside, public, said
from gateway.detect.names.base import Mark
from gateway.detect.names.gate import CUE, CUED, Window, merged
from gateway.detect.resolve import PASSAGE

OF_SOMEBODY = "of-somebody"  # group of findings that are said of the care of one person alone
HEALTH_REACH = 250  # characters between a name and health content
IDENTIFIER_REACH = 150
CARE_REACH = 90
PRONOUN_REACH = 40
FULL_REACH = 150  # for a full name without a word of care beside it
SHORT_NOTE = 700  # characters
LINE = 160  # characters of a line or two
SHORT_REACH = 120  # in such a note, for a first name with nothing beside it
_CARE = re.compile(
    r"\b(?:diagnos(?:ed|is)|admitted|discharged|hospitali[sz]ed|present(?:s|ed) (?:with|to|for|on)|c/o|s/p|y/o|"
    r"complain(?:s|ed|ing) of|\d+ ?(?:yo|y\.o\.)|year[- ]old|history of|hx of|known for|prescri(?:bed|ption)|refill|"
    r"started on|tak(?:es|ing)|was seen|seen (?:in|on|by|for)|evaluated|allergic|pregnan(?:t|cy)|miscarried|"
    r"delivered|"
    r"(?:test|lab|biopsy|scan|mri|ct|x-ray|blood) results?|results|tested|came back|referr(?:ed|al|ing)|appointment|"
    r"scheduled for|seeing|underwent|operated|surgery|procedure|treat(?:ed|ment)|therapy|chemo(?:therapy)?|"
    r"denies|denied|reports|endorses|suffers?|feels|symptoms?|pain|dose|mg|bid|prn|dob|d\.o\.b|mrn|date of birth|"
    r"born|"
    r"claim|member|subscriber|prior auth(?:orization)?|date of service|room|bed|ward|"
    r"patient|pt|chart|records?|consult(?:ation)?|follow(?:ed|[- ]?up)|"
    r"(?:my|our|his|her|their) (?:(?:grand)?(?:son|daughter|mother|father)|husband|wife|child|baby|partner|mom|dad)|"
    r"(?:his|her|their) (?:\w+ ){0,2}(?:condition|illness|medications?|meds|disease|cancer|doctor|recovery)|"
    r"is (?:on|off|still)|needs?)\b|\b\d{1,2}[/\-]\d{1,2}[/\-](?:19|20)\d\d\b",
    re.IGNORECASE,
)
_BESIDE_AFTER = re.compile(
    r"(?i)(?:'s\b|,? (?:who )?(?:has|had|have|got|with|w/|is|was)\b| ?[\-|(\t])"
)  # right behind the name
_BESIDE_BEFORE = re.compile(r"(?i)\b(?:for|on|with|about|re:?)[ \t]+$")  # right before it
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
_WITH_INITIAL = re.compile(r"\b[A-Z]\.? [A-Z]|[A-Z][\w'’\-]+,? [A-Z]\b")
_TITLED = re.compile(r"(?i)\b(?:mr|mrs|ms|miss|mx)\b\.? ?$")
_WEAK = re.compile(  # where people work, and what every ward talks of: no word about anybody
    r"(?i)(?:[a-z]+ology|[a-z]+iatr(?:y|ics)|[a-z]*orthop(?:a)?edics?|obstetrics|surgery|nursing|anesthesia|"
    r"hospice|dialysis|dental|"
    r"(?:physical|occupational|speech) therapy|icu|mri|ct|x-?rays?|ekg|ultrasound|lab|labs|test results|"
    r"lab results|medical records?|"
    r"health records?|mental health|flu shots?|vaccines?|vaccinations?)"
)
_OWNED = re.compile(
    r"(?i)\b(?:his|her|hers|their|my|your|our (?:son|daughter)['’]s|[a-z]+['’]s)(?: own)?(?: [a-z]+){0,2} $"
)
_OF_PERSON = re.compile(  # said of the person, and enough beside such a word
    r"(?i)\b(?:appointments?|appt|visits?|referr(?:ed|al)|refer|was seen|seen (?:by|in|at|for)|saw|admitted|"
    r"discharged|patient|pt|"
    r"scheduled for|due for|follow(?:ing)?[ \-]?up|needs an?|underwent|consult(?:ation)?|dob|d\.o\.b|mrn|"
    r"date of birth|year[- ]old|"
    r"your (?:results|labs|scan|test|biopsy|procedure)|(?:his|her|their) (?:results|labs|scan|test|biopsy|"
    r"procedure|records?))\b"
)
_OWN = re.compile(  # about somebody's own care where "my" or "your" stands before it
    r"(?i)\b(?:appointments?|appt|refills?|prescriptions?|meds|medications?|pills?|symptoms?|fever|rash|surgery|"
    r"operation|therapy|therapist|"
    r"biopsy|mri|x-?ray|scan|results?|labs?|blood ?work|dose|stitches|infection|dialysis|pain|copay|pregnan\w+|"
    r"period|wound|incision|"
    r"tooth|teeth|knee|back|chest|stomach|throat|(?:blood )?pressure|sugar|relapsed|overdosed|miscarried|"
    r"diagnos\w+|referral|procedure|"
    r"visit|checkup|check-up|treatment|implant|insulin|inhaler|vaccin\w+|test)\b"
)
_BEGINNING = re.compile(r"(?:^|[.?!:\n] ?)$")  # where any word has a capital
_CONTACT_REACH = 45  # characters between a name and the telephone number or address of mail that goes with it
_DATED = frozenset({"DATE_TIME", "DATE_OF_BIRTH", "HEALTH_REFERENCE_NUMBER"})
_SIGNS_ENOUGH = 2
_AGED = re.compile(  # an age behind a name, as in notes
    r"(?i),? \(?\d{1,3} ?(?:[mf]|y/?o|yrs?|mos?|wks?|weeks?|months?|years?)\b|, \d{1,3},"
)
_TELLING = frozenset({PASSAGE, OF_SOMEBODY})
_REPRESENTED = re.compile(r"(?i)\b(?:our|my) (?:client|insured|ward|decedent),? $")
_NOTHING = "nothing around it tells of anybody's care"
_STOP = re.compile(r"[.?!\n]")
_BESIDE_REACH = 70  # characters between such a name and health content


@dataclass(frozen=True, slots=True)
class Grounds:
    """How sure a name is the person's that a text is about, and why, in plain words."""

    confidence: Confidence
    why: tuple[str, ...] = ()


class Surroundings:
    """What was found in one text, by place."""

    def __init__(
        self, text: str, found: Sequence[Finding], *, reads_passages: bool = False, doubtful: Sequence[Span] = ()
    ) -> None:
        """`doubtful`: where somebody's care may be told of though no passage was found: a note, or paragraphs."""
        self._text = text
        short = len(text) <= SHORT_NOTE
        self._doubtful = bool(doubtful)
        self._notes = [(0, len(text))] if short else [(span.start, span.end) for span in doubtful]
        self._says_so: bool | None = None
        passages = ((f.span.start, f.span.end) for f in found if not _TELLING.isdisjoint(f.groups))
        self._passages = sorted(passages) if reads_passages else None
        self._speech: dict[str, list[int]] = {}
        kept = [f for f in found if f.confidence >= Confidence.MEDIUM]
        health = [f for f in kept if "health" in f.groups]
        self._health = sorted((f.span.start, f.span.end) for f in health if PASSAGE not in f.groups)
        self._told = sorted((f.span.start, f.span.end) for f in health if not _TELLING.isdisjoint(f.groups))
        self._told_apart = list(merged(self._told))
        self._somebody = sorted((f.span.start, f.span.end) for f in health if OF_SOMEBODY in f.groups)
        self._strong = [span for span in self._health if not _is_weak(text, *span)]
        self._dated = sorted(f.span.start for f in found if f.entity in _DATED)
        self._contacts = sorted((f.span.start, f.span.end) for f in kept if f.entity == "PHONE_NUMBER")
        self._identifiers = sorted((f.span.start, f.span.end) for f in kept if "patient-identifier" in f.groups)

    def grounds(
        self, start: int, end: int, *, introduced: bool = False, known: bool = True, closing: bool = False
    ) -> Grounds:
        """Medium beside an identifier; near health content with a word of care or a telephone beside it, or in a note.

        `introduced`: by "my name is", as good as a word of care. `known`: a given name of the list is in it. `closing`:
        it ends the text, as the writer's own does; company alone says nothing of it then.
        """
        if reason := self._said_of(start, end) or self._told_further_on(start, end, closing=closing):
            return Grounds(Confidence.MEDIUM, (reason,))
        if _AGED.match(self._text, end) and self._has_signs(start, end, known=known):
            return Grounds(Confidence.MEDIUM, ("a full name with an age, and signs of care in a note",))
        grounds = self._by_company(start, end, introduced=introduced, known=known, closing=closing)
        if grounds.confidence is Confidence.LOW and self._has_signs(start, end, known=known):
            return Grounds(Confidence.MEDIUM, ("a full name, and signs of care in a note",))
        return grounds

    def _by_company(self, start: int, end: int, *, introduced: bool, known: bool, closing: bool) -> Grounds:
        distance = _distance(self._identifiers, start, end)
        if distance is not None and distance <= IDENTIFIER_REACH:
            return Grounds(Confidence.MEDIUM, (f"identifier {distance} characters away",))
        told = _distance(self._told, start, end)
        distance = _distance(self._strong, start, end)
        if told is not None and (distance is None or told < distance):
            distance = told
        if not self.is_told_of(start, end):
            return Grounds(Confidence.LOW, (_NOTHING,))
        if distance is None or distance > HEALTH_REACH:
            return self._beside_a_ward(start, end)
        if not self.is_clinical(start, end) and (told is None or told > FULL_REACH):
            return Grounds(Confidence.LOW)
        near = f"health content {distance} characters away"
        if not introduced and self._is_public(start, end):
            return Grounds(Confidence.LOW, (near, "somebody quoted or in office"))
        if word := "an introduction" if introduced else self._word(start, end, distance, closing=closing):
            return Grounds(Confidence.MEDIUM, (near, f"{word} beside the name"))
        if distance <= FULL_REACH and self._is_full(start, end):
            return Grounds(Confidence.MEDIUM, (near, "a full or titled name in a text about care"))
        if not closing and distance <= SHORT_REACH and self._is_note(start, known=known):
            return Grounds(Confidence.MEDIUM, (near, "in a note about care"))
        return Grounds(Confidence.LOW, (near,))

    def is_told_of(self, start: int, end: int) -> bool:
        """Whether a passage near it may tell of somebody's care: a stray term in another text is about nobody."""
        if self._passages is None:
            return True
        distance = _distance(self._passages, start, end)
        return distance is not None and distance <= HEALTH_REACH

    def _said_of(self, start: int, end: int) -> str:
        """Why the health content in a note is that of the bearer of a name, by how it is said; else empty."""
        note = self._note(start)
        if note is None or self._is_public(start, end) or not (self._doubtful or self._is_full(start, end)):
            return ""
        titled = _TITLED.search(self._text[max(0, start - 8) : start]) is not None
        strong = _inside(self._strong, note)
        return said.of(self._text, note, start, end, strong, titled=titled, doubtful=self._doubtful)

    def _told_further_on(self, start: int, end: int, *, closing: bool) -> str:
        """Why health content behind a full name is that of its bearer, who is "he" or "she" there; else empty."""
        behind = () if closing else _inside(self._strong, (end, end + said.CARRIED))
        return said.further_on(self._text, end, behind) if behind and self._is_full(start, end) else ""

    def _has_signs(self, start: int, end: int, *, known: bool) -> bool:
        """Whether a note has signs of care beside a full name; one is enough of a listed or aged one."""
        represented = _REPRESENTED.search(self._text[max(0, start - 20) : start]) is not None
        note = self._note(start)
        if note is None or not (represented or self._doubtful) or not self._is_full(start, end):
            return False
        enough = 1 if known or _AGED.match(self._text, end) else _SIGNS_ENOUGH
        signs = self._signs_of_care(_inside(self._strong, note), note)
        return signs >= enough and not self._is_public(start, end)

    def _note(self, start: int) -> Window | None:
        """What is read as a note at a place: all of a short text, else a paragraph that may tell of somebody's care."""
        at = bisect_right(self._notes, (start, sys.maxsize)) - 1
        return self._notes[at] if at >= 0 and start < self._notes[at][1] else None

    def _signs_of_care(self, strong: Sequence[Window], note: Window) -> int:
        """How many different terms of health stand in a note, and one for a day: each weak by itself."""
        terms = {self._text[start:end].lower() for start, end in strong}
        dated = bisect_left(self._dated, note[0]) < bisect_left(self._dated, note[1])
        return len(terms) + (1 if terms and dated else 0)

    def is_said_by(self) -> bool:
        """Whether somebody tells in a note what illness they have themselves."""
        if self._says_so is None:
            self._says_so = self._doubtful and any(
                said.by_the_writer(self._text, note, _inside(self._strong, note)) for note in self._notes
            )
        return self._says_so

    def _is_note(self, start: int, *, known: bool) -> bool:
        """In a note, and a word that is a name by the list or by its capital within a sentence."""
        if self._note(start) is None:
            return False
        return known or _BEGINNING.search(self._text[max(0, start - 3) : start]) is None

    def _word(self, start: int, end: int, distance: int, *, closing: bool) -> str:
        """What beside the name says that the care is this person's."""
        contact = "" if closing else self._contact(start, end)
        return self._care_word(start, end) or contact or self._beside(start, end, distance)

    def _beside_a_ward(self, start: int, end: int) -> Grounds:
        """Near the name of a ward or a kind of test alone: only with a word that says somebody comes to it."""
        distance = _distance(self._health, start, end)
        if distance is None or distance > HEALTH_REACH or not self.is_clinical(start, end):
            return Grounds(Confidence.LOW)
        near = f"health content {distance} characters away"
        low, high = max(0, start - CARE_REACH), min(len(self._text), end + CARE_REACH)
        word = _OF_PERSON.search(self._text, low, high)
        if word is None or self._is_public(start, end):
            return Grounds(Confidence.LOW, (near,))
        return Grounds(Confidence.MEDIUM, (near, f"'{' '.join(word[0].lower().split())}' beside the name"))

    def _contact(self, start: int, end: int) -> str:
        distance = _distance(self._contacts, start, end)
        return "a telephone number" if distance is not None and distance <= _CONTACT_REACH else ""

    def beside(self, given: Collection[str], family: Collection[str]) -> Iterator[Mark]:
        """Names that health content stands right beside, in a note."""
        for note in self._notes:
            health = _inside(self._health, note)
            if health or self._tells(note):
                yield from beside.marks(self._text, note, health, _inside(self._somebody, note), given, family)

    @property
    def tells_of_health(self) -> bool:
        """Whether there is more than the name of a ward or of a kind of test."""
        return bool(self._strong or self._told)

    def speaks_of(self, pronouns: re.Pattern[str], low: int = 0, high: int = sys.maxsize) -> bool:
        """Whether health content between two places stands close behind one of these pronouns: "my asthma", "your "
        "results"."""
        known = self._speech.get(pronouns.pattern)
        if known is None:
            spoken = [a for a, _ in self._own() if pronouns.search(self._text, max(0, a - PRONOUN_REACH), a)]
            spoken += (stop for a, stop in self._sentences() if pronouns.search(self._text, a, stop))
            known = self._speech[pronouns.pattern] = sorted(spoken)
        at = bisect_left(known, low)
        return at < len(known) and known[at] < high

    def _own(self) -> Iterator[tuple[int, int]]:
        """Health content, and words that are about somebody's own care behind a pronoun."""
        yield from self._health
        if len(self._text) <= CUED:
            yield from (found.span() for found in _OWN.finditer(self._text))

    def _sentences(self) -> Iterator[tuple[int, int]]:
        """Of the passages that tell of somebody's care: where each begins, and the end of each of its sentences."""
        for start, end in self._told:
            stops = (found.start() for found in _STOP.finditer(self._text, start, end))
            yield from ((start, stop) for stop in (*stops, end))

    def notes_of_care(self) -> Iterator[Window]:
        """Notes with a passage of somebody's care, and lines or two with a term of health."""
        for note in self._notes:
            line = note[1] - note[0] <= LINE and self._doubtful and _inside(self._strong, note)
            if line or self._tells(note):
                yield note

    def _tells(self, note: Window) -> bool:
        """Whether a passage of somebody's care reaches into it: one may begin in the paragraph before."""
        at = bisect_left(self._told_apart, (note[1], 0)) - 1
        return at >= 0 and self._told_apart[at][1] > note[0]

    def told_in_a_note(self, start: int, end: int) -> bool:
        """Whether a note has a passage of somebody's care close by."""
        distance = _distance(self._told, start, end)
        return self._note(start) is not None and distance is not None and distance <= CARE_REACH

    def meets_term(self, start: int, end: int) -> bool:
        """Whether a health term overlaps the span: Crohn, Keppra, herbal Viagra. A term that is a part of a name "
        "does not count."""
        name = self._text.count(" ", start, end) > 0
        near = _around(self._health, start, end)
        return any(low < end and start < high and not (name and start < low and high <= end) for low, high in near)

    def _is_full(self, start: int, end: int) -> bool:
        """Two words, or one behind a title: not a first name among friends, not a word that looks like a name."""
        words = _NAME_WORD.findall(self._text, start, end)
        titled = _TITLED.search(self._text[max(0, start - 8) : start]) is not None
        return titled or (
            (len(words) > 1 or _WITH_INITIAL.search(self._text, start, end) is not None)
            and not self._is_public(start, end)
        )

    def _is_public(self, start: int, end: int) -> bool:
        return public.is_public(self._text, start, end, in_a_note=self._note(start) is not None)

    def is_clinical(self, start: int, end: int) -> bool:
        """In a note, or two different terms or cue words of care around: a stray term in a long text is not care."""
        if self._note(start) is not None:
            return True
        low, high = max(0, start - HEALTH_REACH), end + HEALTH_REACH
        terms = {
            self._text[a:b].lower()
            for a, b in self._health[bisect_left(self._health, (low, 0)) : bisect_left(self._health, (high, 0))]
        }
        cues = CUE.finditer(self._text, low, min(high, len(self._text)))
        terms.update(found[0].lower() for found in cues if not self.meets_term(*found.span()))
        return len(terms) > 1

    def _care_word(self, start: int, end: int) -> str:
        """The first word of care near the name, in the same paragraph; not the health content itself once more."""
        low = self._paragraph(max(0, start - CARE_REACH), start, last=True)
        high = self._paragraph(end, min(len(self._text), end + CARE_REACH), last=False)
        for found in _CARE.finditer(self._text, low, high):
            if not self.meets_term(*found.span()) and (found.end() <= start or end <= found.start()):
                is_date = found[0][0].isdigit() and "/" in found[0]
                return "a date" if is_date else f"'{' '.join(found[0].lower().split())}'"
        return ""

    def _beside(self, start: int, end: int, distance: int) -> str:
        """Words too common to count but right at the name, with health content on the same line."""
        low, high = max(0, start - HEALTH_REACH), min(len(self._text), end + HEALTH_REACH)
        before, after = self._text.rfind("\n", low, start), self._text.find("\n", end, high)
        line = (low if before < 0 else before + 1, high if after < 0 else after)
        if self._note(start) is None and not self._is_full(start, end):
            return ""
        if distance > _BESIDE_REACH or not any(
            line[0] <= a and b <= line[1] for a, b in _around(self._health, start, end)
        ):
            return ""
        if _BESIDE_BEFORE.search(self._text[max(0, start - 12) : start]) or _BESIDE_AFTER.match(self._text, end):
            return "a word"
        return ""

    def _paragraph(self, low: int, high: int, *, last: bool) -> int:
        if last:
            place = self._text.rfind("\n\n", low, high)
            return low if place < 0 else place
        place = self._text.find("\n\n", low, high)
        return high if place < 0 else place


def _inside(spans: Sequence[Window], note: Window) -> list[Window]:
    """Those of a sorted list that begin in a note."""
    return list(spans[bisect_left(spans, (note[0], 0)) : bisect_left(spans, (note[1], 0))])


def _is_weak(text: str, start: int, end: int) -> bool:
    """A word that says nothing of anybody, unless it is somebody's: "her MRI"."""
    return _WEAK.fullmatch(text, start, end) is not None and not _OWNED.search(text, max(0, start - 30), start)


def _distance(spans: list[tuple[int, int]], start: int, end: int) -> int | None:
    """Characters between a span and the nearest of a sorted list; 0 where they touch or overlap."""
    near = _around(spans, start, end)
    return min((max(0, low - end, start - high) for low, high in near if (low, high) != (start, end)), default=None)


def _around(spans: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Those of a sorted list that can be next to a span."""
    at = bisect_left(spans, (start, end))
    return spans[max(0, at - 2) : at + 2]
