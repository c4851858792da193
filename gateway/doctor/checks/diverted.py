"""Tables of Postfix by whose answers a message takes another way than past Gatepost (header_checks(5))."""

import re
from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.checks.way import everywhere
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning
from gateway.postfix.plan import listener_key

_CONTENT = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")
_AS_TEXT = frozenset({"regexp", "pcre", "hash", "texthash", "lmdb", "btree", "cdb"})
_TABLE = re.compile(r"(\w+):(?:\{(.*)\}|([^\s,{]+))", re.DOTALL)
_ACCESS = tuple(f"smtpd_{stage}_restrictions" for stage in ("client", "helo", "sender", "recipient", "relay", "data"))
_OF_ACCESS = re.compile(r"(?im)^[ \t{]*(?:/.*/\w*|[^\s#=]+)[ \t]*[ \t=][ \t]*(HOLD|REDIRECT|FILTER)\b")
_ALWAYS = re.compile(r"(?i)\bstatic:\{?[ \t]*(HOLD|REDIRECT|FILTER)\b")
_ANSWER = re.compile(r"(?im)^(?![ \t]*#).*[\s/](REDIRECT|BCC)[ \t]+[^\s}]+@")


def redirected(machine: Machine) -> Iterator[Found]:
    """On REDIRECT by what it reads, cleanup(8) asks no milter any more; BCC adds a recipient behind them."""
    for survey, _ in machine.surveyed():
        seen: set[str] = set()
        for name in _CONTENT:
            for place, value in everywhere(survey, name):
                if value and value not in seen:
                    seen.add(value)
                    yield from _found(place, value)


def held_back(machine: Machine) -> Iterator[Found]:
    """What access(5) says of a client, sender or recipient is not said of copies that Gatepost hands back."""
    for survey, wish in machine.surveyed():
        ours = f"master.cf: {listener_key(wish)}: "
        for name in _ACCESS:
            for place, value in everywhere(survey, name):
                if not place.startswith(ours) and (answers := _answers(value)):
                    said = f"{', '.join(answers)} by a table of {name} holds for the message that Postfix has"
                    reason = f"{said}, not for copies that Gatepost hands back where recipients are treated differently"
                    yield warning(place, reason, "use REJECT or a rule of Gatepost's, or look at such copies yourself")


def _answers(value: str) -> list[str]:
    """Of the tables that can be read; others may say so too."""
    found = [each.upper() for each in _ALWAYS.findall(value)]
    for kind, inline, file in _TABLE.findall(value):
        text = inline
        if not inline and kind in _AS_TEXT and Path(file).is_file():
            text = Path(file).read_text("utf-8", "replace")
        found += [each.upper() for each in _OF_ACCESS.findall(text)]
    return sorted(set(found))


def _found(place: str, value: str) -> Iterator[Found]:
    text = _text(value)
    if text is None:
        reason = f"{value} says what becomes of mail by its content, and cannot be read through from here"
        yield warning(place, reason, "look through it: REDIRECT sends a message past Gatepost, BCC adds a recipient")
        return
    answers = {found[1].upper() for found in _ANSWER.finditer(text)}
    if "REDIRECT" in answers:
        reason = f"{value} has a REDIRECT: Postfix asks no milter about such a message, and sends it unseen"
        yield critical(place, reason, "take it out, and let a rule hold the message or copy it to somebody")
    if "BCC" in answers:
        reason = f"{value} has a BCC: Postfix adds this recipient behind Gatepost, which does not see it"
        yield warning(place, reason, "use a rule with copy-to instead, or see that it is inside")


def _text(value: str) -> str | None:
    """All lines of all tables; None where one of them is no text."""
    lines = []
    for kind, inline, file in _TABLE.findall(value):
        if inline:
            lines.append(inline)
        elif kind not in _AS_TEXT or not Path(file).is_file():
            return None
        else:
            lines.append(Path(file).read_text("utf-8", "replace"))
    return "\n".join(lines)
