"""Settings of a detector file as values; what is wrong is noted with its place, and read as its default."""

from collections.abc import Collection

from gateway.core.detector import Confidence
from gateway.core.errors import Fault
from gateway.documents import Node, nearest

LEVEL_WORDS = ("low", "medium", "high", "none")
WIDEST = 1_000  # characters of context; farther is not near


class Fields:
    """Reads mappings of one document. `subject` names it in each of the `faults`."""

    def __init__(self, subject: str, faults: list[Fault]) -> None:
        self._subject = subject
        self._faults = faults

    def _known(self, node: Node, known: Collection[str]) -> None:
        """Notes keys that are none of these, and a node that is no mapping."""
        if node.kind != "mapping":
            self._note(node, "settings belong here", f"write {', '.join(known)} below it, each with a colon")
        for key, place, _ in node.items():
            if key not in known:
                near = nearest(key, known)
                remedy = f'did you mean "{near}"?' if near else f"known here: {', '.join(known)}"
                self._note(place, f'unknown setting "{key}"', remedy)

    def _needed(self, node: Node, key: str) -> str:
        """A text that has to be there; "" where it is not, or is none."""
        value = node.get(key)
        if value is None:
            self._note(node, f'"{key}" is missing', f'add "{key}: …"')
            return ""
        if value.kind != "scalar" or not value.text:
            self._note(value, f'"{key}" is not a text', "write one text after the colon")
            return ""
        return value.text

    def _members(self, node: Node, key: str) -> list[Node]:
        """What stands in a list; empty where there is none."""
        value = node.get(key)
        if value is not None and value.kind != "sequence":
            self._note(value, f'"{key}" is not a list', "write each entry on a line of its own, with a dash before it")
        return value.elements() if value else []

    def _texts(self, node: Node, key: str) -> tuple[str, ...]:
        members = self._members(node, key)
        for member in members:
            if member.kind != "scalar" or not member.text:
                self._note(member, f'an entry of "{key}" is not a text', "write one text after the dash")
        return tuple(member.text for member in members if member.text)

    def _flag(self, node: Node, key: str) -> bool:
        value = node.get(key)
        if value and not isinstance(value.plain, bool):
            self._note(value, f"{key} is neither true nor false", "write true or false")
        return bool(value and value.plain)

    def _number(self, node: Node, key: str, default: int, most: int = WIDEST) -> int:
        """A whole number from 0 to `most`."""
        value = node.get(key)
        if value is None:
            return default
        number = value.plain
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
            what = {"enough": "findings", "threshold": "percent"}.get(key, "characters")
            self._note(value, f'"{key}" is not a number of {what}', f"write a number from 0 to {most}")
            return default
        return number

    def _choice(self, node: Node, key: str, known: Collection[str], default: str) -> str:
        """One of the known words."""
        value = node.get(key)
        if value is None:
            return default
        if value.text in known:
            return value.text
        near = nearest(value.text, known)
        remedy = f'did you mean "{near}"?' if near else f"write one of {', '.join(known)}"
        self._note(value, f'unknown {key} "{value.text}"', remedy)
        return default

    def _level(self, node: Node, key: str, default: Confidence | None) -> Confidence | None:
        """None where "none" is written."""
        word = self._choice(node, key, LEVEL_WORDS, "")
        if not word:
            return default
        return None if word == "none" else Confidence.of(word)

    def _note(self, node: Node, problem: str, remedy: str) -> None:
        self._faults.append(node.fault(self._subject, problem, remedy))
