"""Explanations of held messages: not made anew, and in words for reviewers."""

import pytest

from gateway.desk.reading import KEPT_WHYS, Why, Whys, without_way


def explained(policy: str) -> Why:
    """An explanation that says nothing but by which rules."""
    return Why(policy, (), (), (), 0, (), ())


def refuse() -> Why:
    """For one that has to be known already."""
    raise AssertionError("it was made again")


def test_an_explanation_is_kept_for_as_long_as_the_rules_are_the_same() -> None:
    """Other rules may say something else of the same message."""
    whys = Whys()
    made = whys.of("item", "old", lambda: explained("old"))

    assert whys.of("item", "old", refuse) is made
    assert whys.of("item", "new", lambda: explained("new")).policy == "new"


def test_only_the_last_explanations_are_kept() -> None:
    """They are of messages that people look at, a few at a time."""
    whys = Whys()
    for number in range(KEPT_WHYS + 1):
        whys.of(f"item {number}", "rules", lambda: explained("rules"))
    again = explained("rules")

    assert whys.of("item 0", "rules", lambda: again) is again
    assert whys.of(f"item {KEPT_WHYS}", "rules", refuse) is not again


def test_what_is_known_of_a_message_goes_with_it_under_whatever_rules() -> None:
    """Nothing of it stays in memory once it was destroyed."""
    whys = Whys()
    for policy in ("old", "new"):
        whys.of("item", policy, lambda: explained("rules"))
    whys.forget("item")
    again = explained("rules")

    assert whys.of("item", "old", lambda: again) is again
    assert whys.of("item", "new", lambda: again) is again


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("a term of ../../models/health-lexicon/terms.txt", "a term of health-lexicon/terms.txt"),
        ("words of ../lists/own.txt: 'a'", "words of lists/own.txt: 'a'"),
        ("context word 'and/or' 3 characters before", "context word 'and/or' 3 characters before"),
    ],
)
def test_a_reason_names_a_word_list_and_no_way_through_folders(reason: str, said: str) -> None:
    """A reviewer has nothing of where it lies."""
    assert without_way(reason) == said
