"""docs/limits.md says what is not seen; every example in it has to be delivered, or the page is wrong."""

import re

import pytest

from tests.evasion import unseen
from tests.evasion.generate import KINDS
from tests.evasion.suite import HERE, inspected_one
from tests.evasion.tricks.base import html, text

PAGE = (HERE.parents[1] / "docs" / "limits.md").read_text(encoding="utf-8")
EXAMPLES_START = re.compile(r"^```(?:text|html|eml|file)$", re.MULTILINE)
EXAMPLES = re.findall(r"^```(text|html|eml|file)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def message(form: str, written: str) -> bytes:
    if form == "eml":
        return b"From: desk@clinic.example\r\n" + written.replace("\n", "\r\n").encode()
    if form == "file":
        return unseen.message(written.partition(":")[0])
    return html(written) if form == "html" else text(written)


@pytest.mark.parametrize(("form", "written"), EXAMPLES)
def test_what_the_page_says_is_not_seen_is_not_seen(form: str, written: str) -> None:
    """It is delivered. Where this fails something got better: take the example off the page, add it to the tricks."""
    assert inspected_one(message(form, written)) == "silent"


def test_the_page_counts_the_tricks() -> None:
    """The figure on the page is the number of messages that are tried."""
    made = sum(len(list((HERE / kind).glob("*.eml"))) for kind in KINDS)

    assert f"{made:,} messages" in PAGE


def test_every_section_has_an_example() -> None:
    """A line without a message that proves it would be a guess."""
    sections = PAGE.split("\n## ")[1:]

    assert [one.splitlines()[0] for one in sections if not EXAMPLES_START.search(one)] == []
    assert {written.partition(":")[0] for form, written in EXAMPLES if form == "file"} == set(unseen.FILES)
