"""The blind sets are what their source files say, with labels where values are. How detection does is no test."""

import json
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(
    scope="module",
    params=["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
)
def name(request: pytest.FixtureRequest) -> str:
    """Which set."""
    return str(request.param)


@pytest.fixture(scope="module")
def folder(name: str) -> Path:
    """Where it lies."""
    return HERE.parent / f"detection-{name}"


@pytest.fixture(scope="module")
def texts(folder: Path) -> list[dict[str, Any]]:
    """The committed file."""
    return read(folder)


def read(folder: Path) -> list[dict[str, Any]]:
    """The texts of a set."""
    return [json.loads(line) for line in (folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()]


def values(texts: list[dict[str, Any]], entity: str) -> list[str]:
    """What is labelled so."""
    return [
        text["text"][span["start"] : span["end"]]
        for text in texts
        for span in text["spans"]
        if span["entity"] == entity
    ]


def test_texts_are_what_the_generator_makes(name: str, folder: Path) -> None:
    """Nobody edits texts.jsonl by hand."""
    made = runpy.run_path(str(HERE / "generate.py"))[name]()
    lines = (folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()

    assert [json.dumps(text, ensure_ascii=False) for text in made] == lines


def test_every_mark_became_a_label(texts: list[dict[str, Any]]) -> None:
    """A mark that is misspelt would stay in the text and have no label."""
    assert [text["id"] for text in texts if "{" in text["text"] or "}" in text["text"]] == []


def test_labels_hold_a_value_each(texts: list[dict[str, Any]]) -> None:
    """In order, apart from each other, inside the text, and without the space around the value."""
    for text in texts:
        end = 0
        for span in text["spans"]:
            value = text["text"][span["start"] : span["end"]]
            assert end <= span["start"] < span["end"] <= len(text["text"]), text["id"]
            assert value == value.strip(), text["id"]
            end = span["end"]


def test_protected_texts_name_somebody_and_clear_ones_nobody(texts: list[dict[str, Any]]) -> None:
    """A clear text has optional labels alone: nothing in it has to be found."""
    for text in texts:
        needed = [span for span in text["spans"] if not span.get("optional")]
        assert bool(needed) == bool(text["areas"]), text["id"]


def test_the_set_is_as_large_as_its_origin_says(folder: Path, texts: list[dict[str, Any]]) -> None:
    """No id and no text comes twice, or in another set too."""
    sets = (file.parent for file in HERE.parent.glob("detection*/texts.jsonl"))
    others = [text for other in sets if other != folder for text in read(other)]
    sorts = Counter(bool(text["areas"]) for text in texts)
    origin = (folder / "ORIGIN.md").read_text()

    assert any(f"{len(texts)} {what}" in origin for what in ("short texts", "whole mails"))
    assert f"without templates | {sorts[True]} |" in origin
    assert f"likewise | {sorts[False]} |" in origin
    for key in ("id", "text"):
        assert len({text[key] for text in others + texts}) == len(others) + len(texts)


def test_nobody_has_the_values(texts: list[dict[str, Any]]) -> None:
    """Telephones kept for fiction, or within a house; domains kept for examples; SSNs that are never given out."""
    dialled = ["".join(filter(str.isdigit, phone)) for phone in values(texts, "PHONE_NUMBER")]
    assert all("55501" in phone or len(phone) < 6 for phone in dialled)
    assert all(".example" in link or ".test" in link for link in values(texts, "URL") + values(texts, "EMAIL_ADDRESS"))
    assert all(is_nobodys(number) for number in values(texts, "US_SSN") if len(number) == 11)


def is_nobodys(number: str) -> bool:
    """From 900 with a group below 50, or printed in public and voided."""
    return (number[0] == "9" and number[4] < "5") or number in {"078-05-1120", "219-09-9999"}
