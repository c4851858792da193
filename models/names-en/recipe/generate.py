"""Made-up mail with its labels: templates, slots, layout, and the untidiness of real writing.

`python generate.py COUNT SEED OUT.jsonl` writes lines of [text, [[start, end, label], ...]].
"""

import json
import re
import sys
from pathlib import Path
from random import Random

from slots import Slots

TABLE_NAMES = [
    ("Name", "{fl}"), ("Patient", "{per}"), ("Patient Name", "{lf}"), ("Member", "{lf}"), ("Pt", "{last}"), ("Last,First", "{last},{first}"),
    ("Name", "{last}, {first}"), ("Client", "{first} {ini}."), ("Student", "{fl}"), ("Who", "{first}"), ("Employee", "{fl}"),
]  # fmt: skip
TABLE_COLUMNS = [
    ("DOB", "{date}"), ("MRN", "{mrn}"), ("Room", "{n}"), ("Dx", "{dx}"), ("Meds", "{drug}"), ("Diagnosis", "{Dx}"), ("Procedure", "{proc}"),
    ("Phone", "{phone}"), ("Age", "{age}"), ("Code", "{icd}"), ("Status", "{sx}"), ("Time", "{time}"), ("City", "{city}"), ("Amount", "{money}"),
    ("Member ID", "{mrn}"), ("Dose", "{dose}"), ("Dept", "{dept}"), ("Plan", "{org}"), ("Address", "{street}"), ("Email", "{email}"),
]  # fmt: skip
TABLE_FORMS = [
    ("", "\t", ""), ("", "\t", ""), ("| ", " | ", " |"), ("", " | ", ""), ("", "|", ""), ("", ",", ""), ("", ", ", ""), ('"', '","', '"'), ("", "  ", ""),
    ("", "  ", ""), ("", "; ", ""), ("", " - ", ""), ("- ", ", ", ""), ("* ", " - ", ""), ("", " / ", ""), ("", " ", ""),
]  # fmt: skip
Labelled = tuple[str, list[tuple[int, int, str]]]
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*|[^\[\]|]*:[^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SHARES = {"clinical": 0.23, "voices": 0.19, "desk": 0.12, "admin": 0.12, "mail": 0.09, "plain": 0.17, "world": 0.08}
_ADDRESS = re.compile(r"\{(?:addr2?|street)\}")
_SWAPPED = re.compile(r"[a-z]{5,}")  # words that a typo may be in
_GREETINGS, _CLOSINGS = slice(29, 38), slice(20, 29)  # of mail.txt


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.slots = Slots(self.random)
        folder = Path(__file__).parent / "templates"
        self._templates = {name: _read(folder / f"{name}.txt") for name in _SHARES}
        self._asks = _read(folder / "asks.txt")
        self._addresses = [t for group in self._templates.values() for t in group if _ADDRESS.search(t)]

    def document(self) -> Labelled:
        """One to eight sentences or lines, as a note, a letter or a list."""
        draw = self.random.random()
        if draw < 0.16:
            pieces, separator = self._letter(), "\n\n" if self.random.random() < 0.5 else "\n"
        elif draw < 0.24:
            template = self._template()
            pieces, separator = [self._render(template) for _ in range(self.random.randint(2, 7))], "\n"
        elif draw < 0.29:
            pieces, separator = self._table(), "\n"
        else:
            count = self.random.choices([1, 2, 3, 5, 8], [0.34, 0.26, 0.2, 0.14, 0.06])[0]
            pieces = [self._render(self._template()) for _ in range(count)]
            separator = self.random.choice([" ", " ", "\n", "\n\n", "\r\n"])
        return self._untidy(_joined(pieces, separator))

    def _letter(self) -> list[Labelled]:
        mail = self._templates["mail"]
        middle = [self._render(self._template()) for _ in range(self.random.randint(1, 4))]
        joined = _joined(middle, " ")
        return [
            self._render(self.random.choice(mail[_GREETINGS])),
            joined,
            self._render(self.random.choice(mail[_CLOSINGS])),
        ]

    def _table(self) -> list[Labelled]:
        """A header, sometimes, and rows of the same columns with one way to tell them apart."""
        random = self.random
        columns = random.sample(TABLE_COLUMNS, random.randint(1, 4))
        names = random.choice(TABLE_NAMES)
        columns.insert(random.choice([0, 0, 0, 1, random.randint(0, len(columns))]), names)
        before, between, after = random.choice(TABLE_FORMS)
        rows = [before + between.join(slot for _, slot in columns) + after for _ in range(random.randint(2, 8))]
        if names[1] == "{last},{first}" and '"' in between:
            rows = [row.replace("{last},{first}", '{last}","{first}') for row in rows]
        lines = [self._render(row) for row in rows]
        if between == "  ":
            lines = [_spread(line, random.randint(14, 26)) for line in lines]
        if random.random() < 0.6:
            head = before + between.join(title for title, _ in columns) + after
            lines.insert(0, (head.upper() if random.random() < 0.3 else head, []))
            if before == "| " and random.random() < 0.6:
                lines.insert(1, ("| " + " | ".join("---" for _ in columns) + " |", []))
        return lines

    def _template(self) -> str:
        if self.random.random() < 0.11:
            return self.random.choice(self._addresses)
        group = self.random.choices(list(_SHARES), list(_SHARES.values()))[0]
        return self.random.choice(self._templates[group])

    def _render(self, template: str) -> Labelled:
        place = self.random.choice(["{city}", "{city}, {state}", "{city}, {st}"])
        asked = template.replace("{Ask}", self.random.choice(self._asks))
        text = self._chosen(asked.replace("{cityst}", place)).replace("{first} {last}", "{fl}")
        out, spans, position = "", [], 0
        for slot in _SLOT.finditer(text):
            out += text[position : slot.start()]
            make, label = self.slots.table[slot[1]]
            value = make()
            if label:
                spans.append((len(out), len(out) + len(value), label))
            out += value
            position = slot.end()
        return out + text[position:], spans

    def _chosen(self, text: str) -> str:
        while (found := _CHOICE.search(text)) is not None:
            text = text[: found.start()] + self.random.choice(found[1].split("|")) + text[found.end() :]
        return text

    def _untidy(self, document: Labelled) -> Labelled:
        """As people type: all in one case, names without capitals, lines run together. Lengths stay."""
        text, spans = document
        text = self._mistyped(text, spans) if self.random.random() < 0.12 else text
        draw = self.random.random()
        if draw < 0.21:
            text = _same_length(text, text.lower())
        elif draw < 0.26:
            text = _same_length(text, text.upper())
        elif draw < 0.31:
            for start, end, _ in spans:
                text = text[:start] + _same_length(text[start:end], text[start:end].lower()) + text[end:]
        elif draw < 0.33:
            for start, end, _ in spans:
                text = text[:start] + _same_length(text[start:end], text[start:end].upper()) + text[end:]
        if self.random.random() < 0.06:
            text = text.replace("\n", " ")
        return text, spans

    def _mistyped(self, text: str, spans: list[tuple[int, int, str]]) -> str:
        """Letters changed over in some words that are no part of a value, signs changed for others."""
        text = text.replace("'", "\u2019") if self.random.random() < 0.4 else text
        for word in list(_SWAPPED.finditer(text)):
            inside = any(start < word.end() and word.start() < end for start, end, _ in spans)
            if inside or self.random.random() > 0.15:
                continue
            at = self.random.randint(word.start(), word.end() - 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text


def _read(path: Path) -> list[str]:
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines]


def _joined(pieces: list[Labelled], separator: str) -> Labelled:
    text, spans = "", []
    for piece, marks in pieces:
        text += separator if text else ""
        spans += [(start + len(text), end + len(text), label) for start, end, label in marks]
        text += piece
    return text, spans


def _spread(line: Labelled, width: int) -> Labelled:
    """Columns under one another: each run of two spaces grows to the next multiple of `width`."""
    text, spans = line
    out, position, moved = "", 0, []
    for gap in re.finditer("  ", text):
        out += text[position : gap.start()]
        out += " " * (width - len(out) % width)
        moved.append((gap.end(), len(out) - gap.end()))
        position = gap.end()
    out += text[position:]

    def by(place: int) -> int:
        return max((shift for shift in moved if shift[0] <= place), default=(0, 0))[1]

    return out, [(start + by(start), end + by(start), label) for start, end, label in spans]


def _same_length(old: str, new: str) -> str:
    return new if len(new) == len(old) else old


def main(count: int, seed: int, out: Path) -> None:
    generator = Generator(seed)
    with out.open("w") as file:
        for _ in range(count):
            file.write(json.dumps(generator.document()) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
