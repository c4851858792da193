"""Detector files that were written for Presidio: a list of `recognizers`, loaded as they are.

The form is that of presidio-analyzer's recognizer registry: patterns with scores, deny lists, context words. Scores
become levels of confidence; a pattern's context words raise it as Presidio's do (by 0.35, to 0.4 at least). Patterns
are Python's; what RE2 lacks is said another way where that is exact, and refused otherwise.
"""

import re
from collections.abc import Iterator

from gateway.core.detector import Confidence, Context, DetectorSpec, Pattern
from gateway.core.errors import Fault
from gateway.detect.patterns import RefusedPattern, compile_regex
from gateway.detect.translating import translated
from gateway.documents import Node, nearest

KEY = "recognizers"

_FILE_KEYS = (KEY, "supported_languages", "supported_countries", "global_regex_flags")
_KEYS = (
    "name", "supported_entity", "supported_language", "supported_languages", "patterns", "context", "deny_list",
    "deny_list_score", "type", "enabled", "class_name", "country_code", "version", "global_regex_flags",
)  # fmt: skip
_PATTERN_KEYS = ("name", "regex", "score")
_IGNORECASE = 2
_DEFAULT_FLAGS = 26  # re.IGNORECASE | re.MULTILINE | re.DOTALL
_CONTEXT_ADDS, _CONTEXT_LEAST = 0.35, 0.4
_LEVELS = ((0.8, Confidence.HIGH), (0.5, Confidence.MEDIUM), (0.25, Confidence.LOW))
_NEAR = 60  # characters: about the five words before a value that Presidio looks at
_MOST_WORDS = 2_000
_WORD_BEFORE, _WORD_AFTER = r"(?:^|[^0-9A-Za-z_])", r"(?:[^0-9A-Za-z_]|$)"


def is_borrowed(root: Node) -> bool:
    """Whether a file is a list of Presidio's recognizers."""
    return root.get(KEY) is not None


