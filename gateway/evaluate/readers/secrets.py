"""JSON Lines of examples that rules for secrets were written for: `{"rule", "label": 1 or 0, "text"}`.

Nobody said where in the text the secret is: any finding of one counts.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.evaluate.kinds import SECRET
from gateway.evaluate.readers.base import first_keys, lines_of, name_of, only, text_sample
from gateway.evaluate.sample import Corpus, Expected, Sample


def accepts_secrets(path: Path) -> bool:
    """Objects with a rule, a label and a text."""
    file = only(path, "*.jsonl")
    return file is not None and {"rule", "label", "text"} <= first_keys(file)


def read_secrets(path: Path) -> Corpus:
    """A text with label 1 is protected."""
    file = only(path, "*.jsonl") or path
    samples = tuple(_sample(number, row) for number, row in enumerate(lines_of(file), start=1) if row["text"])
    return Corpus(name_of(path), "secrets", frozenset({SECRET}), samples)


def _sample(number: int, row: Mapping[str, Any]) -> Sample:
    has_one = int(row["label"]) == 1
    expected = (Expected(SECRET),) if has_one else ()
    return text_sample(f"{number} {row['rule']}", row["text"], expected, protected=has_one)
