"""Made-up mail with its labels: templates, slots, layout, and the untidiness of real writing.

`python generate.py COUNT SEED OUT.jsonl` writes lines of [text, [[start, end, label], ...]].
"""

import json
import re
import sys
from pathlib import Path
from random import Random

from slots import Slots

Labelled = tuple[str, list[tuple[int, int, str]]]
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*|[^\[\]|]*:[^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SHARES = {"clinical": 0.32, "admin": 0.18, "mail": 0.14, "plain": 0.24, "world": 0.12}
_ADDRESS = re.compile(r"\{(?:addr2?|street)\}")
_GREETINGS, _CLOSINGS = slice(29, 38), slice(20, 29)  # of mail.txt


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.slots = Slots(self.random)
        folder = Path(__file__).parent / "templates"
        self._templates = {name: _read(folder / f"{name}.txt") for name in _SHARES}
        self._addresses = [t for group in self._templates.values() for t in group if _ADDRESS.search(t)]

    def document(self) -> Labelled:
        """One to eight sentences or lines, as a note, a letter or a list."""
        draw = self.random.random()
        if draw < 0.16:
            pieces, separator = self._letter(), "\n\n" if self.random.random() < 0.5 else "\n"
        elif draw < 0.26:
            template = self._template()
            pieces, separator = [self._render(template) for _ in range(self.random.randint(2, 7))], "\n"
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

    def _template(self) -> str:
        if self.random.random() < 0.13:
            return self.random.choice(self._addresses)
        group = self.random.choices(list(_SHARES), list(_SHARES.values()))[0]
        return self.random.choice(self._templates[group])

    def _render(self, template: str) -> Labelled:
        place = self.random.choice(["{city}", "{city}, {state}", "{city}, {st}"])
        text = self._chosen(template.replace("{cityst}", place)).replace("{first} {last}", "{fl}")
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
        draw = self.random.random()
        if draw < 0.18:
            text = _same_length(text, text.lower())
        elif draw < 0.23:
            text = _same_length(text, text.upper())
        elif draw < 0.28:
            for start, end, _ in spans:
                text = text[:start] + _same_length(text[start:end], text[start:end].lower()) + text[end:]
        elif draw < 0.30:
            for start, end, _ in spans:
                text = text[:start] + _same_length(text[start:end], text[start:end].upper()) + text[end:]
        if self.random.random() < 0.06:
            text = text.replace("\n", " ")
        return text, spans


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


def _same_length(old: str, new: str) -> str:
    return new if len(new) == len(old) else old


def main(count: int, seed: int, out: Path) -> None:
    generator = Generator(seed)
    with out.open("w") as file:
        for _ in range(count):
            file.write(json.dumps(generator.document()) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
