"""Patterns in rules: RE2, so that no text can make them slow."""

import re
from typing import Any

import re2

# "Re: ", "AW: Fwd: "; bounded, so that no subject makes it slow.
_REPLY = r"(?:\s{0,8}\w{1,5}(?:\[\d{1,4}\])?:){0,16}\s{0,8}"


class Regex:
    """A pattern that is compiled when it is first used in a process; it pickles as its source.

    Letter case does not matter unless the pattern says `(?-i)`.
    """

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: Any = None

    def occurs_in(self, text: str) -> bool:
        """Whether it matches anywhere in the text. Never raises: what is not Unicode is read as "?"."""
        if self._compiled is None:
            self._compiled = _compile(self.source)
        return self._compiled.search(text.encode("utf-8", "replace")) is not None

    def __reduce__(self) -> tuple[type["Regex"], tuple[str]]:
        return Regex, (self.source,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Regex) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Regex({self.source!r})"


def refusal(source: str) -> str:
    """Why RE2 refuses a pattern, in its words; "" where it takes it."""
    try:
        _compile(source)
    except re2.error as error:
        said = error.args[0] if error.args else "no reason given"
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return ""


def glob_regex(glob: str) -> Regex:
    """A pattern for a name with `*` (anything) and `?` (one character); the whole name must fit."""
    wild = {"*": "(?s:.*)", "?": "(?s:.)"}
    return Regex("^" + "".join(wild.get(sign) or re2.escape(sign) for sign in glob) + "$")


def mark_in(subject: str, mark: str) -> tuple[int, int] | None:
    """Where a mark stands in a subject: at its beginning, behind Re: and the like, or at its end; None elsewhere."""
    wanted = r"\s+".join(re.escape(word) for word in mark.split())
    if not wanted:
        return None
    found = re.match(rf"(?P<before>{_REPLY})(?P<mark>{wanted})(?=\s|$)", subject, re.IGNORECASE)
    found = found or re.search(rf"(?:^|\s)(?P<mark>{wanted})\s*$", subject, re.IGNORECASE)
    return None if found is None else found.span("mark")


def _compile(source: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(source.encode("utf-8", "replace"), options)
