"""Builds `terms.txt` and `icd10cm-codes.txt`. Deterministic: the same packages give the same bytes.

    python -m venv /tmp/lexicon && /tmp/lexicon/bin/pip install simple-icd-10-cm==1.5.0 \
        drug-named-entity-recognition==2.0.9 wordfreq==3.1.1
    /tmp/lexicon/bin/python models/health-lexicon/build.py

README.md beside this says where the terms come from and why they are trimmed so.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import simple_icd_10_cm as icd
from drug_named_entity_recognition import drugs_finder
from wordfreq import zipf_frequency

HERE = Path(__file__).parent
RARE = 3.0  # Zipf frequency in English below which a word may stand alone
RARE_IN_PHRASE = 3.6  # a phrase needs one word below this
RARE_DRUG = 2.9
SHORTEST_WORD = 5
LONGEST_PHRASE = 5  # words
CHAPTERS = "ABCDEFGHIJKLMNOPQ"  # diseases, pregnancy and birth; not signs (R), injuries (S, T), causes (V-Y), care (Z)
MEDICAL_ENDING = re.compile(
    r"(?:itis|itides|osis|oses|emia|aemia|oma|omas|opathy|ectomy|ostomy|otomy|plasty|algia|plegia|paresis|uria|rrhea|"
    r"rrhage|penia|trophy|ectasis|iasis|cele|edema|lysis|megaly|sclerosis|stenosis|thorax|phagia|phasia|pnea)$"
)
CUT = re.compile(
    r",| with(?:out)? | due to | in (?:diseases|other|pregnancy) | of (?:left|right|unspecified|other) | and | or "
    r"| not elsewhere| following | affecting | complicating | associated | involving | by | as | from | during "
)
EMPTY = re.compile(r"\b(?:unspecified|other|nos|nec|specified|left|right|bilateral|initial encounter)\b")


def main() -> None:
    """Writes both lists beside this file and prints their digests for README.md."""
    stop = set(read("stop-terms.txt"))
    lay = read("lay-terms.txt")
    terms = {term for term in (*icd_terms(), *drug_terms()) if term not in stop}
    plain = {term if term[0] in "=-" else words_of(term) for term in lay}
    write(
        "terms.txt",
        sorted(terms | plain),
        "Health terms, built by build.py. '=' in front: only as written; '-': none of them, whatever lies in it.",
    )
    codes = sorted({code.replace(".", "") for code in icd.get_all_codes() if re.fullmatch(r"[A-Z]\d[0-9A-Z.]+", code)})
    write("icd10cm-codes.txt", codes, "ICD-10-CM codes without the dot, built by build.py.")


def icd_terms() -> Iterator[str]:
    """Heads of the titles and inclusion terms, and single words of them that only medicine uses."""
    for code in icd.get_all_codes():
        if code[0] not in CHAPTERS or "-" in code or not code[1:2].isdigit():
            continue
        for title in (icd.get_description(code), *icd.get_inclusion_term(code)):
            plain = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", title.lower())
            for piece in CUT.split(f"{plain} "):
                yield from worthy(words_of(EMPTY.sub(" ", piece)), RARE, RARE_IN_PHRASE)
            yield from (word for word in words_of(plain).split() if MEDICAL_ENDING.search(word) and rare(word, 3.5))


def drug_terms() -> Iterator[str]:
    """Names and brands of drugs that a patient information service lists (MedlinePlus or NHS)."""
    prescribed = {name for name, data in drugs_finder.drug_canonical_to_data.items()
                  if "medline_plus_id" in data or "nhs_url" in data}  # fmt: skip
    for variant, canonicals in drugs_finder.drug_variant_to_canonical.items():
        if prescribed.intersection(canonicals) and re.fullmatch(r"[a-z][a-z -]+", variant):
            yield from worthy(words_of(variant), RARE_DRUG, RARE_DRUG)


def worthy(term: str, alone: float, in_phrase: float) -> Iterator[str]:
    """The term itself, if it says medicine and nothing else."""
    words = term.split()
    single = len(words) == 1 and rare(term, alone)
    phrase = 1 < len(words) <= LONGEST_PHRASE and any(rare(word, in_phrase) for word in words)
    if single or phrase:
        yield term


def rare(word: str, below: float) -> bool:
    return len(word) >= SHORTEST_WORD and word.isalpha() and zipf_frequency(word, "en") < below


def words_of(text: str) -> str:
    """As the engine reads it: ASCII letters and digits in lower case, one space between."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def read(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def write(name: str, lines: Iterable[str], title: str) -> None:
    octets = "".join(f"{line}\n" for line in (f"# {title}", *lines)).encode()
    (HERE / name).write_bytes(octets)
    print(name, octets.count(b"\n") - 1, "lines", len(octets), "bytes sha256", hashlib.sha256(octets).hexdigest())


if __name__ == "__main__":
    main()
