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
from pathlib import Path
from typing import Any

import network
import numpy as np
import scipy.sparse as sp
from generate import LAST, Maker, roughened, texts
from sklearn.linear_model import LogisticRegression
from vectors import vectors_of_words
from wordfreq import zipf_frequency

HERE = Path(__file__).parent
TESTS = HERE.parents[1] / "tests"
SETS = ("", "-second", "-third", "-fourth", "-fifth", "-sixth", "-seventh", "-ninth")
LABELLED = tuple(TESTS / f"detection{name}" / "texts.jsonl" for name in SETS)
WHOLE_MAILS = TESTS / "detection-tenth" / "texts.jsonl"
ORDINARY = TESTS / "detection-ordinary"
LEXICON, NAMES = HERE.parent / "health-lexicon", HERE.parent / "names-en"
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

OF_MAIL, OF_TOLD, OF_CLEAR, OF_NOTE, OF_TEMPLATE, OF_OTHERS = 3.0, 1.5, 0.5, 0.7, 0.5, 1.5  # what a text counts
OF_VECTORS = 0.2  # and what its vectors do
NOTES = (
    ("notes-protected.txt", True, OF_TOLD),
    ("notes-clear.txt", False, OF_NOTE),
    ("mails-clear.txt", False, OF_MAIL),
    ("notes-private.txt", False, OF_NOTE),
    ("notes-business.txt", False, OF_MAIL),
    ("mails-ordinary.txt", False, OF_MAIL),
)
MAILS = (
    (ORDINARY / "open" / "clear", False),
    (ORDINARY / "elsewhere" / "clear", False),
    (ORDINARY / "fresh" / "read" / "clear", False),
    (ORDINARY / "open" / "protected", True),
)
EACH = 10  # texts of a template; of those about other things twice as many
LEAST_DOCUMENTS = 4  # a gram has to occur in so many
LEAST_WEIGHT = 0.15  # of a gram that is kept
RAREST = 2.7  # Zipf frequency of a word whose weight comes from its vector alone, if it is no word of the lexicon
SCALE = 100
PENALTY = 1.5
NOTE = 700  # bytes of a note
TOLD = re.compile(r"\{T\|([^{}]*)\}")  # what tells of somebody's care in a mail about other things
OF_SOMEBODY = re.compile(r"(?i)\b(?:he|she|him|his|hers?|i|i'm|my|you|your|patients?|pt)\b")
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
    found = [
        *labelled(),
        *in_whole_mails(),
        *notes(),
        *told_in_mails(),
        *mails(),
        *made(),
        *natural(map(Path, sys.argv[1:])),
    ]
    vectors = vectors_of_words()
    table, bias = weights_of(found, vectors)
    write(table, bias)
    network.write(network.learn(found, vectors, medical_words(), first_names() | family_names()))
    print(len(found), "texts,", sum(example.told for example in found), "of them about somebody's care")


def made() -> list[Example]:
    """Of the templates."""
    rng = random.Random(5)
    return [
        Example(plain(text if told else cut(text, rng)), told, OF_TEMPLATE if told else OF_OTHERS)
        for name, told, each, seed in (("positive.txt", True, EACH, 1), ("negative.txt", False, 2 * EACH, 2))
        for _, text in texts(name, each, seed)
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
    return [Example(plain(text), told=False, weight=OF_OTHERS) for text in found]


def labelled() -> Iterator[Example]:
    """The labelled texts of the open sets, some times each, with other people and nobody's town or address."""
    maker = Maker(11)
    for path in LABELLED:
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)
            if path.parent.name == "detection-second" and stays_closed(text["id"]):
                continue
            told = "hipaa" in text["areas"]
            if told or not text["areas"]:
                source = re.sub(r"-\d+$", "", text["id"]) if text["id"].count("-") > 1 else text["id"]
                for _ in range(4 if told else 3):
                    octets = plain(roughened(of_others(text, maker), maker.random))
                    yield Example(octets, told, OF_TOLD if told else OF_CLEAR, source)


def in_whole_mails() -> Iterator[Example]:
    """Of mails in which one paragraph tells of a patient and others of the office: those that name somebody who is
    asked for, one beside the other taken together, and those that name nobody and speak of nobody. Of clear mails all."""
    maker = Maker(14)
    for line in WHOLE_MAILS.read_text(encoding="utf-8").splitlines():
        mail = json.loads(line)
        for about, start, end in _paragraphs_of(mail):
            for _ in range(4 if about else 2):
                octets = plain(roughened(of_others(mail, maker, start, end), maker.random))
                yield Example(octets, about, OF_TOLD if about else OF_CLEAR, mail["id"])


def _paragraphs_of(mail: dict[str, Any]) -> Iterator[tuple[bool, int, int]]:
    """Each with whether it tells of somebody, but those of which that cannot be said."""
    text, at = mail["text"], 0
    asked = [s for s in mail["spans"] if s["entity"] == "PERSON" and not s.get("optional")]
    last: list[int] | None = None
    for gap in [*re.finditer(r"\n\s*\n", text), None]:
        start, end = at, gap.start() if gap else len(text)
        at = gap.end() if gap else end
        if not mail["areas"]:
            yield False, start, end
        elif any(start <= s["start"] < end for s in asked) and end - start > 40:
            if last and end - last[0] <= NOTE:
                last[1] = end
            else:
                if last:
                    yield True, *last
                last = [start, end]
        elif not OF_SOMEBODY.search(text, start, end):
            yield False, start, end
    if last:
        yield True, *last


