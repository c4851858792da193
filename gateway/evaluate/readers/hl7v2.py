"""A folder of HL7 version 2 messages. One with a PID segment is about a patient; about the others nobody said."""

import re
from pathlib import Path

from gateway.evaluate.readers.base import name_of
from gateway.evaluate.sample import Corpus, Sample, message_of

_PID = re.compile(r"(?:^|[\r\n])PID\|")


def accepts_hl7v2(path: Path) -> bool:
    """A folder with .hl7 files."""
    return path.is_dir() and any(path.glob("*.hl7"))


def read_hl7v2(path: Path) -> Corpus:
    """Each sent as an attachment; segments may end with CR alone, as the standard wants."""
    return Corpus(name_of(path), "hl7v2", frozenset(), tuple(map(_sample, sorted(path.glob("*.hl7")))))


def _sample(file: Path) -> Sample:
    text = file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return Sample(file.name, message_of(text, "text/plain", file.name), protected=True if _PID.search(text) else None)
