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


def test_no_progress_bar_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file is not filled with bars."""
    with progress("items") as advance:
        advance()
        advance(3, 10)

    assert capsys.readouterr() == ("", "")