def notes() -> Iterator[Example]:
    """Notes written out one by one, three times each, with other people: what is told in a line or two. And mails of
    people at work in care, and private ones, nobody cared for in them."""
    maker = Maker(12)
    for name, told, weight in NOTES:
        for block in re.split(r"^## ", (HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, text = block.partition("\n")
            for _ in range(3):
                octets = plain(roughened(marked(text.strip(), maker), maker.random))
                yield Example(octets, told, weight, head.split()[0])


def told_in_mails() -> Iterator[Example]:
    """Mails that tell of somebody's care among other matters: as a whole, what tells of it, and what is left then."""
    maker = Maker(15)
    for block in re.split(r"^## ", (HERE / "mails-told.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, text = block.partition("\n")
        text, told_of = text.strip(), " ".join(TOLD.findall(text))
        assert told_of, head
        for _ in range(3):
            for words, told in ((TOLD.sub(r"\1", text), True), (told_of, True), (TOLD.sub(" ", text), False)):
                octets = plain(roughened(words.strip(), maker.random))
                yield Example(octets, told, OF_TOLD if told else OF_NOTE, head.split()[0])


def mails() -> Iterator[Example]:
    """Ordinary mails and their twins with a patient, six times each, without signatures and the names in their heads,
    which the mails that figures are counted on have too; of the ordinary ones every other time a piece."""
    maker = Maker(13)
    for folder, told in MAILS:
        for path in sorted(folder.glob("*.eml")):
            words = letter(path)
            for time in range(6):
                rough = roughened(words, maker.random)
                octets = plain(cut(rough, maker.random) if time % 2 and not told else rough)
                yield Example(octets, told, OF_MAIL, path.stem)


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
    """The weight of each gram, and the bias.

    Grams count by how differently the two kinds of texts use them (Wang and Manning 2012, "Baselines and Bigrams"): so
    the regression leans on words that tell, and less on what a few texts happen to have.
    """
    read = [grams_of(example.octets) for example in found]
    counts = Counter(gram for words, pairs in read for gram in (*words, *pairs))
    known = {g: i for i, g in enumerate(sorted(g for g, n in counts.items() if n >= LEAST_DOCUMENTS))}
    truth, weights = np.array([e.told for e in found]), np.array([e.weight for e in found])
    matrix = _matrix(read, known, vectors)
    scale = np.full(matrix.shape[1], OF_VECTORS)
    scale[: len(known)] = _telling(matrix[:, : len(known)] > 0, truth, weights)
    model = LogisticRegression(C=PENALTY, solver="liblinear", random_state=0, max_iter=500)
    model.fit((matrix @ sp.diags(scale)).tocsr(), truth, weights)
    coefficients = model.coef_[0] * scale
    grams, dense = coefficients[: len(known)], coefficients[len(known) :]
    table = {gram: float(grams[i]) for gram, i in known.items()}
    medical, names = medical_words(), first_names() | {word.lower().encode() for word in LAST}
    for word, vector in vectors.items():
        if word in known or ((word in medical or zipf_frequency(word.decode(), "en") >= RAREST) and word not in names):
            table[word] = table.get(word, 0.0) + float(vector @ dense)
    return kept(table), float(model.intercept_[0])


def _telling(has: sp.csr_matrix, truth: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Of each gram: by how much more of the texts of one kind have it, as the logarithm of the ratio."""
    has = has.astype(np.float64).T
    told, clear = has @ (weights * truth) + 1, has @ (weights * ~truth) + 1
    return np.abs(np.log((told / told.sum()) / (clear / clear.sum())))


def medical_words() -> set[bytes]:
    return set((LEXICON / "terms.txt").read_bytes().lower().replace(b"=", b"").split())


def first_names() -> set[bytes]:
    return set((NAMES / "given-names.txt").read_bytes().lower().split())


def family_names() -> set[bytes]:
    return {word.lower().encode() for word in LAST} | set((NAMES / "family-names.txt").read_bytes().lower().split())


def kept(table: dict[bytes, float], least: float = LEAST_WEIGHT) -> dict[bytes, float]:
    """What is worth a line of the file."""
    return {gram: w for gram, w in table.items() if abs(w) >= least and not LABELS & set(gram.split())}


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


def of_others(text: dict[str, Any], maker: Maker, start: int = 0, end: int | None = None) -> str:
    """A labelled text, or a part of it, with the names of other people, so that no name is learnt, and without places
    and addresses."""
    end = len(text["text"]) if end is None else end
    parts, at = [], start
    for span in text["spans"]:
        if not start <= span["start"] < end:
            continue
        parts.append(text["text"][at : span["start"]])
        at = span["end"]
        if span["entity"] == "PERSON":
            whole = " " in text["text"][span["start"] : at]
            parts.append(maker.text("{name}" if whole else "[{first}|{last}]"))
        elif span["entity"] not in NO_WORDS:
            parts.append(text["text"][span["start"] : at])
    return "".join([*parts, text["text"][at:end]])


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