class Borrowed:
    """Reads one such file. What is wrong goes into `faults`."""

    def __init__(self, root: Node, stem: str, faults: list[Fault]) -> None:
        self._root = root
        self._stem = stem
        self._faults = faults

    def specs(self) -> tuple[DetectorSpec, ...]:
        """One for each recognizer that is enabled; none where a fault was found."""
        before = len(self._faults)
        self._known(self._root, _FILE_KEYS)
        flags = self._number(self._root, "global_regex_flags", _DEFAULT_FLAGS)
        listed = self._root.get(KEY)
        if listed is None or not listed.elements():
            self._note(listed or self._root, "there is no recognizer in the list", 'write "- name: …" below it')
            return ()
        specs: dict[str, DetectorSpec] = {}
        for node in listed.elements():
            for spec in self._recognizer(node, int(flags), taken=frozenset(specs)):
                specs[spec.id] = spec
        return tuple(specs.values()) if len(self._faults) == before else ()

    def _recognizer(self, node: Node, flags: int, taken: frozenset[str]) -> Iterator[DetectorSpec]:
        enabled = node.get("enabled")
        if enabled is not None and enabled.plain is False:
            return
        name, entity = self._text(node, "name") or node.text, self._text(node, "supported_entity")
        kind = self._text(node, "type")
        if kind == "predefined" or not (node.get("patterns") or node.get("deny_list")):
            what = f'"{name}" is a program inside Presidio' if name else "this says nothing about what it finds"
            self._note(node, what, "take it out, or give it patterns or a deny_list: Gatepost has detectors of its own")
            return
        self._known(node, _KEYS)
        if not entity:
            self._note(node, '"supported_entity" is missing', 'add "supported_entity: NAME_OF_WHAT_IT_FINDS"')
            return
        flags = int(self._number(node, "global_regex_flags", flags))
        patterns = (*self._patterns(node, flags), *self._deny_list(node, flags))
        yield DetectorSpec(
            id=_unused(f"{self._stem}-{_slug(name or entity)}", taken),
            entity=re.sub(r"[^A-Z0-9]+", "_", entity.upper()).strip("_"),
            title=name or entity,
            groups=frozenset(),
            patterns=patterns,
            context=Context(self._context(node), _NEAR, 0),
            file=node.file,
            line=node.line,
        )

    def _patterns(self, node: Node, flags: int) -> Iterator[Pattern]:
        has_context = bool(self._context(node))
        for below in self._members(node, "patterns"):
            self._known(below, _PATTERN_KEYS)
            regex = below.get("regex")
            if regex is None or not regex.text:
                self._note(below, '"regex" is missing', 'add "regex: …"')
                continue
            score = self._number(below, "score", 0.5)
            written = self._translated(regex, flags)
            if written:
                yield _pattern(self._text(below, "name") or "pattern", written, score, flags, has_context=has_context)

    def _translated(self, node: Node, flags: int) -> str:
        try:
            written = translated(node.text, flags)
            empty = compile_regex(written).fullmatch(b"") is not None
        except RefusedPattern as refused:
            remedy = "write it without look-around inside and without back-references (RE2 has neither)"
            self._note(node, f"the regex cannot be taken over: {refused}", remedy)
            return ""
        if empty:
            self._note(node, "the regex fits an empty text", "make at least one character of it compulsory")
        return "" if empty else written

    def _deny_list(self, node: Node, flags: int) -> Iterator[Pattern]:
        words = [word.text for word in self._members(node, "deny_list") if word.text]
        if len(words) > _MOST_WORDS:
            problem = f"the deny_list has more than {_MOST_WORDS:,} words"
            self._note(node, problem, "write a detector with a lexicon: a file with one word a line")
        elif words:
            one = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
            regex = f"{_WORD_BEFORE}(?P<value>{one}){_WORD_AFTER}"
            score = self._number(node, "deny_list_score", 1.0)
            yield _pattern("deny list", regex, score, flags, has_context=bool(self._context(node)))

    def _context(self, node: Node) -> tuple[str, ...]:
        """Words of the recognizer, and those of each of its languages."""
        languages = node.get("supported_languages")
        places = [node, *(languages.elements() if languages else ())]
        words = (word.text for place in places for word in self._members(place, "context"))
        return tuple(dict.fromkeys(word for word in words if word))

    def _members(self, node: Node, key: str) -> list[Node]:
        value = node.get(key)
        if value is None or (value.kind == "scalar" and value.scalar is None):
            return []
        if value.kind != "sequence":
            self._note(value, f'"{key}" is not a list', "write each entry on a line of its own, with a dash before it")
        return value.elements()

    def _text(self, node: Node, key: str) -> str:
        value = node.get(key)
        return value.text if value is not None and value.kind == "scalar" else ""

    def _number(self, node: Node, key: str, default: float) -> float:
        value = node.get(key)
        if value is None:
            return default
        number = value.scalar
        if isinstance(number, bool) or not isinstance(number, int | float):
            self._note(value, f'"{key}" is not a number', "write a number, such as 0.5")
            return default
        return number

    def _known(self, node: Node, known: tuple[str, ...]) -> None:
        for key, place, _ in node.items():
            if key not in known:
                near = nearest(key, known)
                remedy = f'did you mean "{near}"?' if near else f"known here: {', '.join(known)}"
                self._note(place, f'unknown setting "{key}"', remedy)

    def _note(self, node: Node, problem: str, remedy: str) -> None:
        fault = node.fault(self._stem, problem, remedy)
        if fault not in self._faults:
            self._faults.append(fault)


def level_of(score: float) -> Confidence | None:
    """A score of Presidio as a confidence; None: too weak to stand alone."""
    return next((level for least, level in _LEVELS if score >= least), None)


def _pattern(name: str, regex: str, score: float, flags: int, *, has_context: bool) -> Pattern:
    raised = max(score + _CONTEXT_ADDS, _CONTEXT_LEAST) if has_context else score
    return Pattern(
        name=name,
        regex=regex,
        alone=level_of(score),
        with_context=level_of(raised),
        case_sensitive=not flags & _IGNORECASE,
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "recognizer"


def _unused(name: str, taken: frozenset[str]) -> str:
    number = 2
    unused = name
    while unused in taken:
        unused, number = f"{name}-{number}", number + 1
    return unused
