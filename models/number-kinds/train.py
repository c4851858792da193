"""Trains what tells record, member and reference numbers apart; writes gateway/detect/kind/weights.txt.

    python3.11 -m venv /tmp/kinds && /tmp/kinds/bin/pip install -r models/number-kinds/requirements.txt
    /tmp/kinds/bin/python models/number-kinds/train.py            # writes the weights
    /tmp/kinds/bin/python models/number-kinds/train.py --hold-out # each set by a training without it; writes nothing

Deterministic: the same packages, texts and labels give the same bytes. README.md beside this says what is trained on.
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "gateway" / "detect" / "kind"))
from reading import features, is_cell  # noqa: E402  # the way mail is read

KINDS = {"MEDICAL_RECORD_NUMBER": "record", "HEALTH_PLAN_MEMBER_ID": "member", "HEALTH_REFERENCE_NUMBER": "reference"}
SETS = tuple(
    f"detection{name}"
    for name in ("", "-second", "-third", "-fourth", "-fifth", "-sixth", "-seventh", "-ninth", "-tenth")
)
WRITTEN = ("{} number 55", "{}: 55", "{} # 55", "55 ({})")  # with a label of the list
LABEL_WEIGHT = 0.15  # of one such line, beside 1 of a number in a text
SHORT = ("texts", "letters")  # their files
LETTERS = {"r": "record", "m": "member", "f": "reference"}  # of places in these
CAPITALS = "ABCDEFGHJKLMNPRSTVWX"
SHAPES = (
    "999999", "9999999", "99999999", "999999999", "9999999999", "99-99999", "999-999", "9999-999", "999-99-999",
    "A99999", "A9999999", "AA999999", "AA99999999", "AAA999999999", "A-99999", "AA-9999", "AA-999-9999", "AAA-99999",
    "A99-9999", "99A9999", "999999-99", "9999-9999-99", "AA99-9999", "AA/9999/99", "99 99 99", "999999A",
    "AAA99A999999", "26-99999", "AA-26-9999", "AAA 999 999 999", "AA 99 9999", "9 999 9999", "9999-999", "AA9999-9999",
)  # fmt: skip
DRAWS = 2
SHORT_WEIGHT = 0.35  # of a number in one of these
_PLACE = re.compile(r"\{([rmf]|family|given|FAMILY|GIVEN)\}")
PENALTY = 3
LEAST_TEXTS = 2  # a feature of texts alone has to be in so many of them: else it is a name, or chance
LEAST_WEIGHT = 6  # hundredths, the largest of a feature that is kept
# A number of an account is one kind to some authors and another to others, and cells are read by their heading.
_ACCOUNT = re.compile(r"(?i)\b(?:accounts?|acct|guarantor|invoice|inv|statement|bill|ledger)\b[^\n]{0,24}$")


@dataclass(frozen=True)
class Row:
    of: str
    text: str
    features: dict[str, float]
    kind: str
    weight: float = 1.0


def rows_of_texts() -> Iterator[Row]:
    for name in SETS:
        for line in (ROOT / "tests" / name / "texts.jsonl").read_text().splitlines():
            sample = json.loads(line)
            for span in sample.get("spans", ()):
                kind = KINDS.get(span["entity"])
                text, start, end = sample["text"], span["start"], span["end"]
                if kind is None or span.get("optional") or not _tells(text, start, end):
                    continue
                yield Row(name, f"{name} {sample['id']}", features(text, start, end), kind)


def _tells(text: str, start: int, end: int) -> bool:
    return not is_cell(text, start, end) and not _ACCOUNT.search(text[max(0, start - 60) : start])


def rows_of_labels() -> Iterator[Row]:
    kind = ""
    for line in (HERE / "labels.txt").read_text().splitlines():
        if line.endswith(":") and not line.startswith((" ", "#")):
            kind = line[:-1]
        elif line.startswith("  "):
            for written in WRITTEN:
                text = written.format(line.strip())
                at = text.index("55")
                found = features(text, at, at + 2, label_alone=True)
                yield Row("labels", "", found, kind, LABEL_WEIGHT)


def rows_of_short_texts() -> Iterator[Row]:
    """Each text DRAWS times, with other numbers and names."""
    drawn = random.Random(1)
    family, given = (
        sorted(set((ROOT / "models" / "names-en" / f"{name}-names.txt").read_text().split()))
        for name in ("family", "given")
    )
    lines = [f"{file} {at}\t{line}" for file in SHORT for at, line in enumerate(_lines(file))]
    for name, written in (line.split("\t", 1) for line in lines):
        if written.startswith("# "):
            continue
        for _ in range(DRAWS):
            text, places = "", []
            for piece in _PLACE.split(written.replace("\\n", "\n")):
                said = _number(drawn) if piece in LETTERS else _name(piece, drawn, family, given)
                if piece in LETTERS:
                    places.append((LETTERS[piece], len(text), len(text) + len(said)))
                text += said
            for kind, start, end in places:
                yield Row(name.split()[0], name, features(text, start, end), kind, SHORT_WEIGHT)


def _lines(file: str) -> list[str]:
    return (HERE / f"{file}.txt").read_text().splitlines()


def _number(drawn: random.Random) -> str:
    shape = drawn.choice(SHAPES)
    return "".join(str(drawn.randrange(10)) if c == "9" else drawn.choice(CAPITALS) if c == "A" else c for c in shape)


def _name(piece: str, drawn: random.Random, family: Sequence[str], given: Sequence[str]) -> str:
    if piece.lower() not in ("family", "given"):
        return piece
    name = drawn.choice(family if piece.lower() == "family" else given)
    return name.upper() if piece.isupper() else name.capitalize()


def names() -> set[str]:
    """Given and family names: a number is of no kind because of whose it is, and a reason must not show one."""
    lists = ROOT / "models" / "names-en"
    words = {
        word for name in ("given-names.txt", "family-names.txt") for word in (lists / name).read_text().split("\n")
    }
    return words - {"", *(lists / "everyday-words.txt").read_text().split("\n")}


def trained(rows: Sequence[Row]) -> tuple[DictVectorizer, LogisticRegression]:
    texts = Counter(name for _, name in {(row.text, name) for row in rows if row.text for name in row.features})
    labels = {name for row in rows if not row.text for name in row.features}
    people = names() - {word for name in labels for word in name.split()}
    known = labels | {
        name for name, count in texts.items() if count >= LEAST_TEXTS and people.isdisjoint(name.split()[1:])
    }
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(
        [{name: value for name, value in row.features.items() if name in known} for row in rows]
    )
    model = LogisticRegression(C=PENALTY, max_iter=2000, tol=1e-6)
    model.fit(matrix, [row.kind for row in rows], sample_weight=[row.weight for row in rows])
    return vectorizer, model


def write(rows: Sequence[Row]) -> None:
    vectorizer, model = trained(rows)
    order = [list(model.classes_).index(kind) for kind in KINDS.values()]
    weights = np.rint(100 * model.coef_[order]).astype(int)
    bias = np.rint(100 * model.intercept_[order]).astype(int)
    lines = [f"{bias[0]} {bias[1]} {bias[2]}"]
    for index, name in enumerate(vectorizer.feature_names_):
        three = weights[:, index]
        if max(map(abs, three)) >= LEAST_WEIGHT:
            lines.append(f"{three[0]} {three[1]} {three[2]} {name}")
    (ROOT / "gateway" / "detect" / "kind" / "weights.txt").write_text("\n".join(lines) + "\n")
    print(len(lines) - 1, "features")


def hold_out(rows: Sequence[Row]) -> None:
    """How often the words around a number alone name it as its author did."""
    for name in SETS:
        vectorizer, model = trained([row for row in rows if row.of != name])
        asked = [row for row in rows if row.of == name]
        said = model.predict(vectorizer.transform([row.features for row in asked]))
        right = Counter(row.kind for row, kind in zip(asked, said, strict=True) if row.kind == kind)
        count = Counter(row.kind for row in asked)
        print(name, *(f"{kind} {right[kind]} of {count[kind]}" for kind in KINDS.values()))


if __name__ == "__main__":
    every = [*rows_of_texts(), *rows_of_short_texts(), *rows_of_labels()]
    hold_out(every) if "--hold-out" in sys.argv[1:] else write(every)
