"""The frame of a mail that tells of the writer's work: their signature, the name of a house, a notice at the end.

A signature begins with a line that is the name of who wrote, by the From header or by the head of what is quoted, maybe
with degrees and a job behind it, and goes on to the next empty line, or to one that reads like a sentence. It counts
where a word in it says that somebody works there ("RN", "Office Manager", "Clinic"): patients sign too, but not so.
What tells of a person in it all the same, such as a date of birth, keeps all of it as it is. That a house is a hospital
or a clinic says nothing of anybody's care either, nor does a notice that a mail "may contain patient information".
"""

import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice

from gateway.core.finding import Finding
from gateway.core.message import Place, Segment
from gateway.detect.judging import HEALTH
from gateway.detect.resolve import PASSAGE
from gateway.detect.text import folded
from gateway.detect.trade import is_business, is_of_business

Block = tuple[int, int]

OF_BUSINESS = "in a message about business, with nobody in it who is cared for"
_PATIENT = "patient-identifier"
_WRITERS = frozenset({"from", "sender", "reply-to", "resent-from"})
_CONTACTS = frozenset({"PHONE_NUMBER", "PERSON", "STREET_ADDRESS", "EMAIL_ADDRESS", "US_NPI", "LICENSE_NUMBER"})
_PERSONAL = frozenset({"DATE_OF_BIRTH", "US_SSN", "US_MBI", "AGE"})
_OF_PATIENTS = frozenset({"person-labelled", "medical-record-number"})  # detectors whose label says of whom it is
_SAYING = frozenset({Place.SUBJECT, Place.BODY, Place.ATTACHMENT})
_WORDS_OF_CARE = frozenset({"HEALTH_TERM", "CARE_MENTION"})
_NUMBER_REACH, _HEALTH_REACH = 40, 120  # characters from a full name
_PARTED = re.compile(r"\n[ \t>*|]*\r?\n")
_STOPPED = re.compile(_PARTED.pattern + r"|[.!?][ \t\r\n]")
_FULL_NAME = re.compile(r"[^\W\d_]{2,}[^\w.]+(?:[^\W\d_]\.? )?[^\W\d_]{2,}")
_HAS_DIGIT = re.compile(r"\d")
_MOST_WRITERS, _MOST_BLOCKS = 50, 200
_READ = 200_000  # characters of a text; what stands beyond is judged as any other text
_LINES, _LINE, _BLOCK = 9, 110, 600  # of a block: lines, characters of a line and of all of it
_WORD = re.compile(r"[^\W\d_]+")
_MAILBOX = re.compile(r"<?[\w.+\-]+@[\w.\-]+>?")
_HEADS = ("wrote:", "from:")  # in the head of what is quoted
_QUOTED = re.compile(
    r"(?i)[ \t>*|]*(?:from\**[ \t]*:[ \t]*(?P<from>[^\n]{2,80})|"
    r"on [^\n]{6,60}?(?:\d{4}|[ap]m),? (?:at \d\d?:\d\d(?: ?[ap]m)?,? )?(?P<wrote>[^\n]{2,80}?) wrote:)"
)
_OPENING = re.compile(
    r"(?i)[ \t>|*]*(?:[-–—_]{1,3}[ \t]+)?(?:(?:dr|dra|mr|mrs|ms|prof|rev|lic|sr|sra)\.?[ \t]+)?",
)
_NAME_END = re.compile(r"[,|(\-–—/:\n\r]|[ \t]{2,}")
_DEGREES = frozenset(
    {
        "md",
        "do",
        "rn",
        "bsn",
        "msn",
        "np",
        "pa",
        "pac",
        "c",
        "dds",
        "dmd",
        "phd",
        "pharmd",
        "rph",
        "lcsw",
        "lmsw",
        "msw",
    }
    | {"dpm", "fnp", "cpnp", "pc", "ibclc", "facs", "facc", "faafp", "facp", "od", "psyd", "crna", "lpn", "cna", "cnm"}
    | {"aprn", "cpc", "pt", "dpt", "ocs", "ot", "otr", "atc", "mha", "mba", "mph", "ms", "ma", "jd", "esq", "jr", "sr"}
)
_WORKS = re.compile(
    r"(?i)\b(?:R\.?N|L\.?P\.?N|CPNP|APRN|CNM|M\.?D|D\.?O|P\.?A(?:-C)?|N\.?P|F\.?N\.?P|D\.?D\.?S|Ph\.?D|Psy\.?D|Pharm\.?D|"
    r"LCSW|MSW|MHA|MBA|MPH|BSN|CPC|DPT|"
    r"clinic|hospital|medical cent(?:er|re)|health cent(?:er|re)|health system|hospice|pharmacy|laborator(?:y|ies)|"
    r"institute|foundation|practice|department|dept|division|program|office|front desk|service desk|group|partners|"
    r"associates|cent(?:er|re)|centro|cl[ií]nica|pediatrics|dental|oncology|imaging|rehab|"
    r"gerente|recursos humanos|directora?|manager|administrator|administrative|assistant|coordinator|supervisor|lead|"
    r"specialist|analyst|engineer(?:ing)?|chief|officer|president|owner|navigator|representative|counsel|attorney|"
    r"nurse|physician|psychologist|therapist|dentist|pharmacist|"
    r"services|resources|operations|communications|inc|llc|llp|pllc|corp|company|co)\b"
)
_SAYS = re.compile(  # in a line that is more than an address or a job
    r"\b(?:has|had|have|is|was|were|are|needs?|takes?|took|gave|seen|says?|said|wants?|please|[Ii]|you|he|she|they|his|her|"
    r"hers|their|my|your|on|with|due|started|called|came|not)\b|"
    r"(?i:\b(?:mrn|dob|d\.o\.b|dx|born|ssn|member id|diagnos\w+|pt:|patient:)\b)|"
    r"^[ \t>*|]*[Pp]\.? ?[Ss]\b"
)
_NOTICE = re.compile(
    r"(?im)^[ \t>*_]*(?:(?:confidential(?:ity)?|privileged|notice|disclaimer)\b|"
    r"(?:this|the information in this) (?:e-?mail|message|transmission|communication)\b)"
)
_NOTICED = re.compile(r"(?i)\b(?:intended|by mistake|in error|unauthori[sz]ed|prohibited|confidential)\b")
_WARD = re.compile(  # what people work as, and where: by itself about nobody
    r"(?i)(?:[a-z]+ology|[a-z]+iatrics?|orthop(?:a)?edics?|orthodontics?|nursing|med/surg|medical[ /-]surgical|"
    r"telemetry unit|step-?down|cath lab|dental|(?:in|out)patient|primary care|family medicine|internal medicine|"
    r"behavioral health|lcsw|lpn|rn|md|np|cna|clinics?|cl[ií]nica|pharmacy|farmacia|front desk|scheduling|"
    r"nurses?|doctors|physician|therapist|pharmacist|pediatrician|provider|clinician)"
)
_EMPTY = re.compile(r"\n[ \t>*]*\r?(?:\n|\Z)")
_LONGEST_NOTICE = 1_500


