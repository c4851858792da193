"""Names, addresses, places and organisations against labelled text; spans count when they overlap by half.

`python evaluate.py CORPORA MODEL ...`: CORPORA is a folder with presidio-research, ner/wikigold, wnut17 and ccda; a MODEL is a folder or the
name of a package with `load()`. Prints one table row for each set and model: label, recall / precision, n.
"""

import importlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import spacy
from thinc.api import NumpyOps

_KINDS = {
    "PERSON": "PERSON", "person": "PERSON", "PER": "PERSON", "I-PER": "PERSON",
    "STREET_ADDRESS": "ADDRESS", "ADDRESS": "ADDRESS",
    "GPE": "LOC", "LOC": "LOC", "location": "LOC",
    "ORG": "ORG", "ORGANIZATION": "ORG", "FACILITY": "ORG", "corporation": "ORG", "group": "ORG",
}  # fmt: skip
_LESS = ["tagger", "parser", "attribute_ruler", "lemmatizer", "senter", "tok2vec"]
Spans = list[tuple[int, int, str]]


@dataclass
class Tally:
    truth: int = 0
    covered: int = 0
    stated: int = 0
    right: int = 0

    def row(self) -> str:
        recall = self.covered / self.truth if self.truth else 0.0
        precision = self.right / self.stated if self.stated else 0.0
        return f"{recall:.2f} / {precision:.2f} (n={self.truth})"


@dataclass
class Score:
    by_kind: dict[str, Tally] = field(default_factory=dict)

    def add(self, truth: Spans, stated: Spans) -> None:
        for kind in {k for *_, k in truth} | {k for *_, k in stated}:
            tally = self.by_kind.setdefault(kind, Tally())
            wanted, found = ([s for s in spans if s[2] == kind] for spans in (truth, stated))
            tally.truth += len(wanted)
            tally.stated += len(found)
            tally.covered += sum(_half(span, found) for span in wanted)
            tally.right += sum(_half(span, wanted) for span in found)


def _half(span: tuple[int, int, str], others: Spans) -> bool:
    covered = sum(max(0, min(span[1], end) - max(span[0], start)) for start, end, _ in others)
    return 2 * covered >= span[1] - span[0]


def presidio(folder: Path, *, lower: bool) -> Iterator[tuple[str, Spans]]:
    for row in json.loads((folder / "presidio-research" / "synth_dataset_v2.json").read_text()):
        text = row["full_text"]
        spans = [(s["start_position"], s["end_position"], _KINDS.get(s["entity_type"], "")) for s in row["spans"]]
        yield (text.lower() if lower and len(text.lower()) == len(text) else text), spans


def conll(path: Path) -> Iterator[tuple[str, Spans]]:
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        words = [line.split() for line in block.splitlines() if len(line.split()) >= 2]
        yield _joined([(word[0], word[-1]) for word in words])


def _joined(words: list[tuple[str, str]]) -> tuple[str, Spans]:
    text, spans, before = "", [], "O"
    for word, tag in words:
        text += " " if text else ""
        kind = _KINDS.get(tag.split("-", 1)[-1], "")
        if kind and before == tag.replace("B-", "I-") and not tag.startswith("B-"):
            spans[-1] = (spans[-1][0], len(text) + len(word), kind)
        elif kind:
            spans.append((len(text), len(text) + len(word), kind))
        before = tag.replace("B-", "I-")
        text += word
    return text, spans


def ccda(folder: Path) -> Iterator[tuple[str, Spans]]:
    """The narrative of each document, 1,200 characters, with its patient's name and street put between its lines."""
    for line in (folder / "ccda" / "truth.jsonl").read_text().splitlines():
        row = json.loads(line)
        if not (row["given"] and row["family"] and row["street"]):
            continue
        source = (folder / "ccda" / row["file"]).read_text(encoding="utf-8")
        story = re.sub(
            r"\s+", " ", re.sub(r"<[^>]+>", " ", " ".join(re.findall(r"<text>(.*?)</text>", source, re.DOTALL)))
        )
        pieces = [
            (f"{row['given'][0]} {row['family'][0]}", "PERSON"),
            (", ", ""),
            (row["street"][0], "ADDRESS"),
            (". " + story[:600], ""),
        ]
        pieces += [(" ", ""), (row["family"][0], "PERSON"), (" was seen for follow-up. ", ""), (story[600:1200], "")]
        text, spans = "", []
        for value, kind in pieces:
            if kind:
                spans.append((len(text), len(text) + len(value), kind))
            text += value
        yield text, spans


def evaluate(nlp: spacy.Language, rows: Iterable[tuple[str, Spans]]) -> Score:
    score = Score()
    texts, truths = zip(*rows, strict=True)
    for doc, truth in zip(nlp.pipe(texts, batch_size=64), truths, strict=True):
        stated = [(e.start_char, e.end_char, _KINDS.get(e.label_, "")) for e in doc.ents]
        score.add([s for s in truth if s[2]], [s for s in stated if s[2]])
    return score


def main(corpora: Path, models: list[str]) -> None:
    NumpyOps.use_blis = False
    sets = {
        "presidio-research": list(presidio(corpora, lower=False)),
        "presidio-research, lower case": list(presidio(corpora, lower=True)),
        "wikigold": list(conll(corpora / "ner" / "wikigold" / "CONLL-format" / "data" / "wikigold.conll.txt")),
        "wnut17": [
            row for name in ("wnut17train.conll", "emerging.dev.conll") for row in conll(corpora / "wnut17" / name)
        ],
        "c-cda text": list(ccda(corpora)),
    }
    for model in models:
        nlp = (
            spacy.load(model, exclude=_LESS)
            if Path(model).is_dir()
            else importlib.import_module(model).load(exclude=_LESS)
        )
        for name, rows in sets.items():
            score = evaluate(nlp, rows)
            print(
                f"| {Path(model).name} | {name} | "
                + " | ".join(
                    f"{k} {score.by_kind[k].row()}" for k in ("PERSON", "ADDRESS", "LOC", "ORG") if k in score.by_kind
                )
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
