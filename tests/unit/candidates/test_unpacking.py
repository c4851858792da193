"""What becomes of archives that people bring: the rule set, or words that say what to do."""

import io
import random
import re
import zipfile
from collections.abc import Mapping

import pytest

from gateway.candidates.unpacking import MOST_PACKED, members

SET = {
    "policy.yaml": "domains: []\n",
    "packs/a/b.yaml": "id: b\n" * 20,
    "lists/staff.txt": "Ann\n",
    "detectors/x.yaml": "x",
}
WORDS = re.compile(r"this is no ZIP file that can be read: |the archive (?:must|has|holds|is)\b")


def packed(files: Mapping[str, str], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("folder", ["", "rules/"])
def test_the_files_of_a_rule_set_come_out_and_no_other(folder: str) -> None:
    found = members(packed({folder + name: content for name, content in SET.items()}))

    assert found == {name: content.encode() for name, content in SET.items() if name != "detectors/x.yaml"}


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "this is no ZIP file"),
        (b"policy.yaml", "this is no ZIP file"),
        (packed(SET)[:-30], "this is no ZIP file"),
        (packed(SET | {"\u00e9.txt": "x"}).replace("\u00e9".encode(), b"\xff\xff"), "this is no ZIP file"),
        (bytes(MOST_PACKED + 1), "larger than 4 MB"),
        (packed({"packs/a/b.yaml": "x"}), "must have one policy.yaml"),
        (packed(SET | {"other/policy.yaml": "x"}), "must have one policy.yaml"),
        (packed(SET, packing=zipfile.ZIP_LZMA), "packed in an unusual way"),
    ],
    ids=["empty", "a file", "cut", "a name that is no UTF-8", "large", "no policy", "two policies", "unusual"],
)
def test_what_is_wrong_is_told_in_plain_words(octets: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        members(octets)


def test_no_damage_is_told_in_the_words_of_a_library() -> None:
    """Octets exchanged by chance, the same in each run: names, places and lengths among them."""
    whole, chance = packed(SET | {"\u00e9.txt": "x"}), random.Random(1)
    told = set()

    for _ in range(3_000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            members(bytes(damaged))
        except ValueError as error:
            told.add(str(error))

    assert told
    assert [words for words in told if not WORDS.match(words)] == []
