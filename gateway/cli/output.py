"""How commands speak: data to standard output as text or JSON, everything else to standard error."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, Protocol

import typer

from gateway.core.errors import SetupError

LONGEST_VALUE = 10_000
LONGEST_LINE = 100_000


class Form(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--format", help="For people, or for programs.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The gatepost.yaml to use. Default: GATEPOST_CONFIG, else /etc/gatepost/gatepost.yaml.",
        show_default=False,
    ),
]


def write(text: str) -> None:
    """A line of data."""
    typer.echo(text)


def write_json(value: object, *, indent: int | None = 2) -> None:
    """A JSON document; on one line where `indent` is None."""
    typer.echo(json.dumps(value, indent=indent))


def say(text: str) -> None:
    """A line for the person at the terminal."""
    typer.echo(text, err=True)


def read_file(file: Path, most: int = -1) -> bytes:
    """A file that the user named, or its first octets. Raises SetupError with its name."""
    try:
        with file.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise SetupError(f"{file}: it cannot be read: {error.strerror}") from None


def printable(text: str) -> str:
    """The text on one line, without what could control a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:LONGEST_VALUE])


def _cell(value: object) -> str:
    """For people, who say yes and no."""
    return ("yes" if value else "no") if isinstance(value, bool) else printable(str(value))


def write_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """Rows under columns. Nothing in them is taken for mark-up, and nothing is cut off where there is no terminal."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    fits = not sys.stdout.isatty() or sum(widths) + 2 * len(widths) <= get_terminal_size().columns
    if fits and not title and all(map(str.isascii, chain(columns, *cells))):
        _write_plainly([columns, *cells], widths)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else LONGEST_LINE)
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*map(escape, row))
    console.print(table)


def _write_plainly(lines: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    """As the library does, in a hundredth of the time: a character is a place wide, and no line has to be broken."""
    head, *rest = ["  ".join(map(str.ljust, line, widths)) for line in lines]
    write(typer.style(head, bold=True))
    for line in rest:
        write(line)


def write_pairs(pairs: Mapping[str, object]) -> None:
    """One `name  value` a line."""
    longest = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        write(f"{name.ljust(longest)}  {_cell(value)}")


class Advance(Protocol):
    """Told of each step of long work, and of how many there are once that is known."""

    def __call__(self, steps: int = 1, total: int | None = None) -> None: ...


@contextmanager
def progress(title: str, *, beside_output: bool = False) -> Iterator[Advance]:
    """A progress bar on standard error for as long as the work lasts; nothing where that is no terminal.

    `beside_output`: the work writes lines as it goes; where these go to a terminal too they are progress enough.
    """
    if not sys.stderr.isatty() or (beside_output and sys.stdout.isatty()):
        yield lambda steps=1, total=None: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(title), total=None)
        yield lambda steps=1, total=None: bar.update(task, advance=steps, total=total)
