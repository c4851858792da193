"""Every trick is found or held; none is delivered without a word.

A kind is a folder with a `table.yaml` (`name: [expected, what it is]`) and `<name>.eml` for each line, of whoever
writes it: `pytest tests/evasion -s` prints what became of them.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.evasion.suite import HERE, Case, inspected, tables

LEAST = 150  # tricks
MOST_HELD = 0.05  # share of those made here that is held and not found


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """All of them, inspected; this takes some ten seconds."""
    return inspected()


def test_every_trick_is_found_or_held(cases: list[Case]) -> None:
    """None is silent."""
    assert [f"{case.kind}/{case.name}: {case.what}" for case in cases if case.outcome == "silent"] == []


def test_tricks_are_found_that_are_said_to_be(cases: list[Case]) -> None:
    """Held is less than found: the rules would treat a partner, a redaction or an encryption differently."""
    less = [case for case in cases if case.expected == "found" and case.outcome != "found"]

    assert [f"{case.kind}/{case.name}: {case.what}" for case in less] == []


def test_at_least_95_of_100_are_found(cases: list[Case]) -> None:
    """Enough of them, over every kind; the table says how many of each."""
    by_kind: dict[str, Counter[str]] = {}
    for case in cases:
        by_kind.setdefault(case.kind, Counter())[case.outcome] += 1
    total = sum(by_kind.values(), Counter())
    print(f"\n{'kind':<14}{'tricks':>8}{'found':>8}{'held':>8}{'silent':>8}")
    for kind, counts in [*sorted(by_kind.items()), ("all", total)]:
        print(f"{kind:<14}{counts.total():>8}{counts['found']:>8}{counts['held']:>8}{counts['silent']:>8}")

    assert total.total() >= LEAST
    assert total["held"] <= MOST_HELD * total.total()


def test_every_message_is_in_a_table_and_every_line_has_a_message() -> None:
    """Nothing lies about that is not tried."""
    for folder, table in tables():
        assert {path.stem for path in folder.glob("*.eml")} == set(table)


def test_the_messages_are_what_their_generator_writes() -> None:
    """Whoever changes a trick writes its message again."""
    words = [sys.executable, "-m", "tests.evasion.generate", "--check"]
    result = subprocess.run(words, cwd=Path(HERE).parents[1], capture_output=True, text=True, check=False)

    assert (result.stdout.strip(), result.stderr) == ("", "")
