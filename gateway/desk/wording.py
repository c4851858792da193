"""What people write stands in clear for years: a value of a message has no place in it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.actions.words import entity_words
from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.errors import Fault, FaultyFiles, GatepostError
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.load import load_detectors

NEVER_IN_WORDS = frozenset({"patient-identifier", "payment", "secret", "us-pii"})
LONGEST = 500
VALUE = "(a value, not written down)"  # somebody pasted one into a filter


class WordsRefused(GatepostError):
    """A reason, a comment or a note is missing, too long, or has a value in it. Nothing was done."""


class Wording:
    """Looks for values in words of people, with the detectors of the policy. Loaded when first asked."""

    def __init__(self, detectors: Path, limits: Limits, exact_key: Callable[[Sequence[DetectorSpec]], bytes]) -> None:
        self._folder = detectors
        self._limits = limits
        self._exact_key = exact_key
        self._engine: Engine | None = None

    def check(self, text: str, what: str = "reason", *, needed: bool = True) -> str:
        """The text, tidied. Raises WordsRefused; FaultyFiles where no detector can be loaded."""
        text = text.strip()
        if needed and not any(map(str.isalnum, text)):
            raise WordsRefused(f"a {what} is needed: a few words, without values and names")
        if len(text) > LONGEST:
            raise WordsRefused(f"the {what} is longer than {LONGEST} signs")
        if entities := self.values_in(text):
            kinds = ", ".join(map(entity_words, entities))
            raise WordsRefused(
                f"the {what} looks as if it has a value in it ({kinds}): it is kept in clear, so leave values and names"
                " out; nothing was done"
            )
        return text

    def values_in(self, text: str) -> tuple[str, ...]:
        """The entities that are seen in it."""
        if not any(map(str.isalnum, text)):
            return ()
        found = self._loaded().detect([Segment("1", Place.BODY, text)], self._limits).findings
        return tuple(sorted({finding.entity for finding in found if finding.confidence >= Confidence.MEDIUM}))

    def told(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Filters that somebody asked for, as they may stand in the log."""
        return {name: VALUE if self.values_in(value) else value for name, value in asked.items()}

    def _loaded(self) -> Engine:
        """Detectors with faults are left out; FaultyFiles where none is left."""
        if self._engine is None:
            faults: list[Fault] = []
            specs = [spec for spec in load_detectors(self._folder, faults) if spec.groups & NEVER_IN_WORDS]
            if faults and not specs:
                raise FaultyFiles(faults)
            self._engine = Engine(specs, exact_key=self._exact_key(specs))
        return self._engine
