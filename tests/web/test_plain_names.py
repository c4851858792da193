"""Kinds of data are called by plain words on every page; the name that rules use is beside them, never alone."""

import re
from html.parser import HTMLParser

import pytest

from gateway.console.pages import named
from tests.web.conftest import Enter
from tests.web.house import LETTER, House

RAW = re.compile(r"\b[A-Z]+_[A-Z_]+\b")


class _Read(HTMLParser):
    """What a page says, without the names that stand in small type and the source of a rule."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""
        self.titles: set[str] = set()
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("code", "pre")
        known = dict(attrs)
        self.said += f" {known.get('aria-label') or ''} "
        self.titles |= {known["title"] or ""} if "title" in known else set()

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        self.said += "" if self._code else data


def read(page: str) -> _Read:
    found = _Read()
    found.feed(page)
    return found


@pytest.mark.parametrize("where", ["item", "bench", "rule", "overview"])
def test_a_page_says_kinds_of_data_in_plain_words(console: House, enter: Enter, where: str) -> None:
    """What a rule asked and saw, what it is and does, what was marked: the words that senders read in notices."""
    olga, item = enter("olga"), console.hold(LETTER)
    olga.get(f"/items/{item}")
    olga.post(f"/items/{item}/mark", kind="finding", name="US_SSN", place="0.1.2", verdict="right")
    pages = {"item": f"/items/{item}", "rule": "/rules/web-number", "overview": "/"}
    page = olga.post("/rules/bench", message=LETTER.decode(), to="") if where == "bench" else olga.get(pages[where])

    shown = read(page.text)

    assert page.status_code == 200
    assert "Social Security number" in shown.said
    assert RAW.findall(shown.said) == []
    assert "US_SSN" in shown.titles


def test_a_reason_with_a_value_is_refused_in_plain_words(console: House, enter: Enter) -> None:
    """It says which kind of value it saw, and not the value."""
    olga, item = enter("olga"), console.hold(LETTER)
    olga.get(f"/items/{item}")

    answer = olga.post(f"/items/{item}/comment", text="her SSN is 536-22-1894")

    told = re.search(r'role="alert">([^<]*)<', answer.text)
    assert told is not None
    assert "a value in it (Social Security number)" in told[1]
    assert "536-22-1894" not in told[1]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("found 1 value, surest high (PERSON and 3 more); 1 more too far away", "PERSON"),
        ("exception did not apply: at least 3 values (2 of them different) of PERSON are found", "PERSON"),
        ("at least 5 different values of PERSON are found", "PERSON"),
        ("take out values of PERSON by masking them", "PERSON"),
        ("the subject contains PERSON <b>", ""),
    ],
)
def test_names_are_words_where_values_are_spoken_of(said: str, shown: str) -> None:
    """What else a rule quotes, such as a text of its writer, stays as it is written."""
    words = f'<span title="{shown}">name of a person</span>'

    assert str(named(said)) == (said.replace(shown, words) if shown else said.replace("<b>", "&lt;b&gt;"))