def writers(segments: Iterable[Segment]) -> tuple[frozenset[str], ...]:
    """The words of the name of each who wrote the message, by its headers."""
    names = (segment.text for segment in segments if segment.header.lower() in _WRITERS)
    found = (_words(_MAILBOX.sub(" ", name[:200])) for name in names)
    return tuple(words for words in found if words)[:_MOST_WRITERS]


def blocks(text: str, people: Sequence[frozenset[str]]) -> tuple[Block, ...]:
    """Of one text: the signatures of these and of those whom it quotes, sorted, apart."""
    text = text[:_READ]
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter became two
        lowered = text
    known = (*people, *_quoted(text, lowered))
    longest = {max(words, key=lambda word: (len(word), word)) for words in known}
    found: list[Block] = []
    for at in _lines_with(lowered, longest, _MOST_BLOCKS):
        end = _line_end(text, at)
        if (found and at < found[-1][1]) or end - at > _LINE or not _signs(text[at:end], known):
            continue
        stop = _block_end(text, at)
        if _WORKS.search(text, at, stop):
            found.append((at, stop))
    return tuple(found)


class Frames:
    """Of each text of one message, what is not its matter; looked for where something was found in it."""

    def __init__(
        self,
        segments: Sequence[Segment],
        is_of_work: Callable[[Sequence[bytes]], bool] = lambda _: False,
        is_of_care: Callable[[Sequence[bytes]], bool] = lambda _: False,
    ) -> None:
        """Whether the words of folded texts tell of work, or some of them of care, as far as classifiers know."""
        self._segments = segments
        self._is_of_work = is_of_work
        self._is_of_care = is_of_care
        self._people = writers(segments)
        self._of: dict[int, _Frame | None] = {}
        self._first: list[Finding] | None = None  # all but the names, which come later and alone
        self._is_business: bool | None = None

    def without_work(self, findings: Sequence[Finding]) -> list[Finding]:
        """The same findings; what is of the writer's work is neither health content nor a patient's."""
        houses: dict[int, list[Block]] = defaultdict(list)
        for finding in findings:
            if finding.entity in _PERSONAL and (frame := self._frame(finding.segment)):
                frame.keep(finding)
            if finding.entity == "FACILITY":
                houses[finding.segment].append((finding.span.start, finding.span.end))
        named = {segment: sorted(spans) for segment, spans in houses.items()}
        judged = [
            _judged(finding, self._frame(finding.segment), named.get(finding.segment, ()))
            if HEALTH in finding.groups or _PATIENT in finding.groups
            else finding
            for finding in findings
        ]
        judged = self._without_business(judged)
        telling = {f.segment for f in judged if (HEALTH in f.groups and not _is_of_a_ward(f)) or _is_of_somebody(f)}
        return [
            replace(f, groups=f.groups - {HEALTH}, why=(*f.why, "wards and professions alone"))
            if HEALTH in f.groups and f.segment not in telling
            else f
            for f in judged
        ]

    def _without_business(self, findings: list[Finding]) -> list[Finding]:
        """The same; where all of the message is about business, what is of that is nobody's."""
        if self._first is None:
            self._first = findings
        off = frozenset({HEALTH, _PATIENT})
        of_it = [bool(finding.groups & off) and is_of_business(finding) for finding in findings]
        if not any(of_it):
            return findings
        if self._is_business is None:
            matters = self._matters()
            octets = cache(lambda: [folded(text).joined.octets for text in matters])
            self._is_business = is_business(
                matters, self._first, at_work=self._is_at_work(), of_work=lambda: self._is_of_work(octets())
            ) and not self._is_of_care(octets())
        if not self._is_business:
            return findings
        return [
            replace(finding, groups=finding.groups - off, why=(*finding.why, OF_BUSINESS)) if taken else finding
            for finding, taken in zip(findings, of_it, strict=True)
        ]

    def names_somebody(self, findings: Sequence[Finding], names: Iterable[Finding]) -> bool:
        """Whether in a message about business a full name stands beside such a number, with health content near.

        An invoice for somebody's dialysis: from now on nothing in the message is of business.
        """
        if not self._is_business:
            return False
        taken = (f for f in findings if OF_BUSINESS in f.why and PASSAGE not in f.groups)
        numbers = [f for f in taken if _HAS_DIGIT.search(f.value)]
        terms = [f for f in findings if f.entity == "HEALTH_TERM" and HEALTH in f.groups and not _is_of_a_ward(f)]
        full = (f for f in names if f.entity == "PERSON" and _PATIENT in f.groups and _FULL_NAME.search(f.value))
        self._is_business = not any(
            self._is_near(name, numbers, _NUMBER_REACH, _STOPPED) and self._is_near(name, terms, _HEALTH_REACH, _PARTED)
            for name in full
        )
        return not self._is_business

    def _is_near(self, name: Finding, others: Iterable[Finding], reach: int, apart: re.Pattern[str]) -> bool:
        """Whether one of the others stands within so many characters, and nothing that sets apart between."""
        text = self._segments[name.segment].text
        for other in others:
            low, high = min(name.span.end, other.span.end), max(name.span.start, other.span.start)
            if other.segment == name.segment and high - low <= reach and not apart.search(text, low, high):
                return True
        return False

    def _is_at_work(self) -> bool:
        frames = (self._frame(at) for at in range(min(len(self._segments), _MOST_BLOCKS)))
        return any(frame is not None and frame.signed for frame in frames)

    def _matters(self) -> list[str]:
        read = ((at, each.text) for at, each in enumerate(self._segments) if each.place in _SAYING)
        return [text if (matter := self.matter(at)) is None else matter for at, text in read]

    def matter(self, index: int) -> str | None:
        """One text with blanks for its frame; None where it has none."""
        frame = self._frame(index)
        return frame.matter() if frame is not None else None

    def _frame(self, index: int) -> "_Frame | None":
        if index not in self._of:
            segment = self._segments[index]
            read = segment.place in (Place.BODY, Place.ATTACHMENT)
            self._of[index] = _Frame(segment.text, self._people) if read else None
        return self._of[index]


