"""Who a name in a mail is: one who writes or reads it, one of the staff, a clinician, or the person it is about."""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from gateway.core.message import Segment
from gateway.detect.signed import says

_ADDRESSING = frozenset({"from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "resent-cc"})
_MAILBOX = re.compile(r"(?P<local>[\w.+\-]+)@[\w.\-]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_GREETING = re.compile(
    r"(?im)^[ \t>]*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|"
    r"hola|estimad[oa]s?|buen[oa]s (?:d[ií]as|tardes|noches)|"
    r"greetings)\b[ \t,]*(?P<who>[^\n,:;!.]{0,60})"
)
_QUOTED_HEAD = re.compile(
    r"(?im)^[ \t>*|]*(?:from|to|cc|bcc|sent by|reply-to|organizer|attendees|begin forwarded)\**[ \t]*:.*$|"
    r"^[ \t>*|]*(?:present|absent|excused|apologies|in attendance)\**[ \t]*:[ \t]*"
    r"(?:[^\s,;]+(?: [^\s,;]+){0,3}[,;] ){2}.*$|"
    r"^.*\bwrote:?[ \t\r]*$"
)
_CLOSING = re.compile(
    r"(?im)^[ \t>]*(?:(?:(?:best|kind|kindest|warm|warmest|many)\b|"
    r"with (?:all|best|every|kind|many|much|sincere|warm|love|thanks|gratitude|appreciation|regards|respect)\w*)"
    r"[^\n]{0,20}|regards|sincerely(?: yours)?|"
    r"yours(?: \w+)?|thanks[^\n.]{0,20}|thank you|thx|cheers|respectfully|take care|love|"
    r"cordially|warmly|(?:muchas )?gracias|"
    r"saludos[^\n]{0,20}|un saludo|atentamente|mit freundlichen gr[^\n]{0,12}|cordialement|"
    r"--|best|xo+)[ \t]*[,.!\-]*[ \t\r]*$"
)
_INLINE_CLOSING = re.compile(
    r"(?i)(?:^|[\n.!?] ?)[ \t]*(?:thanks|thank you|thx|regards|best|cheers|sincerely|love|--?)[ \t,!.\-]*$"
)
_CLINICIAN_BEFORE = re.compile(
    r"(?i)(?:\b(?:drs?|doctor|prof|professor|nurse|physician|surgeon|anesthesiologist|radiologist|pathologist|"
    r"attending|"
    r"provider|pcp|therapist|pharmacist|cardiologist|oncologist|neurologist|psychiatrist|dentist|prescriber|"
    r"practitioner|"
    r"consultant|(?:dictated|signed|reviewed|transcribed|authored|performed|prepared) by)\b\.?"
    r"(?: name)?[ \t]*[:\-]?[ \t]*(?:dr\.? )?)$"
)
_CLINICIAN_AFTER = re.compile(
    r"(?:'s)?(?: [A-Z]\.?)?,? ?\(?(?:"
    r"M\.?D\b|D\.?O\b|R\.?N\b|N\.?P\b|P\.?A(?:-C)?\b|D\.?D\.?S\b|Ph\.?D\b|PharmD|LCSW|DPM|FNP|FACS|"
    r"OD\b|PsyD|CRNA|LPN|CNM|DVM|Esq\b|MBA\b|md\b|rn\b|np\b|dds\b)"
)
_SELF = re.compile(
    r"(?i)(?:\bmy (?:full )?name is|\bi am|\bi['’]?m|\bthis is|\b(?:hi|hey|hello|doc|doctor|"
    r"dr)?,? ?it['’]?s(?: me,?)?|\bname[ \t]*:)[ \t]+$"
)
_SELF_AFTER = re.compile(r"(?i) here\b")
_OF_HOUSE = re.compile(  # a caller who is of the house: "this is Becky from the clinic"
    r"(?i)(?: here)?,? (?:(?:calling )?(?:from|with|at|in) (?:the |our |your |dr\.? )?[A-Za-z]|your (?:nurse|"
    r"doctor|care|case|pharmac))"
)
_STAFF_BEFORE = re.compile(
    r"(?i)(?:\b(?:sign up with|rsvp (?:to|with)|register with|presented by|taught by|led by|hosted by|instructor|"
    r"speaker|trainer|presenter|"
    r"(?:please )?welcome|congratulat\w+(?: to)?|kudos to|contact person|manager|supervisor|director|coordinator|"
    r"on call|coverage|"
    r"(?:staff|team) members?|employee of the month|our new \w+|covering for|questions (?:to|for)|ask for)[:,]? )$"
)
_STAFF_AFTER = re.compile(
    r"(?i)(?: ?\((?:ortho|gyna?e|[a-z]+olog(?:y|ist)|[a-z]+iatr(?:y|ics)|surg(?:ery|ical)|ana?esth\w*|peds|ob|icu|"
    r"on call|chair|speaker|host|manager|staff)\)|"
    r",? (?:has |just )?passed (?:his|her|their|the|a) [\w\- ]{0,25}(?:certification|exam|boards?|course|licen[cs]e)\b|"
    r"(?: \([^)\n]{2,20}\))?,? for (?:his|her|their|hers) (?:work )?(?:on|in|with)\b|"
    r"[,;]? ?(?:will|can|to) cover\b|,? (?:is|are) (?:covering|on call|on duty|on vacation|"
    r"out of (?:the )?office|off (?:today|this))|"
    r",? (?:who )?(?:joins|joined|is joining|will present|presents? on (?:the )?(?:topic|use)|leads|manages|"
    r"teaches)\b|"
    r",? (?:has )?work(?:s|ed)? (?:on|in|for|with|at) (?:our|us)\b|"
    r" ?(?:\([^)\n]{2,30}\))?[ \t]{1,20}ext\.? ?\d{2,5}\b|"
    r"(?:,[ \w/&]{2,30}){0,2},? (?:ext\.?|extension|x) ?\d{2,5}\b|, [A-Za-z ]{3,25}, \d{4}\b)"
)
_VOCATIVE = re.compile(r"[A-Za-z][\w'’\-]*(?: [A-Z][\w'’\-]*){0,2}(?:,| ?[!:\-–]) ?(?=\S)")
_GOOD_NEWS = re.compile(
    r"(?i)(?:(?:good|great|bad|sad|quick|happy) \w+|reminder|sorry|thanks|congratulations|ok|okay|yes|no),? ?$"
)
_LAST = re.compile(  # up to three numbers, dates or addresses, and then nothing more
    r"(?:[ \t,.;:/|()\-–]*+(?>(?:\+?\d[\d\-(). x+]{6,20}|[\w.+\-]+@[\w.\-]+|(?:dob |"
    r"age )?\d{1,4}(?:[/\-]\d{1,4}){0,2})?)){3}"
    r"[ \t,.;:/|()\-–]*+\r?+(?:\Z|\n\s*+(?:\n|\Z))"
)
_WROTE = re.compile(r"(?im)^[ \t>*|]*(?:from|sent by)\**[ \t]*:|\bwrote:?[ \t\r]*$")
_WRITTEN = 1_500  # characters of what somebody wrote that are looked at
_MOST_PEOPLE = 500  # who write, read or are greeted in one message; more is no letter
_BLOCK_LINES, _BLOCK = 7, 400  # of a signature
_NEAR = 40  # characters looked at beside a name


@dataclass(frozen=True, slots=True)
class People:
    """Name words of those who are not patients: of each person one set."""

    words: tuple[frozenset[str], ...]

    def include(self, name: str) -> bool:
        """Every word of the name, initials aside, belongs to one of them."""
        asked = frozenset(word.lower() for word in _WORD.findall(name))
        return bool(asked) and any(asked <= words for words in self.words)

    def __add__(self, other: "People") -> "People":
        return People((*self.words, *other.words))


def correspondents(segments: Iterable[Segment]) -> People:
    """Those that the address headers name, by display name or by the part before the @."""
    found: list[frozenset[str]] = []
    for segment in segments:
        if segment.header.lower() in _ADDRESSING:
            found.extend(_people_of(segment.text))
    return People(tuple(words for words in found if words)[:_MOST_PEOPLE])


def _people_of(value: str) -> Iterator[frozenset[str]]:
    for entry in re.split(r"(?<=>)[ \t]*,|(?<=\.\w\w\w),|;", value[:20_000]):
        local = " ".join(mailbox["local"] for mailbox in _MAILBOX.finditer(entry))
        yield frozenset(word.lower() for word in _WORD.findall(_MAILBOX.sub(" ", entry)))
        yield frozenset(word.lower() for word in _WORD.findall(local.replace("_", " ")) if len(word) > 2)


def people_named(names: Sequence[str]) -> People:
    """From a list of names, one a line, in any order of given and family name; words beyond a # are a remark."""
    words = (frozenset(word.lower() for word in _WORD.findall(name.split("#")[0])) for name in names)
    return People(tuple(found for found in words if len(found) > 1))


@dataclass(frozen=True)
class Layout:
    """Where one text is a letter's frame and not its matter: greeting, signature, quoted heads."""

    text: str
    windows: tuple[tuple[int, int], ...]  # what is read of it; the rest does not matter

    @cached_property
    def greeted(self) -> People:
        """Those the text itself greets."""
        greetings = islice(self._all(_GREETING), _MOST_PEOPLE)
        names = (name for found in greetings for name in re.split(r" and | & |/", found["who"]))
        words = (frozenset(word.lower() for word in _WORD.findall(name)) for name in names)
        return People(tuple(found for found in words if found))

    @cached_property
    def signatures(self) -> tuple[tuple[int, int], ...]:
        """What follows each closing, some lines of it."""
        return tuple((found.end(), self._block_end(found.end())) for found in self._all(_CLOSING))

    @cached_property
    def quoted_heads(self) -> tuple[tuple[int, int], ...]:
        """Lines that tell who wrote to whom, in replies and forwarded mail."""
        return tuple(found.span() for found in self._all(_QUOTED_HEAD))

    def is_frame(self, start: int, end: int) -> bool:
        """Whether a span stands in a signature or a quoted head, or right behind a closing on the same line."""
        inside = _within(self.signatures, start) or _within(self.quoted_heads, start)
        return inside or _INLINE_CLOSING.search(self.text[max(0, start - _NEAR) : start]) is not None

    def signs(self, start: int) -> bool:
        """Whether a name there is that of the writer: in a signature, or behind a closing on the same line."""
        return self.in_signature(start) or _INLINE_CLOSING.search(self.text[max(0, start - _NEAR) : start]) is not None

    def greets(self, start: int) -> bool:
        """Whether a name there is being greeted, or spoken to at the beginning of a line."""
        line = self.text.rfind("\n", max(0, start - _NEAR), start) + 1 or max(0, start - _NEAR)
        return _GREETING.match(self.text, line) is not None or (
            _begins(self.text, start, _GOOD_NEWS) and _VOCATIVE.match(self.text, start) is not None
        )

    def in_signature(self, start: int) -> bool:
        return _within(self.signatures, start)

    def is_clinician(self, start: int, end: int) -> bool:
        """By what stands right before or behind the name."""
        before, after = self.text[max(0, start - _NEAR) : start], self.text[end : end + _NEAR]
        return _CLINICIAN_BEFORE.search(before) is not None or _CLINICIAN_AFTER.match(after) is not None

    def is_staff(self, start: int, end: int) -> bool:
        """By what stands beside the name: an extension, a shift, a course to sign up for."""
        before, after = self.text[max(0, start - _NEAR) : start], self.text[end : end + 2 * _NEAR]
        return _STAFF_BEFORE.search(before) is not None or _STAFF_AFTER.match(after) is not None

    def introduces_itself(self, start: int, end: int) -> bool:
        """ "My name is …", "… here": the writer is who it is about; not "this is … from the clinic"."""
        after = self.text[end : end + _NEAR]
        if _OF_HOUSE.match(after):
            return False
        if _SELF.search(self.text[max(0, start - _NEAR) : start]) is not None:
            return True
        return _SELF_AFTER.match(after) is not None and _begins(self.text, start)

    def closes(self, start: int, end: int) -> bool:
        """Whether a name is the last thing said: after a sentence, with at most a number or an address behind it."""
        before = self.text[max(0, start - 4) : start].rstrip(" \t")
        if before and before[-1] not in ".?!\n-–—,":
            return False
        return _LAST.match(self.text, end) is not None

    def wrote(self, start: int) -> tuple[int, int] | None:
        """If a name stands in a head as the one who wrote: what was written, up to the next head."""
        at = bisect_right(self.quoted_heads, (start, sys.maxsize)) - 1
        if at < 0 or start >= self.quoted_heads[at][1]:
            return None
        low, high = self.quoted_heads[at]
        if not _WROTE.search(self.text, low, high):
            return None
        later = (head for head in self.quoted_heads[at + 1 :] if _WROTE.search(self.text, *head))
        return high, min(next(later, (len(self.text), 0))[0], high + _WRITTEN)

    def _all(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for start, end in self.windows:
            yield from pattern.finditer(self.text, start, end)

    def _block_end(self, start: int) -> int:
        """Behind the last line before one that reads like a sentence."""
        end = start
        for _ in range(_BLOCK_LINES):
            after = self.text.find("\n", end + 1)
            if says(self.text[end + 1 : after if after >= 0 else start + _BLOCK]):
                return end
            if after < 0 or after - start > _BLOCK:
                return min(len(self.text), start + _BLOCK)
            end = after
        return end


def _begins(text: str, start: int, after: re.Pattern[str] | None = None) -> bool:
    """Whether a line or a sentence begins there, or after some words that `after` fits."""
    before = text[max(0, start - _NEAR) : start]
    if after is not None and (found := after.search(before)):
        before = before[: found.start()]
    rest = before.rstrip(" \t>")
    return (not rest and start - len(before) <= 0) or rest[-1:] in {"\n", ".", "!", "?", ""}


def _within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a place is in one of spans sorted by where they start; the last that starts before it decides."""
    at = bisect_right(spans, (place, place + 1))
    return (at > 0 and place < spans[at - 1][1]) or (at > 1 and place < spans[at - 2][1])
