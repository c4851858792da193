"""The detector files of a folder, checked to the last sample, before any mail."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.core.limits import Limits
from gateway.detect.accepted import Accepted
from gateway.detect.borrowed import Borrowed, is_borrowed
from gateway.detect.database import Shelf, asked_for, recalled
from gateway.detect.declaration import Declaration
from gateway.detect.engine import Engine
from gateway.detect.made_of import engine_digest
from gateway.documents import load_document


def load_detectors(folder: Path, faults: list[Fault], proofs: Shelf | None = None) -> tuple[DetectorSpec, ...]:
    """Every `*.yaml` of the folder, by name. What is wrong in a file goes into `faults` and the file is left out.

    Samples are tried by the engine itself: each `match` must be found by its detector, each `no-match` must not.
    `proofs` remembers which regexes RE2 took and of which detectors all samples came out right, so that none is
    tried twice.
    """
    if not folder.is_dir():
        faults.append(Fault(str(folder), 0, 0, "detectors", "there is no such folder", "create it, or mend its name"))
        return ()
    accepted = Accepted(proofs)
    specs = _grouped([spec for path in sorted(folder.glob("*.yaml")) for spec in _load(path, faults, accepted)])
    accepted.keep()
    faults.extend(_sample_faults(specs) if proofs is None else _unproved(specs, proofs))
    return tuple(specs)


def _unproved(specs: Sequence[DetectorSpec], proofs: Shelf) -> list[Fault]:
    """Faults of samples, tried unless they came out right before and what was compiled for them is still there."""
    name = f"proved-{engine_digest(specs)}"
    proof = proofs.get(name)
    if proof is not None and recalled(proof.decode("ascii", "replace").split()):
        return []
    with asked_for() as databases:
        faults = _sample_faults(specs)
    if not faults:
        proofs.put(name, " ".join(sorted(databases)).encode())
    return faults


def _load(path: Path, faults: list[Fault], accepted: Accepted) -> tuple[DetectorSpec, ...]:
    """One detector, or as many as a list of Presidio's recognizers has."""
    root = load_document(path, faults, subject=path.stem)
    if root is None:
        return ()
    if is_borrowed(root):
        return Borrowed(root, path.stem, faults).specs()
    spec = Declaration(root, path, faults, accepted).spec()
    return () if spec is None else (spec,)


def _grouped(specs: Sequence[DetectorSpec]) -> tuple[DetectorSpec, ...]:
    """A recognizer knows no groups: it belongs to those of the detectors that find the same entity."""
    groups: dict[str, frozenset[str]] = {}
    for spec in specs:
        groups[spec.entity] = groups.get(spec.entity, frozenset()) | spec.groups
    return tuple(spec if spec.groups else replace(spec, groups=groups[spec.entity]) for spec in specs)


def _sample_faults(specs: Sequence[DetectorSpec]) -> list[Fault]:
    """One engine for all: a detector's own candidates count, whatever others find at the same place.

    Models have no samples here: loading one takes seconds and memory that the front process must not spend.
    """
    engine = Engine([spec for spec in specs if not spec.engine])
    faults: list[Fault] = []
    for spec in specs:
        for kind, samples, wanted in (("match", spec.samples.match, True), ("no-match", spec.samples.no_match, False)):
            for number, sample in enumerate(samples):
                found = any(candidate.spec.id == spec.id for candidate in engine.candidates(sample, Limits()))
                if found != wanted:
                    faults.append(_sample_fault(spec, kind, number, wanted=wanted))
    return faults


def _sample_fault(spec: DetectorSpec, kind: str, number: int, *, wanted: bool) -> Fault:
    problem = f"sample {kind}[{number}] is {'not found' if wanted else 'found'}"
    remedy = "mend the patterns, levels or context words, or the sample"
    return Fault(spec.file, spec.line, 1, spec.id, problem, remedy)
