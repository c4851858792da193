"""Patterns of Python's `re` said in RE2's words, where that is exact.

RE2 has no look-around. At the two ends of a pattern it is not needed: what stands before and after a value may be
matched as well, as long as the value itself is named.
"""

import re

from gateway.detect.patterns import RefusedPattern, compile_regex

_MULTILINE, _DOTALL, _VERBOSE = 8, 16, 64
# One character or class: an escape, a class, a plain character.
_ONE = r"(?:\\[dDwWsS]|\\[^0-9A-Za-z]|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\()\[\]{}*+?.|^$])"
_NOT_BEFORE = re.compile(rf"\(\?<!(?P<one>{_ONE})\)")
_NOT_AFTER = re.compile(rf"\(\?!(?P<one>{_ONE})\)\Z")
_LOOKS = re.compile(r"\(\?<?[=!]")
_BEFORE = "(?<="
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPPOSITE = {"d": "D", "D": "d", "w": "W", "W": "w", "s": "S", "S": "s"}


def translated(regex: str, flags: int = 0) -> str:
    """The pattern for RE2, its value in a group `value` where something around it is matched too.

    `flags` are those of `re`. Raises RefusedPattern with the reason, where RE2 has no words for it.
    """
    if flags & _VERBOSE:
        raise RefusedPattern("it is written with white space and comments (re.VERBOSE)")
    before, value, after = _parts(regex.replace(r"\Z", r"\z"))
    inline = ("m" if flags & _MULTILINE else "") + ("s" if flags & _DOTALL else "")
    if inline and re.search(r"[.^$]", _ATOM.sub("", value)):
        value = f"(?{inline}:{value})"
    written = f"{before}(?P<value>{value}){after}" if before or after else value
    compile_regex(written)
    return written


def _parts(regex: str) -> tuple[str, str, str]:
    """What is matched before the value, the value, what is matched after it."""
    if not _LOOKS.search(_ATOM.sub("", regex)) or _has_alternatives(regex):
        return "", regex, ""
    before = after = ""
    if found := _NOT_BEFORE.match(regex):
        before, regex = f"(?:^|{_opposite(found['one'])})", regex[found.end() :]
    elif regex.startswith(_BEFORE):
        end = _closing(regex)
        before, regex = f"(?:{regex[len(_BEFORE) : end]})", regex[end + 1 :]
    if (found := _NOT_AFTER.search(regex)) and not _is_escaped(regex, found.start()):
        after, regex = f"(?:{_opposite(found['one'])}|$)", regex[: found.start()]
    if "(?P<value>" in regex and (before or after):
        raise RefusedPattern('it has a group named "value" inside a look-around')
    return before, regex, after


def _opposite(one: str) -> str:
    """All characters but this one, or but those of this class."""
    if one.startswith("[^"):
        return f"[{one[2:]}"
    if one.startswith("["):
        return f"[^{one[1:]}"
    if one.startswith("\\") and one[1] in _OPPOSITE:
        return f"\\{_OPPOSITE[one[1]]}"
    return f"[^{one}]"


def _has_alternatives(regex: str) -> bool:
    """Whether `|` stands outside of all groups: a look-around before it would be of the first alternative only."""
    depth = 0
    for sign in _ATOM.sub("", regex):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and not depth:
            return True
    return False


def _closing(regex: str) -> int:
    """Where the group at the start of the pattern closes."""
    depth = 0
    plain = _ATOM.sub(lambda found: "." * len(found[0]), regex)
    for place, sign in enumerate(plain):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if not depth:
            return place
    raise RefusedPattern("a bracket is opened and never closed")


def _is_escaped(regex: str, place: int) -> bool:
    return (len(regex[:place]) - len(regex[:place].rstrip("\\"))) % 2 == 1
