"""Detectors that were loaded before: where no file of theirs has changed, a command need not read them all again.

Kept are detectors without a fault whose samples came out right, as JSON, under a digest of their files, this code and
its libraries. They are taken only where every list and model that they name is what it was.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from gateway.core.detector import DetectorSpec
from gateway.core.errors import SetupError
from gateway.detect.database import Shelf, recalled
from gateway.detect.made_of import made_of
from gateway.detect.names.card import digest_of


class Shelved:
    """The detectors of some files, and the names of the databases that their samples were tried with."""

    def __init__(self, files: Sequence[Path], shelf: Shelf) -> None:
        """Raises OSError."""
        digests = [(file.name, sha256(file.read_bytes()).hexdigest()) for file in files]
        self._files = {file.name: file for file in files}
        self._shelf = shelf
        self._name = f"detectors-{sha256(repr((made_of(), digests)).encode()).hexdigest()}"

    def specs(self) -> tuple[DetectorSpec, ...] | None:
        """None where they have to be loaded; else this process has their databases too."""
        kept = self._shelf.get(self._name)
        if kept is None:
            return None
        head, *rows = kept.splitlines()
        databases, places = json.loads(head)
        specs = tuple(
            DetectorSpec.read(row, file=str(self._files[name]), line=line, lists=tuple(map(tuple, lists)))
            for row, (name, line, lists) in zip(rows, places, strict=True)
        )
        return specs if _are_as_they_were(specs) and recalled(databases) else None

    def keep(self, specs: Sequence[DetectorSpec], databases: Sequence[str]) -> None:
        """Nothing is kept where an index is named: it is read at each start."""
        if any(spec.index for spec in specs):
            return
        head = [list(databases), [(Path(spec.file).name, spec.line, spec.lists) for spec in specs]]
        self._shelf.put(self._name, b"\n".join([json.dumps(head).encode(), *(spec.octets for spec in specs)]))


def _are_as_they_were(specs: Sequence[DetectorSpec]) -> bool:
    """Every list, network and model that they name."""
    lists = {(Path(spec.file).parent / name, digest) for spec in specs for name, digest in spec.lists}
    models = {(Path(spec.file).parent / spec.model, spec.model_digest) for spec in specs if spec.model}
    try:
        same = all(sha256(path.read_bytes()).hexdigest() == digest for path, digest in lists)
        return same and all(digest_of(path) == digest for path, digest in models)
    except (OSError, SetupError):
        return False
