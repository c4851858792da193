"""The network's file: what it is known by, and the network that is in it.

Who only reads rules takes its digest and does without NumPy.
"""

import zipfile
import zlib
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.detect.care.network import Network

_PARTS = frozenset({"words.npy", "table.npy", "scale.npy", "w0.npy", "w.npy", "b.npy"})


def digest_of_network(path: Path) -> str:
    """Of a file that looks like one. Raises SetupError."""
    octets = _octets(path)
    try:
        with zipfile.ZipFile(BytesIO(octets)) as file:
            damaged, parts = file.testzip(), set(file.namelist())
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, OSError, EOFError) as error:  # also: sealed
        raise SetupError(f"{path}: not a network as models/care-classifier makes it ({error})") from error
    if damaged or not parts >= _PARTS:
        what = f"{damaged} is damaged" if damaged else f"{min(_PARTS - parts)} is missing"
        raise SetupError(f"{path}: not a network as models/care-classifier makes it ({what})")
    return sha256(octets).hexdigest()


@lru_cache(maxsize=4)  # two of the rules in force, and of those that come after them
def network_at(path: Path, digest: str) -> "Network":
    """Of a file, if it is the one whose digest was taken. Raises SetupError."""
    from gateway.detect.care.network import network_of  # NumPy: only who reads mail needs it

    octets = _octets(path)
    if sha256(octets).hexdigest() != digest:
        raise SetupError(f"{path}: not the file that it was when the rules were read")
    try:
        return network_of(octets)
    except ValueError as error:
        raise SetupError(f"{path}: {error}") from error


def forget() -> None:
    """Read the next network anew, for who keeps none."""
    network_at.cache_clear()


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path}: cannot be read ({error.strerror})") from error
