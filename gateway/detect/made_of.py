"""What findings depend on besides the detectors: this code and its libraries. In the names of what is kept of them."""

import sys
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import gateway.core
import gateway.detect
import gateway.documents
from gateway.core.detector import DetectorSpec

_LIBRARIES = (
    "hyperscan",
    "google-re2",
    "python-stdnum",
    "phonenumbers",
    "numpy",
    "spacy",
    "thinc",
    "presidio-analyzer",
)


@cache
def made_of() -> str:
    """A digest over the sources of detecting and its vocabulary, and the versions of all that they use."""
    total = sha256(sys.version.encode())
    for name in _LIBRARIES:
        total.update(f"{name} {_version(name)}\n".encode())
    for room in (gateway.core, gateway.detect, gateway.documents):
        for folder in room.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                octets = path.read_bytes()
                total.update(f"{path.relative_to(folder)} {len(octets)}\n".encode() + octets)
    return total.hexdigest()


def engine_digest(specs: Iterable[DetectorSpec], *further: str) -> str:
    """Of an engine of these detectors: what it finds in a text depends on nothing else but `further`."""
    total = sha256(repr((made_of(), further)).encode())
    for spec in specs:
        octets = spec.octets
        total.update(f"{len(octets)} ".encode() + octets)
    return total.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
