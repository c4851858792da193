"""Which regexes may stand in a detector. RE2 is asked about each once: hundreds cost a tenth of a second a start."""

from hashlib import sha256

from gateway.detect.database import Shelf
from gateway.detect.made_of import made_of
from gateway.detect.patterns import RefusedPattern, compile_regex

_MOST = 10_000  # remembered


class Refused(ValueError):
    """What is wrong with a regex, and how to mend it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class Accepted:
    """Asks RE2, and remembers on a shelf what it took, under exactly this code and these libraries."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf
        self._name = f"accepted-{made_of()}" if shelf is not None else ""
        known = (shelf.get(self._name) or b"") if shelf is not None else b""
        self._before = frozenset(known.decode("ascii", "replace").split())
        self._asked: set[str] = set()

    def check(self, regex: str) -> None:
        """Raises Refused."""
        digest = sha256(regex.encode("utf-8", "surrogatepass")).hexdigest()
        if digest not in self._before:
            _check(regex)
        self._asked.add(digest)

    def keep(self) -> None:
        """For the next time."""
        if self._shelf is None or self._asked <= self._before:
            return
        together = self._asked | self._before
        kept = together if len(together) <= _MOST else self._asked
        self._shelf.put(self._name, " ".join(sorted(kept)).encode())


def _check(regex: str) -> None:
    try:
        compiled = compile_regex(regex)
    except RefusedPattern as refused:
        remedy = "use RE2 syntax: no look-around, no back-references"
        raise Refused(f"RE2 refuses the regex: {refused}", remedy) from None
    if compiled.fullmatch(b"") is not None:
        raise Refused("the regex fits an empty text", "make at least one character of it compulsory")
