"""The texts of notices: which there are, what each may say, and whether an organization's own text is sound.

A text is plain, its first line the subject. It may name variables from a closed set, and none of them has anything of a
message in it but envelope addresses: no template can reach a subject, a value that was found, or a text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from string import Template
from types import MappingProxyType

MOST_CHARACTERS = 20_000
MOST_SUBJECT = 150
SUBJECT = "Subject: "


@dataclass(frozen=True, slots=True)
class Variable:
    """What a template may name. A block has a line of its own: it is several lines, or none."""

    meaning: str
    is_block: bool = False


VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "organization": Variable("name of the organization"),
        "contact": Variable("address of the officer"),
        "date": Variable("when the message came, or the day of a digest"),
        "incident": Variable("id of the incident"),
        "sender": Variable("envelope sender"),
        "count": Variable("how many messages are meant"),
        "note": Variable("words of the reviewer, or what happened; on one line"),
        "days": Variable("how many days are left"),
        "recipients": Variable("envelope recipients, a line each", is_block=True),
        "rules": Variable("rules that applied, by their titles", is_block=True),
        "data": Variable("kinds of data found", is_block=True),
        "obstacles": Variable("why a change was not possible", is_block=True),
        "unread": Variable("what could not be read for certain", is_block=True),
        "until": Variable("until when a message can be read"),
        "minutes": Variable("how many minutes a code works"),
        "code": Variable("the code that was asked for", is_block=True),
        "link": Variable("where the message is reviewed, or read", is_block=True),
        "figures": Variable("what came and was decided since the digest before", is_block=True),
        "items": Variable("the messages one by one", is_block=True),
        "expiring": Variable("those of them whose time is nearly over", is_block=True),
    }
)
_OF_MESSAGE = ("organization", "contact", "date", "incident", "sender", "recipients", "rules", "data")
_OF_TROUBLE = (*_OF_MESSAGE, "obstacles", "unread")
_DELIVERED = ("delivered", "encrypted", "redacted")
ALLOWED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{f"sender-{kind}": _OF_MESSAGE for kind in _DELIVERED},
        **{f"sender-{kind}": _OF_TROUBLE for kind in ("held", "blocked")},
        "sender-returned": (*_OF_MESSAGE, "note"),
        **{f"sender-{what}": ("organization", "contact", "count", "items") for what in ("outcome", "unread")},
        "refused-for-some": _OF_TROUBLE,
        **{f"officer-{kind}": _OF_MESSAGE for kind in _DELIVERED},
        "officer-blocked": _OF_TROUBLE,
        "officer-held": (*_OF_TROUBLE, "link"),
        "officer-emergency": ("organization", "contact", "date", "incident", "note"),
        "officer-digest": ("organization", "date", "count", "figures", "items", "expiring", "link"),
        "officer-reminder": ("organization", "date", "count", "days", "expiring", "link"),
        "recipient-waiting": ("organization", "contact", "until", "link"),
        "recipient-code": ("organization", "contact", "minutes", "code"),
    }
)
# Without these a reader could not act: the incident is what everybody asks for.
NEEDED: Mapping[str, str] = MappingProxyType(
    {name: "incident" if "incident" in allowed else "expiring" for name, allowed in ALLOWED.items()}
    | dict.fromkeys(("officer-digest", "sender-outcome", "sender-unread"), "items")
    | {"officer-emergency": "note", "recipient-waiting": "link", "recipient-code": "code"}
)
_NAMED = re.compile(r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_]\w*)|\{(?P<braced>[^}\n]*)\}|(?P<odd>))", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a text: where, what, and how to mend it."""

    line: int
    what: str
    remedy: str


def problems(name: str, said: str) -> list[Problem]:
    """All that is wrong with a text for the notice of this name; [] for a sound one."""
    if len(said) > MOST_CHARACTERS:
        return [Problem(1, f"it has more than {MOST_CHARACTERS:,} characters", "make it shorter")]
    lines = said.split("\n")
    found = [*_form(lines), *(wrong for number, line in enumerate(lines, 1) for wrong in _line(name, number, line))]
    needed = NEEDED[name]
    if not found and needed not in _names(said):
        found.append(Problem(1, f"it never says ${needed}", f"write ${needed} where readers find it"))
    return found


def fill_in(said: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in. Values are never looked at for variables again."""
    return Template(said).substitute(values)


def _form(lines: Sequence[str]) -> Iterator[Problem]:
    if not lines[0].startswith(SUBJECT) or not lines[0].removeprefix(SUBJECT).strip():
        yield Problem(1, "the first line is not the subject", 'begin with "Subject: " and the words of the subject')
    elif len(lines[0]) > MOST_SUBJECT:
        yield Problem(1, f"the subject has more than {MOST_SUBJECT} characters", "make it shorter")
    if len(lines) < 2 or lines[1].strip():
        yield Problem(2, "the second line is not empty", "leave a line empty between the subject and the text")
    if not any(line.strip() for line in lines[2:]):
        yield Problem(min(3, len(lines)), "there is no text", "write what the reader has to know")


def _line(name: str, number: int, line: str) -> Iterator[Problem]:
    if _CONTROL.search(line):
        yield Problem(number, "there is a control character", "take it out; lines end with LF or CRLF")
    for found in _NAMED.finditer(line):
        if found["escaped"]:
            continue
        word = found["named"] if found["braced"] is None else found["braced"]
        if word is None:
            yield Problem(number, "a $ names nothing", "write $$ for a dollar sign")
        elif word not in ALLOWED[name]:
            yield _unknown(name, number, word)
        elif VARIABLES[word].is_block and line.strip() not in (f"${word}", f"${{{word}}}"):
            yield Problem(number, f"${word} does not stand alone", f"give ${word} a line of its own")


def _unknown(name: str, number: int, word: str) -> Problem:
    close = get_close_matches(word, ALLOWED[name], 1)
    known = ", ".join(f"${each}" for each in ALLOWED[name])
    remedy = f"did you mean ${close[0]}?" if close else f"this notice may say {known}"
    return Problem(number, f"there is no ${word[:40]} here", remedy)


def _names(said: str) -> set[str]:
    return {found["named"] or found["braced"] for found in _NAMED.finditer(said)}


@cache
def standard(name: str) -> str:
    """The shipped text."""
    return (files("gateway.actions") / "notices" / f"{name}.txt").read_text(encoding="utf-8")
