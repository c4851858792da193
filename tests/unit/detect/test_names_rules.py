"""Names that their writing gives away: labels, ages, rooms, relations, rows, and a list of given names."""

import time

import pytest

from gateway.detect.names import gazetteer, rows, rules

GIVEN = frozenset({"mila", "keiko", "tyrell", "esteban", "anna"})


def _found(text: str) -> list[str]:
    return sorted({text[mark.start : mark.end] for mark in rules.marks(text, 0, len(text), GIVEN)})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Roe, R. 58M asthma", ["Roe, R."]),
        ("Jane Roe (44 y/o) with asthma", ["Jane Roe"]),
        ("room 5 = Roe, asthma. room 7 - Doe, npo", ["Doe", "Roe"]),
        ("Bed 12 Roe needs a refill", ["Roe"]),
        ("Caller: Jane Roe   Callback later", ["Jane Roe"]),
        ("First name Jane\nLast name\tRoe", ["Jane", "Roe"]),
        ("patient name: jane roe", ["jane roe"]),
        ("a boy named Jonas Roe", ["Jonas Roe"]),
        ("Jane Roe here. Is it safe?", ["Jane Roe"]),
        ("Hi, this is Jane Roe, my cough is back", ["Jane Roe"]),
        ("my daughter Jane has a rash", ["Jane"]),
        ("Great-aunt Jane Roe, 91, fell", ["Jane Roe"]),
        ("u see ms roe yet", ["roe"]),
        ("call keiko roe back", ["keiko roe"]),
        ("its tyrell j. roe from monday", ["tyrell j. roe"]),
        ("is it ok for mila to run", ["mila"]),
        ("a word about ROE, ESTEBAN: he is frail", ["ROE, ESTEBAN"]),
        ("mila's fever is back", ["mila"]),
        ("Rm 6 (J.R.): wound leaks", ["J.R."]),
        ("client J.R. told of panic", ["J.R."]),
        ("JR in 22B pulled the line", ["JR"]),
        ("J.R. bed 3: tachy", ["J.R."]),
        ("clinic - JR, 6 wks, vomits", ["JR"]),
        ("twins of the Roe family", ["Roe"]),
        ("Jane Roe rm 4 is 7 cm", ["Jane Roe"]),
        ("Roe in 412B, K+ 2.9", ["Roe"]),
        ("hi its me keiko, the cramps are back", ["keiko"]),
    ],
)
def test_names_are_found_without_a_model(text: str, names: list[str]) -> None:
    """Each way of writing, with the offsets of the name alone."""
    assert _found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "room 5 = empty, bed 7 is free",
        "Held in 2024, Room 12",
        "the delay is 5 ms longer than before",
        "this is The Clinic calling",
        "my daughter Has asthma",
        "a file named in the log",
        "Room 12 and Room 14 on Monday",
        "the annals of anna",
        "MILA stands for a protocol",
        "In 2019, 45 years of age",
        "Friday, June 12 years later",
        "PT in 5 days, CT in the morning",
        "the sick family came",
    ],
)
def test_words_beside_the_same_things_are_no_names(text: str) -> None:
    """Near misses: a unit, a month, a verb, an abbreviation."""
    assert set(_found(text)) <= {"anna"} if "anna" in text else _found(text) == []


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("| Jane Roe | 210 | 03/04/1961 | none |", ["Jane Roe"]),
        ('"Roe","Jane","6/1/40","KY811650910","I10"', ["Roe", "Jane"]),
        ("Roe, Jane\t1961-03-04\tE11.9", ["Roe, Jane"]),
        ("Roe, Jane      07/01/1939   3300192    asthma", ["Roe, Jane"]),
        ("Jane Roe; 3300192; asthma", ["Jane Roe"]),
        ("Alpha | beta | gamma", []),
        ("Widget,Blue Large,12,3.50", []),
        ("Total: 12 | of: 14 | left: 2", []),
    ],
)
def test_row_with_a_fact_beside_a_name_is_of_a_person(row: str, names: list[str]) -> None:
    """A cell with a date, a number or a code, and one that can be a name; no name without the fact."""
    assert [row[start:end] for start, end in rows.names(row, 0, len(row))] == names


def test_given_names_need_a_list() -> None:
    """Without one nothing is looked up."""
    assert list(gazetteer.names("call keiko roe back", 0, 19, frozenset())) == []


@pytest.mark.parametrize("piece", ["Mila ", "MILA, ", '"Roe","', "room 1 = ", " " * 40 + "it's ", "Roe, R. 1", "| A "])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """Twice the text, about twice the time: no rule backtracks."""
    text = piece * 20_000

    def seconds(length: int) -> float:
        begun = time.process_time()
        list(rules.marks(text, 0, length, GIVEN))
        return time.process_time() - begun

    short, long = min(seconds(len(text) // 4) for _ in range(2)), seconds(len(text))

    assert long < 12 * short + 0.2
