"""How much each detector may still find in a message."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.detector import DetectorSpec
from gateway.core.limits import Limits

_LOOKS_PER_FINDING = 10  # values looked at for each finding allowed, before the detector gives up


@dataclass(slots=True)
class Tally:
    """What one detector may still do in this message."""

    findings: int
    looks: int
    exhausted: bool = False
    enough: bool = False  # running out is no failure


class Tallies(dict[str, Tally]):
    """By detector, made when first asked for."""

    def __init__(self, specs: Mapping[str, DetectorSpec], limits: Limits) -> None:
        super().__init__()
        self._specs = specs
        self._limits = limits

    def __missing__(self, name: str) -> Tally:
        enough = self._specs[name].enough
        allowed = min(enough, self._limits.findings) if enough else self._limits.findings
        tally = self[name] = Tally(allowed, max(allowed, 1) * _LOOKS_PER_FINDING, enough=bool(enough))
        return tally
