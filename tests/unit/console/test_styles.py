"""The console's and the portal's style sheets, and the pages that are written for them."""

import re
from pathlib import Path

import pytest

GATEWAY = Path(__file__).parents[3] / "gateway"
PLAIN = {"plain"}  # a badge of no colour


@pytest.mark.parametrize("room", ["console", "portal"])
def test_every_class_of_a_page_is_in_its_style_sheet(room: str) -> None:
    """Cards that should stand side by side stood one below the other by a class that no style knew."""
    (sheet,) = (GATEWAY / room / "static").glob("*.css")
    known = set(re.findall(r"\.([a-z][\w-]*)", sheet.read_text("utf-8")))
    used = {
        word
        for page in (GATEWAY / room / "templates").rglob("*.html")
        for words in re.findall(r'class="([^"{}]*)"', page.read_text("utf-8"))
        for word in words.split()
    }

    assert len(used) >= 5
    assert used - known - PLAIN == set()
