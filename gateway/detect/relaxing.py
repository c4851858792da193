"""Regexes that occur wherever another one does, and are cheaper to look for."""

import re

_COUNTED = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}", re.DOTALL
)  # an escape, a class or a count
_GROUP = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[A-Za-z]{2}[A-Za-z\d]")  # with the names of segments: PV1
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)  # an escape, a class or a character
_UNCLEAR = re.compile(r"\\[QE]|\[:|\(\?(?!:|P<)")  # quotations, named classes, flags: not taken apart
_NAMES_FIRST = re.compile(  # a list of names, and then something that is no count
    r"\(\?:(?P<names>[A-Z][A-Za-z]{2,}(?:\|[A-Z][A-Za-z]{2,})+)\)(?P<rest>(?![?*+{])[^|]+)"
)
_COUNT = 4  # higher counts cost Hyperscan seconds of compiling and gain nothing


def relaxed(regex: str) -> str:
    """A pattern that occurs wherever `regex` does, and more; small, since Hyperscan has only to say what can occur.

    Of a label and a value only the label is left, of a value between boundaries only the value; high counts are taken
    as "this many or more".
    """
    return _COUNTED.sub(_without_count, _core(regex))


def alternatives(regex: str) -> list[str]:
    """What stands between the bars of a regex or of the group that all of it is; the regex where that is not clear.

    Hyperscan finds a hundred words as expressions of their own in half the time that it takes for one of all; names
    before something that they share, a quarter.
    """
    inner = regex[3:-1] if regex.startswith("(?:") and regex.endswith(")") else regex
    if "|" not in inner or _UNCLEAR.search(regex):
        return [regex]
    if found := _NAMES_FIRST.fullmatch(regex):
        return [f"{name}{found['rest']}" for name in found["names"].split("|")]
    parts = [""]
    depth = 0
    for piece in _PIECE.findall(inner):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth < 0:  # it is more than that one group
            return [regex]
        if piece == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def is_bytewise(regex: str) -> bool:
    """Whether a regex means the same over bytes as over the code points of UTF-8: ASCII, and no class of "all but"."""
    if not regex.isascii():
        return False
    return "." not in _COUNTED.sub(lambda found: "." if _WIDE.match(found[0]) else "", regex)


_WIDE = re.compile(  # a class of "all but", an escape for what is no octet of ASCII, or a class with one
    r"\[\^|\\[SDWCpPx]|\[(?:[^\\]|\\.)*?\\(?:[SDWCpP]|x(?:[89a-fA-F]|\{0*(?:[89a-fA-F][0-9a-fA-F]|[0-9a-fA-F]{3,})\}))",
    re.DOTALL,
)


def _core(regex: str) -> str:
    head, value, rest = regex.partition("(?P<value>")
    alternative = "|" in _outside_groups(regex)
    inside_group = set("()") & set(_outside_groups(head))
    if not value or alternative or inside_group:
        return regex
    if has_words(head):
        return head
    end = _closing(rest)
    return regex if has_words(rest[end:]) else rest[:end]


def has_words(regex: str) -> bool:
    """Whether three letters in a row stand in it, or two and a digit."""
    return _WORD.search(_COUNTED.sub("", regex)) is not None


def _closing(rest: str) -> int:
    """Where the group that is open at the start of `rest` closes."""
    depth, plain = 0, _COUNTED.sub(lambda found: "." * len(found[0]), rest)
    for index, character in enumerate(plain):
        if character == ")" and depth == 0:
            return index
        depth += {"(": 1, ")": -1}.get(character, 0)
    return len(rest)


def _outside_groups(regex: str) -> str:
    bare = _COUNTED.sub("", regex)
    while bare != (shorter := _GROUP.sub("", bare)):
        bare = shorter
    return bare


def _without_count(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    low = int(found[1])
    high = low if found[2] is None else int(found[2]) if found[2] else None
    if high is not None and high <= _COUNT:
        return found[0]
    return f"{{{min(low, _COUNT)},}}"
