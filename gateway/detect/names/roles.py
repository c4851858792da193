"""Who a name in a mail is: one who writes or reads it, one of the staff, a clinician, or the person it is about."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from gateway.core.message import Segment

_ADDRESSING = frozenset({"from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "resent-cc"})
_MAILBOX = re.compile(r"(?P<local>[\w.+\-]+)@[\w.\-]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_GREETING = re.compile(
    r"(?im)^[ \t>]*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\b[ \t,]*(?P<who>[^\n,:;!.]{0,60})"
)
_QUOTED_HEAD = re.compile(
    r"(?im)^[ \t>*|]*(?:from|to|cc|bcc|sent by|reply-to|organizer|attendees|begin forwarded)\**[ \t]*:.*$|"
    r"^.*\bwrote:?[ \t]*$"
)
_CLOSING = re.compile(
    r"(?im)^[ \t>]*(?:(?:best|kind|kindest|warm|warmest|many|with)\b[^\n]{0,20}|regards|sincerely(?: yours)?|"
    r"yours(?: \w+)?|thanks[^\n.]{0,20}|thank you|thx|cheers|respectfully|take care|love|"
    r"cordially|--|best|xo+)[ \t]*[,.!\-]*[ \t]*$"
)
_INLINE_CLOSING = re.compile(
    r"(?i)(?:^|[\n.!?] ?)[ \t]*(?:thanks|thank you|thx|regards|best|cheers|sincerely|love|--?)[ \t,!.\-]*$"
)
_CLINICIAN_BEFORE = re.compile(
    r"(?i)(?:\b(?:drs?|doctor|prof|professor|nurse|physician|surgeon|anesthesiologist|radiologist|pathologist|attending|"
    r"provider|pcp|therapist|pharmacist|cardiologist|oncologist|neurologist|psychiatrist|dentist|prescriber|practitioner|"
    r"consultant|(?:dictated|signed|reviewed|transcribed|authored|performed|prepared) by)\b\.?"
    r"(?: name)?[ \t]*[:\-]?[ \t]*(?:dr\.? )?)$"
)
_CLINICIAN_AFTER = re.compile(
    r"(?:'s)?,? ?\(?(?:M\.?D\b|D\.?O\b|R\.?N\b|N\.?P\b|P\.?A(?:-C)?\b|D\.?D\.?S\b|Ph\.?D\b|PharmD|LCSW|DPM|FNP|FACS|"
    r"OD\b|PsyD|CRNA|LPN|CNM|DVM|Esq\b|MBA\b|md\b|rn\b|np\b|dds\b)"
)
_SELF = re.compile(r"(?i)(?:\bmy (?:full )?name is|\bi am|\bi['’]m|\bthis is|\bname[ \t]*:)[ \t]+$")
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
    def heads(self) -> tuple[tuple[int, int], ...]:
        """Lines that tell who wrote to whom, in replies and forwarded mail."""
        return tuple(found.span() for found in self._all(_QUOTED_HEAD))

    def is_frame(self, start: int, end: int) -> bool:
        """Whether a span stands in a signature or a quoted head, or right behind a closing on the same line."""
        inside = _within(self.signatures, start) or _within(self.heads, start)
        return inside or _INLINE_CLOSING.search(self.text[max(0, start - _NEAR) : start]) is not None

    def signs(self, start: int) -> bool:
        """Whether a name there is that of the writer: in a signature, or behind a closing on the same line."""
        return self.in_signature(start) or _INLINE_CLOSING.search(self.text[max(0, start - _NEAR) : start]) is not None

    def greets(self, start: int) -> bool:
        """Whether a name there is being greeted."""
        line = self.text.rfind("\n", max(0, start - _NEAR), start) + 1 or max(0, start - _NEAR)
        return _GREETING.match(self.text, line) is not None

    def in_signature(self, start: int) -> bool:
        return _within(self.signatures, start)

    def is_clinician(self, start: int, end: int) -> bool:
        """By what stands right before or behind the name."""
        before, after = self.text[max(0, start - _NEAR) : start], self.text[end : end + _NEAR]
        return _CLINICIAN_BEFORE.search(before) is not None or _CLINICIAN_AFTER.match(after) is not None

    def introduces_itself(self, start: int) -> bool:
        """ "My name is …": the writer is who it is about."""
        return _SELF.search(self.text[max(0, start - _NEAR) : start]) is not None

    def _all(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for start, end in self.windows:
            yield from pattern.finditer(self.text, start, end)

    def _block_end(self, start: int) -> int:
        end = start
        for _ in range(_BLOCK_LINES):
            end = self.text.find("\n", end + 1)
            if end < 0 or end - start > _BLOCK:
                return min(len(self.text), start + _BLOCK)
        return end


def _within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a place is in one of spans sorted by where they start; the last that starts before it decides."""
    at = bisect_right(spans, (place, place + 1))
    return (at > 0 and place < spans[at - 1][1]) or (at > 1 and place < spans[at - 2][1])
