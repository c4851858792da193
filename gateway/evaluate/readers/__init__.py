"""The formats of labelled data, in the order in which they are asked."""

from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import SetupError
from gateway.evaluate.layout import Layout
from gateway.evaluate.readers.base import Reader, Unreadable
from gateway.evaluate.readers.ccda import accepts_ccda, read_ccda
from gateway.evaluate.readers.conll import accepts_conll, read_conll
from gateway.evaluate.readers.folders import accepts_clear, accepts_labelled, read_clear, read_labelled, read_protected
from gateway.evaluate.readers.hl7v2 import accepts_hl7v2, read_hl7v2
from gateway.evaluate.readers.jsonl import accepts_jsonl, read_jsonl
from gateway.evaluate.readers.presidio import accepts_cases, accepts_research, read_cases, read_research
from gateway.evaluate.readers.secrets import accepts_secrets, read_secrets
from gateway.evaluate.sample import Corpus

READERS: tuple[Reader, ...] = (
    Reader(Layout.CCDA, accepts_ccda, read_ccda),
    Reader(Layout.HL7V2, accepts_hl7v2, read_hl7v2),
    Reader(Layout.PRESIDIO_RESEARCH, accepts_research, read_research),
    Reader(Layout.PRESIDIO_TESTS, accepts_cases, read_cases),
    Reader(Layout.SECRETS, accepts_secrets, read_secrets),
    Reader(Layout.JSONL, accepts_jsonl, read_jsonl),
    Reader(Layout.CONLL, accepts_conll, read_conll),
    Reader(Layout.LABELLED, accepts_labelled, read_labelled),
    Reader(Layout.CLEAR, accepts_clear, read_clear),
    Reader(Layout.PROTECTED, lambda path: False, read_protected),
)
DEEPEST = 4  # folders below the one given


def read_corpora(path: Path, layout: Layout = Layout.AUTO) -> Iterator[Corpus]:
    """The corpus at a path, or those in the folders below it. Files of no known layout are passed over.

    Raises SetupError where there is none, or where one cannot be read.
    """
    if not path.exists():
        raise SetupError(f"{path}: there is no such file or folder")
    found = False
    for reader, place in _readers(path, layout):
        found = True
        try:
            yield reader.read(place)
        except (Unreadable, KeyError, TypeError, ValueError, AttributeError) as error:
            # The words of a KeyError or ValueError may be content.
            told = (
                str(error) if isinstance(error, Unreadable) else f"is no good {reader.layout} ({type(error).__name__})"
            )
            raise SetupError(f"{place}: {told}") from None
    if not found:
        raise SetupError(f"{path}: no labelled data of a known layout; say what it is with --as")


def _readers(path: Path, layout: Layout) -> Iterator[tuple[Reader, Path]]:
    if layout is not Layout.AUTO:
        yield next(reader for reader in READERS if reader.layout is layout), path
        return
    yield from _below(path, DEEPEST)


def _below(path: Path, depth: int) -> Iterator[tuple[Reader, Path]]:
    reader = next((reader for reader in READERS if reader.accepts(path)), None)
    if reader is not None:
        yield reader, path
    elif path.is_dir() and depth:
        for child in sorted(path.iterdir()):
            yield from _below(child, depth - 1)
