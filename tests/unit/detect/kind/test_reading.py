"""What stands around a number is read as a person reads it: the nearest words first."""

import pytest

from gateway.detect.kind.reading import features, is_cell


def read(text: str, value: str) -> dict[str, float]:
    at = text.index(value)
    return features(text, at, at + len(value), label_alone=True)


def test_a_word_right_before_a_number_tells_more_than_one_some_words_away() -> None:
    read_of = read("your claim we had about that long visit on Monday here under member no. 7741-20", "7741-20")

    assert read_of["first member"] > read_of["some visit"] > read_of["far claim"]


def test_a_word_before_another_number_tells_little() -> None:
    read_of = read("member 55-10288, claim 7741-20", "7741-20")

    assert "near claim" in read_of
    assert "beyond member" in read_of
    assert "near member" not in read_of


def test_the_label_of_a_list_of_numbers_is_that_of_each() -> None:
    read_of = read("claims 88-1204, 88-1205 and 88-1207 were denied", "88-1207")

    assert "first claim" in read_of


def test_the_label_of_one_number_is_not_that_of_another_of_other_form() -> None:
    read_of = read("claim 88-1204, PX4471820", "PX4471820")

    assert "first claim" not in read_of


def test_a_word_for_a_number_is_read_beside_its_label() -> None:
    read_of = read("subscriber id: 7741-20", "7741-20")

    assert {"called id", "first subscriber"} <= set(read_of)


def test_a_label_behind_the_number_is_read_up_to_the_next_mark() -> None:
    read_of = read("7741-20 (chart), member since May", "7741-20")

    assert "brackets chart" in read_of
    assert "behind member" not in read_of


def test_half_a_word_at_the_edge_of_what_is_read_is_left_out() -> None:
    text = "subscriber" + " x" * 42 + " 7741-20"

    assert not any("scriber" in name for name in read(text, "7741-20"))


@pytest.mark.parametrize("around", ["| {} |", "a,{},b", 'a,"{}","b"', "a;{};b"])
def test_a_number_between_separators_is_a_cell(around: str) -> None:
    at = around.index("{")

    assert is_cell(around.format("7741-20"), at, at + 7)


@pytest.mark.parametrize("around", ["claims 1, {}, 3", "mrn {}", "member ({})", "a | {}"])
def test_a_number_in_a_sentence_is_none(around: str) -> None:
    at = around.index("{")

    assert not is_cell(around.format("7741-20"), at, at + 7)


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("our no. 7741-20", "whose our"),
        ("with you it is 7741-20", "whose your"),
        ("you asked; their chart 7741-20", "whose their"),
        ("7741-20 with us", "whose behind"),
    ],
)
def test_in_whose_books_a_number_stands_is_read(text: str, whose: str) -> None:
    assert whose in read(text, "7741-20")


@pytest.mark.parametrize("text", ["Our party is on Friday. Chart 7741-20", "our 5510288, chart 7741-20"])
def test_whose_number_another_one_is_says_nothing(text: str) -> None:
    assert not any(name.startswith("whose") for name in read(text, "7741-20"))
