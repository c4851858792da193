"""Column files: a token and its label a line (the first and the last column), an empty line between sentences."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.core.message import Span
from gateway.evaluate.kinds import kind_of
from gateway.evaluate.readers.base import Unreadable, name_of, text_sample
from gateway.evaluate.sample import Corpus, Expected, Sample

_NO_SPACE_BEFORE = frozenset(".,;:!?)]}%") | {"'s", "n't", "'re", "'ll", "'ve", "'m", "'d", "..."}
_NO_SPACE_AFTER = frozenset("([{$#@")
Sentence = list[tuple[str, str]]


def accepts_conll(path: Path) -> bool:
    """A file with "conll" in its name, or a folder with such files."""
    return bool(_files(path))


def read_conll(path: Path) -> Corpus:
    """Each sentence is a sample, its tokens put together as people write. Nobody said which are protected."""
    files = _files(path)
    samples = tuple(
        _sample(f"{file.stem}:{number}", sentence)
        for file in files
        for number, sentence in enumerate(_sentences(file), start=1)
    )
    kinds = frozenset(label.kind for sample in samples for label in sample.expected)
    name = name_of(files[0]) if len(files) == 1 else name_of(path)
    return Corpus(name, "conll", kinds, samples)


def _files(path: Path) -> list[Path]:
    candidates = [path] if path.is_file() else sorted(path.iterdir()) if path.is_dir() else []
    return [file for file in candidates if file.is_file() and _is_column_file(file)]


def _is_column_file(file: Path) -> bool:
    return file.suffix in {".conll", ".txt"} and "conll" in file.name.lower()


def _sentences(file: Path) -> Iterator[Sentence]:
    sentence: Sentence = []
    with file.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            columns = line.split()
            if len(columns) >= 2:
                sentence.append((columns[0], columns[-1]))
            elif columns and columns != ["O"]:  # a token that is white space leaves its label alone
                raise Unreadable(f"{file.name}: line {number} has one column")
            elif sentence and not columns:
                yield sentence
                sentence = []
    if sentence:
        yield sentence


def _sample(ident: str, sentence: Sentence) -> Sample:
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    before = ""
    for token, _ in sentence:
        space = "" if not before or token in _NO_SPACE_BEFORE or before in _NO_SPACE_AFTER else " "
        start = length + len(space)
        parts += [space, token]
        spans.append(Span(start, start + len(token)))
        length, before = start + len(token), token
    labels = tuple(_labels(zip(spans, (label for _, label in sentence), strict=True)))
    return text_sample(ident, "".join(parts), labels)


def _labels(tokens: Iterable[tuple[Span, str]]) -> Iterator[Expected]:
    """Runs of one label: B- starts a new one, I- goes on with it (IOB1 and IOB2)."""
    kind, start, end = "", 0, 0
    for span, label in tokens:
        prefix, _, name = label.partition("-")
        if kind and prefix == "I" and kind_of(name) == kind:
            end = span.end
            continue
        if kind:
            yield Expected(kind, Span(start, end))
        kind, start, end = (kind_of(name), span.start, span.end) if name else ("", 0, 0)
    if kind:
        yield Expected(kind, Span(start, end))
