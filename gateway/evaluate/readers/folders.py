"""Folders of messages: sorted into protected and clear by folder or by file name, or all of one sort.

Files ending in .txt are the text of a message, all others messages themselves.
"""

from collections.abc import Iterator
from pathlib import Path

from gateway.evaluate.readers.base import name_of
from gateway.evaluate.sample import Corpus, Sample, message_of, with_crlf

_PROTECTED = frozenset({"protected", "positive", "phi"})
_CLEAR = frozenset({"clear", "negative", "ham", "none"})
_ABOUT = ("LICENSE", "README", "ORIGIN")  # beside the messages, none themselves


def accepts_labelled(path: Path) -> bool:
    """A folder with folders of both names, or with files `positive-*` and `negative-*`."""
    if not path.is_dir():
        return False
    names = {_word(child) for child in path.iterdir() if child.is_dir() or child.suffix == ".eml"}
    return bool(names & _PROTECTED) and bool(names & _CLEAR)


def read_labelled(path: Path) -> Corpus:
    """What is in a folder, or begins with a word, for protected is protected; what is neither is left out."""
    samples = []
    for child in sorted(path.iterdir()):
        word = _word(child)
        if word in _PROTECTED | _CLEAR:
            samples += list(_samples(child, path, protected=word in _PROTECTED))
    return Corpus(name_of(path), "labelled", frozenset(), tuple(samples))


def accepts_clear(path: Path) -> bool:
    """A folder of messages whose name says that none is protected."""
    return path.is_dir() and _word(path) in _CLEAR and any(path.glob("*.eml"))


def read_clear(path: Path) -> Corpus:
    """None is protected."""
    return Corpus(name_of(path), "clear", frozenset(), tuple(_samples(path, path, protected=False)))


def read_protected(path: Path) -> Corpus:
    """Every one is protected."""
    return Corpus(name_of(path), "protected", frozenset(), tuple(_samples(path, path, protected=True)))


def _word(path: Path) -> str:
    """`positive` of a folder `positive` or a file `positive-referral.eml`."""
    return path.name.lower().partition("-")[0].partition(".")[0]


def _samples(path: Path, root: Path, *, protected: bool) -> Iterator[Sample]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file() and not file.name.upper().startswith(_ABOUT):
            ident = str(file.relative_to(root)) if file != root else file.name
            yield _sample(ident, file, protected=protected)


def _sample(ident: str, file: Path, *, protected: bool) -> Sample:
    octets = file.read_bytes()
    if file.suffix == ".txt":
        return Sample(ident, message_of(octets.decode("utf-8", "replace")), protected=protected)
    if octets.startswith(b"From "):
        octets = octets.partition(b"\n")[2]
    return Sample(ident, with_crlf(octets), protected=protected)
