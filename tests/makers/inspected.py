"""An inspection as far as metrics, reports and figures look at one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.finding import DetectorFailure, Finding
from gateway.core.message import Ambiguity, Coverage, Opaque
from gateway.core.verdict import Verdict


@dataclass(frozen=True)
class Inspected:
    """What they take of it."""

    verdict: Verdict
    findings: Sequence[Finding] = ()
    opaque: Sequence[Opaque] = ()
    ambiguous: Sequence[Ambiguity] = ()
    failures: Sequence[DetectorFailure] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    ledger: Sequence[Coverage] = ()
    size: int = 10
