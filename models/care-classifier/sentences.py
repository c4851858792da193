"""Trains what reads sentences by themselves, and writes `sentences.txt` and `sentences.npz`.

    /tmp/care/bin/python models/care-classifier/sentences.py NATURAL...

The same texts as `train.py`, those of further authors, and every sentence of all of these mails: one that tells of
somebody's care, or one that does not. README.md beside this says how well it does.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import network
from generate import Maker, roughened
from reading import sentences_of  # the way mail is read; network.py knows where
from train import (
    HERE,
    LABELLED,
    MAILS,
    TOLD,
    Example,
    family_names,
    first_names,
    in_whole_mails,
    kept,
    labelled,
    letter,
    made,
    mails,
    medical_words,
    natural,
    notes,
    of_others,
    plain,
    stays_closed,
    told_in_mails,
    weights_of,
    write,
)
from vectors import vectors_of_words

OF_MAIL, OF_TOLD, OF_REST = 3.0, 1.5, 0.7  # what a mail counts, one that tells, and what is left of it then
OF_SENTENCE = 6.0
LEAST_WEIGHT = 0.3  # of a gram that is kept
BEGINS, ENDS = b"\x02", b"\x03"  # around what tells; no mail has them
ORDINARY = ("mails-ordinary.txt", "passing-ordinary.txt")
TELLING = ("mails-told.txt", "passing-told.txt")


def main() -> None:
    found = [*labelled(), *in_whole_mails(), *notes(), *told_in_mails(), *mails(), *made(), *further(), *sentences()]
    found += [*natural(map(Path, sys.argv[1:]))]
    vectors = vectors_of_words()
    table, bias = weights_of(found, vectors)
    write(kept(table, LEAST_WEIGHT), bias, "sentences.txt", made_by="sentences.py")
    network.write(network.learn(found, vectors, medical_words(), first_names() | family_names()), "sentences.npz")
    print(len(found), "texts,", sum(example.told for example in found), "of them about somebody's care")


def further() -> Iterator[Example]:
    """Mails of the further authors as a whole, what tells in them, and what is left then; three times each."""
    maker = Maker(17)
    for name in (ORDINARY[1], TELLING[1]):
        for ident, text in blocks(name):
            told_of = " ".join(TOLD.findall(text))
            kinds = [(TOLD.sub(r"\1", text), bool(told_of), OF_TOLD if told_of else OF_MAIL)]
            kinds += [(told_of, True, OF_TOLD), (TOLD.sub(" ", text), False, OF_REST)] if told_of else []
            for _ in range(3):
                for words, told, weight in kinds:
                    yield Example(plain(roughened(words.strip(), maker.random)), told, weight, ident)


def sentences() -> Iterator[Example]:
    """Each of the ordinary mails, of mails that tell the ones that do and the ones that do not, and each of texts of
    clinics in which nobody is cared for."""
    maker = Maker(16)
    for name in (*ORDINARY, *TELLING):
        for ident, text in blocks(name):
            octets = plain(TOLD.sub(lambda mark: f"{BEGINS.decode()}{mark[1]}{ENDS.decode()}", text))
            for start, end in sentences_of(octets):
                said = octets[start:end]
                told = BEGINS in said or ENDS in said or _within(octets, start)
                words = said.replace(BEGINS, b"").replace(ENDS, b"").strip()
                yield Example(plain(roughened(words.decode(), maker.random)), told, OF_SENTENCE, ident)
    for octets in _of_clinics(maker):
        for start, end in sentences_of(octets):
            yield Example(octets[start:end], told=False, weight=OF_SENTENCE)


def _within(octets: bytes, at: int) -> bool:
    """Whether what tells began before, and goes on."""
    return octets.rfind(BEGINS, 0, at) > octets.rfind(ENDS, 0, at)


def _of_clinics(maker: Maker) -> Iterator[bytes]:
    for folder, told in MAILS:
        yield from (plain(letter(path)) for path in ([] if told else sorted(folder.glob("*.eml"))))
    for path in LABELLED:
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)
            closed = path.parent.name == "detection-second" and stays_closed(text["id"])
            if not text["areas"] and not closed:
                yield plain(of_others(text, maker))


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """The id and the text of each mail of a file."""
    for block in re.split(r"^## ", (HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, text = block.partition("\n")
        yield head.split()[0], text.strip()


if __name__ == "__main__":
    main()