def _is_of_somebody(finding: Finding) -> bool:
    return finding.entity in _PERSONAL or finding.detector in _OF_PATIENTS


def _is_of_a_ward(finding: Finding) -> bool:
    return finding.entity in _WORDS_OF_CARE and _WARD.fullmatch(finding.value) is not None


def _judged(finding: Finding, frame: "_Frame | None", houses: Sequence[Block]) -> Finding:
    if finding.entity in _WORDS_OF_CARE and within(houses, finding):
        return replace(finding, groups=finding.groups - {HEALTH}, why=(*finding.why, "in the name of a house"))
    if frame is None:
        return finding
    if (within(frame.signed, finding) and frame.is_of_work(finding)) or frame.is_sign_off(finding):
        off = {HEALTH, _PATIENT} if finding.entity in _CONTACTS else {HEALTH}
        return replace(finding, groups=finding.groups - off, why=(*finding.why, "in the writer's signature"))
    if finding.entity == "CARE_MENTION" and within(frame.notices, finding):
        return replace(finding, groups=finding.groups - {HEALTH}, why=(*finding.why, "in a notice about the mail"))
    return finding


class _Frame:
    """Of one text, what is not its matter."""

    def __init__(self, text: str, people: Sequence[frozenset[str]]) -> None:
        self._text, self._people = text, people
        self.signed = blocks(text, people)
        self.notices = notices(text)

    def matter(self) -> str | None:
        spans = sorted((*self.signed, *self.notices))
        if not spans:
            return None
        parts, at = [], 0
        for start, end in spans:
            parts += [self._text[at:start], " " * (end - max(start, at))]
            at = max(at, end)
        return "".join([*parts, self._text[at:]])

    def keep(self, finding: Finding) -> None:
        """A block that tells of a person is no signature of somebody at work."""
        if block := within(self.signed, finding):
            self.signed = tuple(other for other in self.signed if other != block)

    def is_of_work(self, finding: Finding) -> bool:
        """An illness counts but on a line that says where or as what somebody works: "Diabetes Program"."""
        if finding.entity != "HEALTH_TERM" or _is_of_a_ward(finding):
            return True
        start = self._text.rfind("\n", 0, finding.span.start) + 1
        return _WORKS.search(self._text, start, _line_end(self._text, finding.span.end)) is not None

    def is_sign_off(self, finding: Finding) -> bool:
        """Whether it is the writer's name on a line of its own, in a mail with such a signature."""
        if finding.entity != "PERSON" or not self.signed:
            return False
        start, end = finding.span.start, finding.span.end
        line = self._text[self._text.rfind("\n", 0, start) + 1 : _line_end(self._text, end)]
        return len(line) <= _LINE and line.strip(" \t>\r,.") == finding.value and _signs(line, self._people)


