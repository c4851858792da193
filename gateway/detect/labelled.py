"""Patterns for numbers that are known by their label: a list of labels in, RE2 out.

People write a label in many ways: "MRN: 00482913", "her chart number with us is 00482913", "member id on the card —
W2209 41873", "00482913 (MRN)", or the label on one line and the number on the next. A detector lists the words;
what may stand between them and the number is the same for all and written down here, once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from gateway.core.detector import Confidence, Pattern

# A number with its prefix and dashes (PA-3390-1187, S25-11873), or short groups apart (ZGP 700 318 552, 929 57 131,
# 901 447 2281-00, 1029 PD 55 71), of which some may be a single digit where there are three (0 448 217 6); or a day,
# a laboratory and a number between colons (0923:MB00417R), or a year and a number (S26:9081); or the name of a study
# with site and number (HORIZON-3-0417).
NUMBER = (
    r"(?:(?:(?-i:[A-Z]{1,5})[ \-])?(?-i:[A-Z]{0,3})\d[0-9A-Z]{0,4}(?:(?: \d{1,5}){2,6}|(?: \d{2,6}[A-Z]?){1,4})"
    r"(?:-\d{1,4})?"
    r"|\d{2,5} (?-i:[A-Z]{1,3})(?: \d{2,5}){1,3}"
    r"|\d{4}:(?-i:[A-Z]{1,3})\d{3,6}(?-i:[A-Z]?)"
    r"|(?-i:[A-Z]{1,3})\d{2}:\d{3,6}"
    r"|(?-i:[A-Z]{7,12})-\d[0-9A-Z]*(?:[\-./_][0-9A-Z]+)*"
    r"|(?-i:[A-Z]{1,5}(?:-[A-Z]{1,3})?) \d{4,}[0-9A-Z]*(?:-[0-9A-Z]+)*"
    r"|(?-i:[A-Z]{1,5}) \d{1,6}(?:-\d{1,7}){1,3}"
    r"|(?:[A-Z]{1,5}-[A-Z]{1,5}-?|[A-Z]{1,6}[\-./]?)?\d[0-9A-Z]*(?:[\-./_][0-9A-Z]+)*(?: 0\d)?)"
)
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    "|diciembre)"
)
DATE = (
    r"(?:(?:mon|tues?|wed|thurs?|thu|fri|sat|sun)(?:day)?\.?,? )?(?:the )?"
    r"(?:\d{1,2} ?[/.\-] ?\d{1,2} ?[/.\-] ?(?:\d{4}|\d{2})|\d{4}[/.\-]\d{1,2}[/.\-]\d{1,2}|(?:19|20)\d{6}"
    r"|[01]\d[0-3]\d(?:19|20)\d\d"
    rf"|{_MONTH}\.?[ \-]\d{{1,2}}(?:st|nd|rd|th)?,?[ \-]\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ \-](?:of |de )?{_MONTH}\.?,?[ \-](?:del? )?(?:\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}{_MONTH}(?:\d{{4}}|\d{{2}}))"
)
SHAPES = {"number": NUMBER, "date": DATE}  # what a detector may name instead of RE2 of its own
_BEFORE = r"(?:^|[^0-9A-Z.,/\-])"  # ahead of a number, where no label is
_BEHIND = r"(?:[^0-9A-Z\-:/%]|[\-:/](?:[^0-9]|$)|$)"
_SIGN = r"[\s:;#=.,>|/()\[\]\"'*_~+\-]"
_NUMBER_WORD = (
    r"(?:[\s_\-/.]{0,3}(?:#|(?:numbers?|numb|num|nos?|nbr|nr|ids?|i\.d|identifiers?|identification|codes?|ref"
    r"|reference)(?:\b|_)\.?))"
)
_FILLERS = (
    r"(?:is|was|are|as|of|on|for|with|under|in|at|the|this|that|his|hers?|their|our|my|your|its|us|you|them|me|here|there"
    r"|now|still|only|also|file|record|patient|system|card|letter|bill|statement|form|portal|label|bottle|listed|shown"
    r"|given|assigned|issued|written|printed|says?|reads?|shows?|which|it|below|above|follows|following|new|old|current"
    r"|correct|please|quote|use|number|no|id|be|should|ending|begins?|starting|from|last|visit|office|clinic|hospital"
    r"|insurance|group|test|kit|used|to|claim|ready|handy|el|la|de|es|mi|su)"
)
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_HINTED_WORDS = 3  # of a label are looked for at first
_NO_ENDS = frozenset({"id", "i.d"})
_FILLED = rf"(?:{_SIGN}{{1,3}}{_FILLERS}\b){{1,6}}"
_ANSWER = r"[^\n?]{0,24}\?\s{0,2}\n(?:[A-Z][A-Z .]{0,24}:)?"  # asked on one line, told on the next
_JOINED = r"(?:[A-Z]{1,5}-?)?(?:\d[0-9A-Z]{3,}(?:[\-./][0-9A-Z]+)*|\d[0-9A-Z]{0,3}(?:-[0-9A-Z]{2,})+)"
_AND = r"(?: ?[,/&+] ?| (?:and|or|into|to|vs?) )(?:(?:and|or|also) )?#?"
_SENTENCE = r"(?:[\s,]{1,2}[A-Z][A-Z'.()\-]*){1,6}?\s?(?:\b(?:is|was|reads|says|shows|es)\b:?|[:#=])"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels and what a number beside one of them is worth. In a label, "[my|her]" is one of these words.

    `bare`: the label may stand right before the number ("MRN 00482913"); otherwise it needs "number", "no.", "#", a
    colon or "is" between. `value` is RE2 for the number itself, or one of SHAPES.
    """

    name: str
    labels: tuple[str, ...]
    bare: bool = False
    value: str = NUMBER
    alone: Confidence | None = None
    with_context: Confidence | None = Confidence.HIGH
    invalid_alone: Confidence | None = None
    invalid_with_context: Confidence | None = None


