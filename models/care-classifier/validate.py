"""How well the weighted words do on labelled texts that were kept out of training: cross-validation by text.

    /tmp/care/bin/python models/care-classifier/validate.py NATURAL...

Five parts: what is told of each part comes from weights trained without it, and from a mark chosen without it (the
lowest score that takes at most one in ten of the other parts' clear texts for care). Texts of one template stay together.
The network takes minutes to train, and is counted with them on mail that nobody trained on (docs/detection-figures.md).
"""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from train import Example, in_whole_mails, labelled, made, mails, natural, notes, told_in_mails, weights_of
from vectors import vectors_of_words

sys.path.insert(0, str(Path(__file__).parents[2] / "gateway" / "detect" / "care"))
from reading import grams_of, size_of  # the way mail is read

PARTS = 5
SETS = {
    "tp": "templates",
    "tc": "templates",
    "w": "written",
    "c": "written",
    "s": "second",
    "sc": "second",
    "d": "more",
    "e": "more",
}  # by id
FLAGGED = 0.10  # of the clear texts, at the mark


def main() -> None:
    """Print areas under the curve and rates, for all texts and by the set they are of."""
    always = [*in_whole_mails(), *notes(), *told_in_mails(), *mails(), *made()]
    always += natural(map(Path, sys.argv[1:]))
    by_source: dict[str, list[Example]] = defaultdict(list)
    for example in labelled():
        by_source[example.source].append(example)
    vectors = vectors_of_words()
    scores, truth, part_of, names = [], [], [], []
    for part in range(PARTS):
        rest = [e for source, some in by_source.items() if _part(source) != part for e in some]
        table, bias = weights_of([*always, *rest], vectors)
        for source, some in by_source.items():
            if _part(source) == part:
                for example in some:
                    scores.append(_score(example.octets, table, bias))
                    truth.append(example.told)
                    part_of.append(part)
                    names.append(source)
    _tell(np.array(scores), np.array(truth), np.array(part_of), names)


def _part(source: str) -> int:
    return hashlib.sha256(b"part" + source.encode()).digest()[0] % PARTS


def _score(octets: bytes, table: dict[bytes, float], bias: float) -> float:
    words, pairs = grams_of(octets)
    return bias + sum(table.get(gram, 0.0) for gram in (*words, *pairs)) / size_of(words)


def _tell(scores: np.ndarray, truth: np.ndarray, part_of: np.ndarray, names: Sequence[str]) -> None:
    marked = np.zeros(len(scores), dtype=bool)
    for part in range(PARTS):
        others, here = part_of != part, part_of == part
        mark = np.quantile(scores[others & ~truth], 1 - FLAGGED)
        marked[here] = scores[here] >= mark
        print(f"part {part}: mark {mark:.2f}, {here.sum()} texts, area {roc_auc_score(truth[here], scores[here]):.3f}")
    kinds = np.array([SETS.get(name.split("-")[0], "more") for name in names])
    for kind in ("all", *sorted(set(kinds))):
        here = np.ones(len(scores), dtype=bool) if kind == "all" else kinds == kind
        told, clear = here & truth, here & ~truth
        area = f"{roc_auc_score(truth[here], scores[here]):.3f}" if told.any() and clear.any() else "-"
        over = f"{sum(marked[told])}/{told.sum()} and {sum(marked[clear])}/{clear.sum()}"
        print(f"{kind}: area {area}; told and clear over the mark {over}")


if __name__ == "__main__":
    main()