def notices(text: str) -> tuple[Block, ...]:
    """Paragraphs about the mail itself, and whom it is for."""
    found: list[Block] = []
    for opening in islice(_NOTICE.finditer(text, 0, _READ), _MOST_BLOCKS):
        gap = _EMPTY.search(text, opening.end(), opening.end() + _LONGEST_NOTICE)
        end = gap.start() if gap else min(len(text), opening.end() + _LONGEST_NOTICE)
        if (not found or opening.start() >= found[-1][1]) and _NOTICED.search(text, opening.start(), end):
            found.append((opening.start(), end))
    return tuple(found)


def says(line: str) -> bool:
    """Whether a line reads like a sentence, or begins a postscript: more than an address or a job."""
    return _SAYS.search(line) is not None


def within(signed: Sequence[Block], finding: Finding) -> Block | None:
    """The block that a finding lies in, wholly."""
    at = bisect_right(signed, (finding.span.start, sys.maxsize)) - 1
    if at < 0 or finding.span.end > signed[at][1]:
        return None
    return signed[at]


def _quoted(text: str, lowered: str) -> tuple[frozenset[str], ...]:
    heads = (_QUOTED.match(text, at) for at in _lines_with(lowered, _HEADS, _MOST_WRITERS))
    found = (_words(_MAILBOX.sub(" ", head["from"] or head["wrote"])) for head in heads if head)
    return tuple(words for words in found if words)


def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(name))


def _signs(line: str, known: Iterable[frozenset[str]]) -> bool:
    """Whether a line is a writer's name, with no more before it than a title, and degrees or a job apart behind it."""
    line = line.rstrip()
    opening = _OPENING.match(line)
    rest = line[opening.end() if opening else 0 :]
    cut = _NAME_END.search(rest)
    said = [word.lower() for word in _WORD.findall(rest[: cut.start()] if cut else rest)]
    named = [word for word in said if word not in _DEGREES]
    if not named or len(said) > 6:
        return False
    asked = frozenset(named)
    return any(asked <= words and (len(asked) > 1 or len(words - _DEGREES) == 1 or cut is None) for words in known)


def _lines_with(lowered: str, sought: Iterable[str], most: int) -> list[int]:
    """Where the lines begin that have one of these in them; of each the first so many."""
    found: set[int] = set()
    for word in sought:
        at = lowered.find(word)
        for _ in range(most):
            if at < 0:
                break
            found.add(lowered.rfind("\n", 0, at) + 1)
            at = lowered.find(word, at + 1)
    return sorted(found)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _block_end(text: str, start: int) -> int:
    """Behind the last line before an empty or a long one."""
    end = _line_end(text, start)
    for _ in range(_LINES - 1):
        after = _line_end(text, end + 1)
        line = text[end + 1 : after]
        if end >= len(text) or not line.strip(" \t>|\r") or says(line) or len(line) > _LINE or after - start > _BLOCK:
            break
        end = after
    return end
