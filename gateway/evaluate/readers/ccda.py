"""A folder of C-CDA documents with `truth.jsonl`: whose they are.

Each is sent as an attachment. A value counts as found wherever in the document it is found.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.evaluate.readers.base import first_keys, lines_of, name_of
from gateway.evaluate.sample import Corpus, Expected, Sample, message_of

_TRUTH = "truth.jsonl"
_FIELDS = {
    "given": "PERSON",
    "family": "PERSON",
    "street": "STREET_ADDRESS",
    "city": "LOCATION",
    "zip": "LOCATION",
    "birth": "DATE_OF_BIRTH",
    "telecom": "PHONE_NUMBER",
    "ssn": "US_SSN",
}


def accepts_ccda(path: Path) -> bool:
    """A folder with documents and the truth about them."""
    return {"file", "given", "family"} <= first_keys(path / _TRUTH)


def read_ccda(path: Path) -> Corpus:
    """Every document is protected. No kind is judged for precision: other people are in it that nobody labelled."""
    samples = tuple(_sample(path, row) for row in lines_of(path / _TRUTH))
    return Corpus(name_of(path), "ccda", frozenset(), samples)


def _sample(folder: Path, row: Mapping[str, Any]) -> Sample:
    name = Path(row["file"]).name
    document = (folder / name).read_bytes().decode("utf-8", "replace")
    return Sample(name, message_of(document, "text/xml", name), expected=tuple(_expected(row)), protected=True)


def _expected(row: Mapping[str, Any]) -> Iterator[Expected]:
    """One for each value. "tel:" is no part of a number, the time of day none of a birth date."""
    for field, kind in _FIELDS.items():
        for value in row.get(field, ()):
            bare = value.removeprefix("tel:").removeprefix("mailto:")
            yield Expected(kind, values=(bare[:8] if field == "birth" else bare,))
