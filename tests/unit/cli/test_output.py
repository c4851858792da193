"""How commands speak: nothing can control the terminal, tables stay whole, bars stay out of pipes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.output import printable, progress, write_pairs, write_table


@given(st.text())
def test_printable_text_is_one_line_without_control_characters(text: str) -> None:
    """Whatever it was."""
    assert printable(text).isprintable()


def test_tables_take_no_mark_up_and_cut_nothing_off(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule called [red] is shown as that; a long value stays on its line in a pipe."""
    write_table(("rule", "value"), [("[red]x[/red]", "y" * 300)])

    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["rule", "value"]
    assert row.split() == ["[red]x[/red]", "y" * 300]


def test_pairs_stand_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Names padded to the longest."""
    write_pairs({"a": 1, "long": "x\ny"})

    assert capsys.readouterr().out == "a     1\nlong  x\N{REPLACEMENT CHARACTER}y\n"


def test_what_is_so_or_not_is_said_as_people_do(capsys: pytest.CaptureFixture[str]) -> None:
    """A list of people showed False under "second factor"."""
    write_table(("name", "factor"), [("ann", True), ("bob", False)])
    write_pairs({"sealed": False})

    assert capsys.readouterr().out.split()[2:] == ["ann", "yes", "bob", "no", "sealed", "no"]


def test_no_progress_bar_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file is not filled with bars."""
    with progress("items") as advance:
        advance()
        advance(3, 10)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("wide", ["", "\N{CJK UNIFIED IDEOGRAPH-4E2D}"])
def test_columns_stand_below_one_another(capsys: pytest.CaptureFixture[str], wide: str) -> None:
    """In either way that a table is written, and at the end of a line as within it."""
    write_table(("a", "rule"), [("ok", "x" * 10), ("", f"y{wide}")])

    head, first, second = capsys.readouterr().out.splitlines()
    assert (head, first) == ("a   rule      ", "ok  " + "x" * 10)
    assert second.rstrip() == f"    y{wide}"


def test_a_table_that_does_not_fit_the_terminal_is_broken_within_its_cells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty places for eighty: no line is longer, and nothing is lost; where it fits, each row is a line."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")

    write_table(("rule", "value"), [("r", "y" * 80)])
    write_table(("rule", "value"), [("r", "z" * 40)])

    lines = capsys.readouterr().out.splitlines()
    assert sum(line.count("y") for line in lines) == 80
    assert max(line.count("y") for line in lines) < 60
    assert [line.count("z") for line in lines if "z" in line] == [40]
