"""The keyed fingerprints of a value that somebody asks for; the value itself goes nowhere."""

from collections.abc import Sequence

from gateway.core.detector import DetectorSpec
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from gateway.detect.masking import fingerprint


def prints(
    value: str, entity: str, specs: Sequence[DetectorSpec], key: bytes, exact_key: bytes, limits: Limits
) -> dict[str, set[str]]:
    """Its fingerprint as each entity of the detectors (`entity` "": all), and those of what they find in it."""
    known = {entity} if entity else {spec.entity for spec in specs}
    found = {name: {fingerprint(key, name, value)} for name in known}
    engine = Engine([spec for spec in specs if spec.engine != "names"], fingerprint_key=key, exact_key=exact_key)
    for finding in engine.detect([Segment("1", Place.BODY, value)], limits).findings:
        if finding.entity in known:
            found[finding.entity].add(finding.fingerprint)
    return found