def patterns_of(labelled: Labelled) -> tuple[Pattern, ...]:
    """The label before the number, and behind it."""
    labels = label_expression(labelled.labels)
    hint = rf"(?:\b|_){label_expression(_beginnings(labelled.labels))}"
    return tuple(
        Pattern(
            name=f"{labelled.name} {place}",
            regex=regex,
            alone=labelled.alone,
            with_context=labelled.with_context,
            invalid_alone=labelled.invalid_alone,
            invalid_with_context=labelled.invalid_with_context,
            hint=hint,
        )
        for place, regex in (
            ("before the number", _label_first(labelled)),
            ("behind the number", _label_last(labels, labelled)),
            *([("before another number", _label_before_another(labelled))] if labelled.value == NUMBER else []),
        )
    )


def _beginnings(labels: Sequence[str]) -> set[str]:
    """What each of them begins with: enough to say that it can occur, and not too long for Hyperscan."""
    return {" ".join(one.split()[:_HINTED_WORDS]) for label in labels for one in spelled(label)}


def other_label(labels: Sequence[str]) -> str:
    """RE2 for one of these labels at the end of a text, as it stands right before a number."""
    return rf"(?:\b|_){label_expression(labels)}(?:'?s)?(?:\b|_){_NUMBER_WORD}{{0,3}}{_SIGN}{{0,16}}$"


def label_expression(labels: Iterable[str]) -> str:
    """RE2 for any of them; a space in a label is white space, a dash, an underscore or nothing."""
    written = {one for label in labels for one in spelled(label)}
    longest_first = sorted(written, key=lambda label: (-len(label), label))
    return "(?:" + "|".join(_label(label) for label in longest_first) + ")"


def spelled(label: str) -> Iterator[str]:
    """The labels that one stands for: "number [with|at] you" is two."""
    pieces = _CHOICE.split(label)
    for chosen in product(*(piece.split("|") if at % 2 else (piece,) for at, piece in enumerate(pieces))):
        yield " ".join("".join(chosen).split())


def _label(label: str) -> str:
    """RE2 for one. A bare "id" is one by itself, not the end of "art_id"."""
    head = r"\b" if label in _NO_ENDS else ""
    return head + r"[\s_\-]{0,2}".join("".join(c if c.isalnum() else f"\\{c}" for c in word) for word in label.split())


def _label_first(labelled: Labelled) -> str:
    between = rf"(?:{_FILLED}|{_SENTENCE}|{_ANSWER})?{_SIGN}{{0,16}}?"  # dots may lead to a number; its sign is its own
    if labelled.bare:
        after = rf"{_NUMBER_WORD}{{0,3}}{between}"
    else:
        after = rf"(?:{_NUMBER_WORD}{{1,3}}{between}|\s?[:=#]{_SIGN}{{0,6}}?|\s+(?:is|was|es)\b{_SIGN}{{0,4}}?)"
    return rf"(?:\b|_){_ended(labelled.labels)}{after}(?P<value>{labelled.value}){_BEHIND}"


def _ended(labels: Sequence[str]) -> str:
    """RE2 for any of them, whole: "acc#" ends with its sign, and "acc" is not the beginning of "ACCT 118204"."""
    words = [one for label in labels for one in spelled(label) if one[-1:].isalnum()]
    signs = [one for label in labels for one in spelled(label) if not one[-1:].isalnum()]
    ways = [label_expression(words) + r"(?:'?s)?(?:\b|_)"] if words else []
    ways += [label_expression(signs) + r"(?:'?s)?"] if signs else []
    return f"(?:{'|'.join(ways)})"


def _label_before_another(labelled: Labelled) -> str:
    """The second of two: "charts 00771834 and 00339127", "claims 88-1204, 88-1205"."""
    after = (
        rf"{_NUMBER_WORD}{{0,3}}{_SIGN}{{0,6}}?"
        if labelled.bare
        else rf"(?:{_NUMBER_WORD}{{1,3}}|\s?[:=#]){_SIGN}{{0,6}}?"
    )
    return rf"(?:\b|_){_ended(labelled.labels)}{after}{NUMBER}{_AND}(?P<value>{_JOINED}){_BEHIND}"


def _label_last(labels: str, labelled: Labelled) -> str:
    link = r"[\s,\"']{0,3}(?:[(\[=\-]\s{0,2}|\b(?:is|was|as|being)\s(?:[a-z']+\s){0,3})"
    word = rf"{_NUMBER_WORD}{{0,2}}" if labelled.bare else rf"{_NUMBER_WORD}{{1,2}}"
    return rf"{_BEFORE}(?P<value>{labelled.value}){link}{labels}{word}(?:[).,;\]\r\n]|\s+[a-z]|\s*$)"
