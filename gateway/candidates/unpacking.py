"""A rule set that somebody brings as a ZIP file: its rules, packs and lists, and nothing else that is in it."""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

MOST_PACKED = 4 << 20
MOST_UNPACKED = 20 << 20
MOST_FILES = 3_000
USUAL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others let the archive say how much memory is taken
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_UNREADABLE = (  # all that zipfile raises for damaged, encrypted or unusual archives, names that are no UTF-8 among it
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip
WANTED = re.compile(rf"policy\.yaml|packs/{_PART}/{_PART}\.ya?ml|packs/{_PART}\.ya?ml|lists/{_PART}\.txt")


class _Refused(ValueError):
    """An archive that was read, and is no rule set."""


def members(octets: bytes) -> dict[str, bytes]:
    """The files of the rule set by their names in it. ValueError in plain words: too large, damaged, no rule set.

    Only those whose names are those of a rule set are read: links, devices and ways out of the folder have no name of
    that kind. What else is there (detectors, cases) is passed over. Nothing is written.
    """
    if len(octets) > MOST_PACKED:
        raise ValueError(f"the archive is larger than {MOST_PACKED >> 20} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            return _read(archive)
    except _Refused:
        raise
    except _UNREADABLE:
        raise ValueError("this is no ZIP file that can be read: pack the folder of the rule set as one") from None


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise _Refused(f"the archive has more than {MOST_FILES:,} files")
    roots = {name.removesuffix("policy.yaml") for name in archive.namelist() if _is_policy(name)}
    if len(roots) != 1:
        raise _Refused("the archive must have one policy.yaml, with packs and lists beside it")
    (root,) = roots
    left = MOST_UNPACKED
    for entry in entries:
        name = entry.filename.removeprefix(root)
        if not entry.filename.startswith(root) or not WANTED.fullmatch(name):
            continue
        if entry.compress_type not in USUAL:
            raise _Refused("the archive is packed in an unusual way: make an ordinary ZIP file")
        if name in files:
            raise _Refused(f"the archive has {name} twice")
        with archive.open(entry) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _Refused(f"the archive holds more than {MOST_UNPACKED >> 20} MB")
        files[name] = content
    return files


def _is_policy(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name == "policy.yaml" and len(path.parts) <= 2 and ".." not in path.parts and not path.is_absolute()
