"""JSON Lines of our own: `{"id", "text", "spans": [{"entity", "start", "end", "optional"?}], "areas"? | "protected"?}`.

Offsets count code points, half-open. `areas` are those whose rules ought to act; none means clear.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.evaluate.readers.base import first_keys, labelled, lines_of, name_of, only, text_sample
from gateway.evaluate.sample import Corpus, Sample


def accepts_jsonl(path: Path) -> bool:
    """A file whose first object has a text and spans, or a folder with one such file."""
    file = only(path, "*.jsonl")
    return file is not None and {"text", "spans"} <= first_keys(file)


def read_jsonl(path: Path) -> Corpus:
    """All kinds that are labelled anywhere are taken as labelled wherever they occur."""
    file = only(path, "*.jsonl") or path
    samples = tuple(_sample(number, row) for number, row in enumerate(lines_of(file), start=1))
    kinds = frozenset(expected.kind for sample in samples for expected in sample.expected)
    return Corpus(name_of(path), "jsonl", kinds, samples)


def _sample(number: int, row: Mapping[str, Any]) -> Sample:
    spans = (labelled(s["entity"], s["start"], s["end"], optional=s.get("optional", False)) for s in row["spans"])
    protected = row.get("protected")
    if "areas" in row:
        protected = bool(row["areas"])
    return text_sample(str(row.get("id", number)), row["text"], tuple(spans), protected=protected)
