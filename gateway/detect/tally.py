"""How much each detector may still find in a message."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.detector import DetectorSpec
from gateway.core.limits import Limits

_LOOKS_PER_FINDING = 10  # values looked at for each finding allowed, before the detector gives up


Used = Mapping[str, tuple[int, int]]  # by detector: findings and looks


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
        tally = self[name] = Tally(*self._fresh(name), enough=bool(self._specs[name].enough))
        return tally

    @property
    def exhausted(self) -> bool:
        """Whether any detector stopped before the end."""
        return any(tally.exhausted for tally in self.values())

    def left(self) -> Used:
        """By detector, the findings and looks that it has left."""
        return {name: (tally.findings, tally.looks) for name, tally in self.items()}

    def used_since(self, before: Used) -> Used:
        """By detector, the findings and looks that were spent since then."""
        used = {}
        for name, tally in self.items():
            findings, looks = before.get(name) or self._fresh(name)
            if (findings, looks) != (tally.findings, tally.looks):
                used[name] = (findings - tally.findings, looks - tally.looks)
        return used

    def spend(self, used: Used) -> bool:
        """Spend as much again. False, with nothing spent, where some detector has not as much left."""
        if any(self[name].findings < findings or self[name].looks < looks for name, (findings, looks) in used.items()):
            return False
        for name, (findings, looks) in used.items():
            self[name].findings -= findings
            self[name].looks -= looks
        return True

    def _fresh(self, name: str) -> tuple[int, int]:
        allowed = self._allowed(name)
        return allowed, max(allowed, 1) * _LOOKS_PER_FINDING

    def _allowed(self, name: str) -> int:
        enough = self._specs[name].enough
        return min(enough, self._limits.findings) if enough else self._limits.findings
