"""Whether a name is of somebody whose care a text tells about, and in which words that is so."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.detect.names.gate import CUE

HEALTH_REACH = 250  # characters between a name and health content
IDENTIFIER_REACH = 150
CARE_REACH = 90
PRONOUN_REACH = 40
FULL_REACH = 150  # for a full name without a word of care beside it
SHORT_NOTE = 700  # characters
_CARE = re.compile(
    r"\b(?:diagnos(?:ed|is)|admitted|discharged|hospitali[sz]ed|present(?:s|ed) (?:with|to|for|on)|c/o|s/p|y/o|"
    r"complain(?:s|ed|ing) of|\d+ ?(?:yo|y\.o\.)|year[- ]old|history of|hx of|known for|prescri(?:bed|ption)|refill|"
    r"started on|tak(?:es|ing)|was seen|seen (?:in|on|by|for)|evaluated|allergic|pregnan(?:t|cy)|miscarried|delivered|"
    r"(?:test|lab|biopsy|scan|mri|ct|x-ray|blood) results?|results|tested|came back|referr(?:ed|al|ing)|appointment|"
    r"scheduled for|seeing|underwent|operated|surgery|procedure|treat(?:ed|ment)|therapy|chemo(?:therapy)?|"
    r"denies|denied|reports|endorses|suffers?|feels|symptoms?|pain|dose|mg|bid|prn|dob|d\.o\.b|mrn|date of birth|born|"
    r"claim|member|subscriber|prior auth(?:orization)?|date of service|room|bed|ward|"
    r"patient|pt|chart|records?|consult(?:ation)?|follow(?:ed|ing|[- ]?up)|"
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
_TITLED = re.compile(r"(?i)\b(?:mr|mrs|ms|miss|mx)\b\.? ?$")
_OFFICE = (
    r"president|chairman|chairwoman|chair|ceo|cto|cfo|founder|director|minister|senator|governor|mayor|congressman|spokes\w+|professor|"
    r"analyst|author|writer|reporter|editor|columnist|researcher|scientist|actor|actress|singer|coach|judge|king|queen|pope|prince"
)
_PUBLIC_BEFORE = re.compile(rf"(?i)(?:\b(?:{_OFFICE}|according to|by|said|says|sir|saint|st\.)[ \t,]+)$")
_PUBLIC_AFTER = re.compile(
    r"(?i)(?:,? (?:said|says|told|writes|wrote|reports|reported|argues|explains|announced|claims)\b|"
    rf",? (?:the |an? )?(?:\w+ ){{0,3}}(?:{_OFFICE})\b|"
    r"[\"”],? ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|(?:19|20)\d\d))"  # a source, quoted
)
_BESIDE_REACH = 70  # characters between such a name and health content


@dataclass(frozen=True, slots=True)
class Grounds:
    """How sure a name is the person's that a text is about, and why, in plain words."""

    confidence: Confidence
    why: tuple[str, ...] = ()


class Surroundings:
    """What was found in one text, by place."""

    def __init__(self, text: str, found: Iterable[Finding]) -> None:
        self._text = text
        self._spoken: dict[str, bool] = {}
        kept = [f for f in found if f.confidence >= Confidence.MEDIUM]
        self._health = sorted((f.span.start, f.span.end) for f in kept if "health" in f.groups)
        self._identifiers = sorted((f.span.start, f.span.end) for f in kept if "patient-identifier" in f.groups)

    def grounds(self, start: int, end: int, *, introduced: bool = False) -> Grounds:
        """Medium beside an identifier, or near health content with a word of care about the person between or beside.

        `introduced`: "my name is" stands before it, which is as good as a word of care.
        """
        distance = _distance(self._identifiers, start, end)
        if distance is not None and distance <= IDENTIFIER_REACH:
            return Grounds(Confidence.MEDIUM, (f"identifier {distance} characters away",))
        distance = _distance(self._health, start, end)
        if distance is None or distance > HEALTH_REACH or not self.is_clinical(start, end):
            return Grounds(Confidence.LOW)
        near = f"health content {distance} characters away"
        word = "an introduction" if introduced else self._care_word(start, end) or self._beside(start, end, distance)
        if word:
            return Grounds(Confidence.MEDIUM, (near, f"{word} beside the name"))
        if distance <= FULL_REACH and self._is_full(start, end):
            return Grounds(Confidence.MEDIUM, (near, "a full or titled name in a text about care"))
        return Grounds(Confidence.LOW, (near,))

    def speaks_of(self, pronouns: re.Pattern[str]) -> bool:
        """Whether health content stands close behind one of these pronouns: "my asthma", "your results"."""
        known = self._spoken.get(pronouns.pattern)
        if known is None:
            places = (pronouns.search(self._text, max(0, start - PRONOUN_REACH), start) for start, _ in self._health)
            known = self._spoken[pronouns.pattern] = any(places)
        return known

    def meets_term(self, start: int, end: int) -> bool:
        """Whether a health term overlaps the span: Crohn, Keppra, herbal Viagra."""
        return any(low < end and start < high for low, high in _around(self._health, start, end))

    def _is_full(self, start: int, end: int) -> bool:
        """Two words, or one behind a title: not a first name among friends, not a word that looks like a name."""
        words = _NAME_WORD.findall(self._text, start, end)
        titled = _TITLED.search(self._text[max(0, start - 8) : start]) is not None
        return titled or (len(words) > 1 and not self._is_public(start, end))

    def _is_public(self, start: int, end: int) -> bool:
        """Quoted, titled with an office, an author: somebody that the world is told about, not a patient."""
        before, after = self._text[max(0, start - 30) : start], self._text[end : end + 40]
        return _PUBLIC_BEFORE.search(before) is not None or _PUBLIC_AFTER.match(after) is not None

    def is_clinical(self, start: int, end: int) -> bool:
        """A short text, or two different terms or cue words of care around: a stray term in a long text is not care."""
        if len(self._text) <= SHORT_NOTE:
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
                return (
                    "a date" if found[0][0].isdigit() and "/" in found[0] else f"'{' '.join(found[0].lower().split())}'"
                )
        return ""

    def _beside(self, start: int, end: int, distance: int) -> str:
        """Words too common to count but right at the name, with health content on the same line."""
        low, high = max(0, start - HEALTH_REACH), min(len(self._text), end + HEALTH_REACH)
        before, after = self._text.rfind("\n", low, start), self._text.find("\n", end, high)
        line = (low if before < 0 else before + 1, high if after < 0 else after)
        if len(self._text) > SHORT_NOTE and not self._is_full(start, end):
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


def _distance(spans: list[tuple[int, int]], start: int, end: int) -> int | None:
    """Characters between a span and the nearest of a sorted list; 0 where they touch or overlap."""
    near = _around(spans, start, end)
    return min((max(0, low - end, start - high) for low, high in near if (low, high) != (start, end)), default=None)


def _around(spans: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Those of a sorted list that can be next to a span."""
    at = bisect_left(spans, (start, end))
    return spans[max(0, at - 2) : at + 2]
