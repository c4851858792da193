"""Trains the judge of whole messages and writes `messages.txt`: is it about somebody who is cared for, or about work?

    /tmp/care/bin/python models/care-classifier/messages.py

The passages' classifier (`train.py`) asks whether care is told of, and mail of a clinic is full of care. This asks
what the message is for: the same words and pairs, trained on the same texts about patients against ordinary mail of
clinics, of those who sell to them, teach in them and insure. README.md beside this says how well it does.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from generate import HERE, Maker, roughened, texts
from train import (
    LABELLED,
    NOTES,
    ORDINARY,
    TESTS,
    Example,
    cut,
    letter,
    marked,
    of_others,
    plain,
    stays_closed,
    vectors_of_words,
    weights_of,
    write,
)

READ_SINCE = tuple(TESTS / f"detection-{name}" / "texts.jsonl" for name in ("sixth", "seventh"))
LEAST = 0.5  # weight of a gram that is kept: with those of less it tells the two apart no better
FROM_WORK = "# work with nobody"  # from this section on negative.txt is of the kinds that people at work write
FOLDERS = (
    (ORDINARY / "clear", False),
    (ORDINARY.parent / "elsewhere" / "clear", False),
    (ORDINARY.parent / "fresh" / "read" / "clear", False),
    (ORDINARY / "protected", True),
)
OF_MAIL, OF_TEXT, OF_NOTHING, OF_TEMPLATE, OF_WORK = 3.0, 1.5, 0.5, 0.5, 0.7  # what a text of each origin counts


def main() -> None:
    found = [*labelled(), *notes(), *made(), *mails()]
    table, bias = weights_of(found, vectors_of_words())
    write({gram: w for gram, w in table.items() if abs(w) >= LEAST}, bias, "messages.txt", made_by=Path(__file__).name)
    print(len(found), "texts,", sum(example.told for example in found), "of them about somebody who is cared for")


def labelled() -> Iterator[Example]:
    """The labelled texts of the open sets: four times each, those about nobody three times."""
    maker = Maker(11)
    for path in (*LABELLED, *READ_SINCE):
        for line in path.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)
            if path.parent.name == "detection-second" and stays_closed(text["id"]):
                continue
            told = "hipaa" in text["areas"]
            if told or not text["areas"]:
                for _ in range(4 if told else 3):
                    octets = plain(roughened(of_others(text, maker), maker.random))
                    yield Example(octets, told, OF_TEXT if told else OF_NOTHING, text["id"])


def notes() -> Iterator[Example]:
    """Three times each, with other people; the mails of `mails-clear.txt` as they stand."""
    maker = Maker(12)
    for name, told in (*NOTES, ("mails-clear.txt", False)):
        for block in re.split(r"^## ", (HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, text = block.partition("\n")
            for _ in range(3):
                octets = plain(roughened(marked(text.strip(), maker), maker.random))
                weight = OF_TEXT if told else OF_MAIL if name.startswith("mails") else OF_WORK
                yield Example(octets, told, weight, head.split()[0])


def made() -> Iterator[Example]:
    """Of the templates about somebody's care, and of those about work."""
    for _, text in texts("positive.txt", 10, 1):
        yield Example(plain(text), told=True, weight=OF_TEMPLATE)
    maker = Maker(3)
    negative = (HERE / "negative.txt").read_text(encoding="utf-8")
    for line in negative[negative.index(FROM_WORK) :].splitlines():
        if line and not line.startswith("# "):
            for _ in range(10):
                yield Example(plain(roughened(maker.text(line), maker.random)), told=False, weight=OF_WORK)


def mails() -> Iterator[Example]:
    """Ordinary mails and their twins with a patient, six times each; of the ordinary ones every other time a piece."""
    maker = Maker(13)
    for folder, told in FOLDERS:
        for path in sorted(folder.glob("*.eml")):
            words = letter(path)
            for time in range(6):
                rough = roughened(words, maker.random)
                octets = plain(cut(rough, maker.random) if time % 2 and not told else rough)
                yield Example(octets, told, OF_MAIL, path.stem)


if __name__ == "__main__":
    main()
