"""The digests in a model's card: no file of a model is used before its bytes are known to be the ones measured."""

import hashlib
import re
from pathlib import Path

from gateway.core.errors import SetupError

DIGESTS = "SHA256SUMS"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[\w.\-]+(?:/[\w.\-]+)*)")


class ModelRefused(SetupError):
    """A model folder that is not what its card says. The text names files, nothing else."""


def verified(folder: Path) -> str:
    """Digest over all that the card lists, if every file of `model/` is listed and has the digest it should.

    The card's list is `SHA256SUMS` in the format of sha256sum (two spaces between). Raises ModelRefused.
    """
    listed = _listed(folder / DIGESTS)
    there = {path.relative_to(folder).as_posix() for path in (folder / "model").rglob("*") if path.is_file()}
    if odd := sorted(there ^ listed.keys()):
        raise ModelRefused(
            f"{folder}: {odd[0]} is {'not listed in' if odd[0] in there else 'missing, but in'} {DIGESTS}"
        )
    for name, digest in listed.items():
        if _digest(folder / name) != digest:
            raise ModelRefused(f"{folder}: {name} is not the file that {DIGESTS} lists")
    total = "".join(f"{listed[name]}  {name}\n" for name in sorted(listed))
    return hashlib.sha256(total.encode()).hexdigest()


def digest_of(model: Path) -> str:
    """Of a folder by its card, or of a configuration. Raises ModelRefused."""
    return configuration_digest(model) if is_configuration(model) else verified(model)


def is_configuration(model: Path) -> bool:
    """Whether a model is given as a Presidio NLP configuration instead of a folder."""
    return model.suffix in {".yaml", ".yml"}


def configuration_digest(path: Path) -> str:
    """Of a configuration file. What it names is the business of whoever configured it. Raises ModelRefused."""
    return _digest(path)


def _listed(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelRefused(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ModelRefused(f"{path}: not a list as sha256sum writes it") from error
    found = [_LINE.fullmatch(line) for line in lines]
    if not lines or None in found:
        raise ModelRefused(f"{path}: not a list as sha256sum writes it")
    return {line["name"]: line["digest"] for line in found if line is not None}


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelRefused(f"{path}: cannot be read ({error.strerror})") from error
