"""The paths of MAIL FROM and RCPT TO (RFC 5321 section 4.1.2).

Postfix hands them to a milter as the client wrote them, and reads odd ones in its own way (comments, source routes,
missing brackets). Whoever decides by another reading than the one that delivers can be led astray: only what has one
reading is taken.
"""

import re

NULL = "<>"
LONGEST = 320  # characters: local part 64, domain 255, "@"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]|[^\x00-\x9f\ud800-\udfff\s]"
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[\x20-\x7e])*"'
_LABELS = r"(?:[A-Za-z0-9_-]|[^\x00-\x9f\ud800-\udfff\s])+"
_DOMAIN = rf"{_LABELS}(?:\.{_LABELS})*\.?"
_LITERAL = r"\[[A-Za-z0-9.:-]+\]"
_PATH = re.compile(rf"<?((?:(?:{_ATOM})+|({_QUOTED}))((?:@(?:{_DOMAIN}|{_LITERAL}))?))>?")
_DOT_STRING = re.compile(rf"(?:(?!\.)(?:{_ATOM}))+(?:\.(?:(?!\.)(?:{_ATOM}))+)*")
_PAIR = re.compile(r"\\(.)")
_TO_BE_PAIRED = re.compile(r'["\\]')


def addr_spec(path: str) -> str | None:
    """The address of a path, "" for the null reverse-path; None where it has no single reading.

    Taken are `<local@domain>` and the same without brackets, as Postfix takes both; local parts as dot-atom or quoted
    string, domains as labels or address literal, all in UTF-8 too (RFC 6531), and local parts alone. Quotes that are
    not needed go, since Postfix knows the mailbox without them (RFC 5321 section 4.1.2): one has one address here.
    """
    if path == NULL:
        return ""
    if path.startswith("<") != path.endswith(">") or len(path) > LONGEST:
        return None
    found = _PATH.fullmatch(path)
    if found is None or not found[2]:
        return found and found[1]
    return _unquoted(found[2]) + found[3]


def _unquoted(quoted: str) -> str:
    """A quoted local part with as few quotes and backslashes as it can have."""
    text = _PAIR.sub(r"\1", quoted[1:-1])
    return text if _DOT_STRING.fullmatch(text) else f'"{_TO_BE_PAIRED.sub(_paired, text)}"'


def _paired(character: re.Match[str]) -> str:
    return "\\" + character[0]
