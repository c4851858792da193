"""Words of every text, as they are written: how they are read is kept by a process that reads many.

`python everyday_words.py OUT.txt`: what stands at least twice in the sentences that this model's documents and those of the
care classifier were made from, or in Gatepost's manual. They change no answer of the model, only the time that it takes.
"""

import re
import sys
from collections import Counter
from pathlib import Path

_MODELS = Path(__file__).resolve().parents[2]
_TEXTS = (
    (_MODELS / "names-en" / "recipe" / "templates", "*.txt"),
    (_MODELS / "care-classifier", "*.txt"),
    (_MODELS.parent / "docs", "*.md"),
)
_NO_SENTENCES = frozenset({"weights.txt", "sentences.txt", "requirements.txt"})
_SLOT = re.compile(r"\{\w+\}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|[^\w\s{}|\[\]<>=]")
_LEAST = 2
_NUMBERS = [str(number) for number in range(1, 32)]
_HEAD = "# Made by recipe/everyday_words.py.\n"


def main(out: Path) -> None:
    """Write the list."""
    counted: Counter[str] = Counter()
    for folder, kind in _TEXTS:
        for file in sorted(folder.glob(kind)):
            if file.name not in _NO_SENTENCES:
                counted.update(_WORD.findall(_SLOT.sub(" ", file.read_text(encoding="utf-8"))))
    words = sorted(word for word, count in counted.items() if count >= _LEAST)
    out.write_text(_HEAD + "".join(f"{word}\n" for word in (*words, *_NUMBERS)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
