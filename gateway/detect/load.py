"""The detector files of a folder, checked to the last sample, before any mail."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.errors import Fault
from gateway.core.limits import Limits
from gateway.detect.accepted import Accepted
from gateway.detect.borrowed import Borrowed, is_borrowed
from gateway.detect.database import Shelf, asked_for
from gateway.detect.declaration import Declaration
from gateway.detect.engine import Engine
from gateway.detect.shelved import Shelved
from gateway.documents import load_document


def load_detectors(folder: Path, faults: list[Fault], proofs: Shelf | None = None) -> tuple[DetectorSpec, ...]:
    """Every `*.yaml` of the folder, by name, but what editors leave beside a file that is open in them.

    What is wrong in a file goes into `faults` and the file is left out.

    Samples are tried by the engine itself: each `match` must be found by its detector, each `no-match` must not.
    `proofs` remembers detectors of which all came out right, and which regexes RE2 took, so that none is tried twice.
    """
    if not folder.is_dir():
        faults.append(Fault(str(folder), 0, 0, "detectors", "there is no such folder", "create it, or mend its name"))
        return ()
    files = sorted(path for path in folder.glob("*.yaml") if path.name[0] not in ".#~")
    shelved = _shelved(files, proofs)
    known = shelved.specs() if shelved is not None else None
    if known is not None:
        return known
    before = len(faults)
    accepted = Accepted(proofs)
    specs = _grouped([spec for path in files for spec in _load(path, faults, accepted)])
    accepted.keep()
    with asked_for() as databases:
        faults.extend(_sample_faults(specs))
    if shelved is not None and len(faults) == before:
        shelved.keep(specs, sorted(databases))
    return specs


def _shelved(files: Sequence[Path], shelf: Shelf | None) -> Shelved | None:
    """None where nothing is kept, or a file cannot be read: then its fault is to be found."""
    with suppress(OSError):
        return None if shelf is None else Shelved(files, shelf)
    return None


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

    Models and networks have no samples here: loading one takes time and memory that the front process must not spend.
    """
    engine = Engine([replace(spec, network="") for spec in specs if not spec.engine])
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
