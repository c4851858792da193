"""`gatepost exact`: indexes of lists, so that values of one row of a list are known in mail."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader, FileIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from gateway.cli.evidence import record, who
from gateway.cli.output import (
    Advance,
    ConfigOption,
    Form,
    FormOption,
    progress,
    say,
    write,
    write_json,
    write_pairs,
    write_table,
)
from gateway.config import Config, keyring_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.detect.exact.build import Builder, Row, Wanted
    from gateway.detect.exact.days import Order
    from gateway.detect.exact.index import Header
    from gateway.detect.exact.table import BadRow, Table
    from gateway.store.keyring import Keyring

app = typer.Typer(help="Make and examine indexes of lists of your own, such as your patients.", no_args_is_help=True)
PURPOSE = "exact"
AHEAD = 1 << 20  # bytes
LOOK_AHEAD = 2_000  # rows that the order of dates is judged by
MOST_NOTED = 5
EVERY = 1_000  # rows between two steps of the progress bar
IndexPath = Annotated[Path, typer.Argument(metavar="INDEX", help="The file that `exact build` made.")]


@app.command()
def build(
    source: Annotated[str, typer.Argument(metavar="LIST", help="A file of separated values (CSV), or - .")],
    columns: Annotated[
        str,
        typer.Option(
            help="What to index: NAME=COLUMN,… with their titles, or numbers from 1. Names that tell what a column is:"
            " family, given, middle, maiden, name (whole), born, died, date, mrn, account, member, ssn, id, phone,"
            " mobile, fax, email, street, zip, city, employer. Any other as NAME:KIND=COLUMN, kind one of name, names,"
            " date, id, phone, email, street, zip, words.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Default: exact/LIST.index in store.folder.", show_default=False),
    ] = None,
    separator: Annotated[str, typer.Option(help="comma, semicolon, tab, bar, or as it is.", show_default="seen")] = "",
    encoding: Annotated[str, typer.Option(help="Such as utf-8 or windows-1252.", show_default="seen")] = "",
    header: Annotated[bool, typer.Option("--header/--no-header", help="The first line has titles.")] = True,
    dates: Annotated[str, typer.Option(help="Order of 03/04/1984: mdy or dmy.", show_default="seen")] = "",
    calling_code: Annotated[
        str, typer.Option(help="Country calling code of numbers without one.", metavar="CODE")
    ] = "1",
    tolerate: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of rows, and of values of a column, that may be unusable.")
    ] = 1.0,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Make the index of a list: keyed hashes, no readable value. An index of that name is replaced in one step.

    Rows that cannot be used are told with their lines and left out. docs/exact-match.md shows all of it.
    """
    from gateway.audit import events
    from gateway.store.keyring import Keyring

    config = load_config(config_file, os.environ)
    keyring = Keyring.load(keyring_file(config, os.environ))
    wanted, sources = _wanted(columns)
    path = output or config.store.folder / "exact" / f"{Path(source).stem if source != '-' else 'list'}.index"
    with _opened(source) as file:
        from gateway.detect.exact.table import Table

        table = Table(file, sources, encoding=encoding, separator=separator, has_header=header)
        rows = table.rows()
        first = list(islice(rows, LOOK_AHEAD))
        order = _order(dates, wanted, first)
        with _builder(wanted, keyring, order, calling_code) as builder, progress("rows") as advance:
            bad = _feed(builder, chain(first, rows), advance)
            problems = _problems(builder, bad, tolerate)
            for line in (*_complaints(builder, bad), *problems):
                say(line)
            if problems:
                raise SetupError("no index was made: mend the list or the options, or raise --tolerate")
            made = _write(builder, path)
    record(config, keyring, events.index_built(index=path.name, digest=made.digest, rows=made.rows, by=who()))
    _show_built(made, path, table, len(bad), form)


def _wanted(text: str) -> tuple[list["Wanted"], dict[str, str]]:
    """Columns to index, and where each comes from."""
    from gateway.detect.exact.build import Wanted
    from gateway.detect.exact.kinds import KINDS_OF_COLUMNS, Kind

    wanted, sources = [], {}
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        told, _, source = entry.partition("=")
        name, _, kind = (word.strip() for word in told.partition(":"))
        if not name.isidentifier() or not source.strip():
            raise typer.BadParameter(f'"{entry}" is not NAME=COLUMN', param_hint="--columns")
        if name in sources:
            raise typer.BadParameter(f'"{name}" stands there twice', param_hint="--columns")
        if kind not in {"", *Kind} or (not kind and name not in KINDS_OF_COLUMNS):
            kinds = ", ".join(Kind)
            raise typer.BadParameter(f'say what "{name}" is: {name}:KIND=…, one of {kinds}', param_hint="--columns")
        wanted.append(Wanted(name, Kind(kind) if kind else KINDS_OF_COLUMNS[name]))
        sources[name] = source.strip()
    if len(wanted) < 2 and not any(column.kind is Kind.NAMES for column in wanted):
        raise typer.BadParameter("name two columns at least: one value says nothing", param_hint="--columns")
    return wanted, sources


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield cast("BinaryIO", BufferedReader(cast("FileIO", sys.stdin.buffer), AHEAD))
        return
    with Path(source).open("rb", buffering=AHEAD) as file:
        yield file


def _order(dates: str, wanted: list["Wanted"], first: list["Row | BadRow"]) -> "Order":
    """As told, or as the first rows show it. Raises SetupError where they do not."""
    from gateway.detect.exact.build import Row
    from gateway.detect.exact.days import Order, orders_shown
    from gateway.detect.exact.kinds import Kind

    if dates:
        if dates not in {Order.MONTH_FIRST, Order.DAY_FIRST}:
            raise typer.BadParameter("must be mdy or dmy", param_hint="--dates")
        return Order(dates)
    names = [column.name for column in wanted if column.kind is Kind.DATE]
    values = [row.values[name] for row in first if isinstance(row, Row) for name in names]
    month_first, day_first, both = orders_shown(values)
    if month_first and day_first:
        raise SetupError("some dates of the list are month first, some day first: mend it, or give --dates")
    if both and not month_first and not day_first:
        raise SetupError("the dates of the list may be month first or day first: give --dates mdy or --dates dmy")
    return Order.DAY_FIRST if day_first else Order.MONTH_FIRST


def _builder(wanted: list["Wanted"], keyring: "Keyring", order: "Order", calling: str) -> "Builder":
    from secrets import token_hex

    from gateway.detect.exact.build import Builder
    from gateway.detect.exact.kinds import Ways

    calling = calling.removeprefix("+")
    if not calling.isdecimal() or len(calling) > 3:
        raise typer.BadParameter("must be a number such as 1 or 44", param_hint="--calling-code")
    return Builder(wanted, keyring.derive(PURPOSE), token_hex(16), Ways(order, calling), most_noted=MOST_NOTED)


def _feed(builder: "Builder", rows: "Iterator[Row | BadRow]", advance: Advance) -> list["BadRow"]:
    """All rows into the builder; those that are left out."""
    from gateway.detect.exact.table import BadRow

    bad: list[BadRow] = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, BadRow):
            bad.append(row)
        elif not builder.add(row):
            bad.append(BadRow(row.line, "it has fewer than two values to be known by"))
        if number % EVERY == 0:
            advance(EVERY)
    return bad


def _complaints(builder: "Builder", bad: list["BadRow"]) -> Iterator[str]:
    for row in bad[:MOST_NOTED]:
        yield f"line {row.line}: left out: {row.why}"
    if len(bad) > MOST_NOTED:
        yield f"and {len(bad) - MOST_NOTED} more rows are left out"
    for name, count in builder.unread.items():
        lines = ", ".join(map(str, builder.unusable[name])) + (", …" if count > MOST_NOTED else "")
        yield f"{name}: {count} of {builder.given[name]} values cannot be used (lines {lines})"


def _problems(builder: "Builder", bad: list["BadRow"], tolerate: float) -> list[str]:
    """What is beyond the share that may be unusable."""
    rows = builder.rows + len(bad)
    problems = []
    if 100 * len(bad) > tolerate * rows:
        problems.append(f"{len(bad)} of {rows} rows are unusable, more than {tolerate:g} %")
    problems.extend(
        f"{name}: more than {tolerate:g} % of its values are unusable: is it the right column, the right kind?"
        for name, count in builder.unread.items()
        if 100 * count > tolerate * builder.given[name]
    )
    return problems


def _write(builder: "Builder", path: Path) -> "Header":
    from gateway.store.durable import make_folder, new_file, publish

    make_folder(path.parent)
    with new_file(path) as (file, temporary):
        header = builder.write(file, datetime.now(UTC).isoformat(timespec="seconds"))
    publish(temporary, path)
    return header


def _show_built(made: "Header", path: Path, table: "Table", left_out: int, form: Form) -> None:
    if form is Form.JSON:
        write_json({**_plain(made, path), "left_out": left_out})
        return
    _show(made, path)
    say(
        f"Read as {table.layout.encoding}, separated by {table.layout.separator!r}, dates {made.order}."
        f" {left_out} rows left out."
    )
    say(f"A detector names it with `engine: exact` and `index: {path}`. A running gateway takes it at its next reload.")


@app.command()
def show(index: IndexPath, form: FormOption = Form.TEXT) -> None:
    """Show what an index is made of: columns and counts. It has no readable value, and this needs no key."""
    header = _header(index)
    write_json(_plain(header, index)) if form is Form.JSON else _show(header, index)


@app.command()
def verify(index: IndexPath, config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Read all of an index; exit code 3 where it is damaged, or was made with another keyring."""
    from gateway.cli.exits import Exit
    from gateway.detect.exact.index import Index, IndexRefused, check_body

    key = _key(load_config(config_file, os.environ))
    _header(index)
    try:
        Index(index, key)
        header = check_body(index)
    except IndexRefused as refused:
        if form is Form.JSON:
            write_json({"ok": False, "index": str(index), "why": str(refused)})
        else:
            write(f"BROKEN  {index}: {refused}")
        raise typer.Exit(Exit.BROKEN) from None
    shown = {"ok": True, "index": str(index), "digest": header.digest, "rows": header.rows}
    write_json(shown) if form is Form.JSON else write_pairs({**shown, "ok": "the index is whole and yours"})


@app.command("test")
def try_text(
    index: IndexPath,
    columns: Annotated[
        str, typer.Option(help="Only these, as a detector would ask.", metavar="NAME,…", show_default="any two")
    ] = "",
    within: Annotated[int, typer.Option(min=1, max=10_000, help="Characters between first and last value.")] = 300,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Read a text from standard input and say which values of it stand in one row, without showing them.

    A value is never taken from the command line, where other users and the shell's history would have it.
    """
    from gateway.cli.exits import Exit
    from gateway.detect.exact.trial import trials

    key = _key(load_config(config_file, os.environ))
    asked = [name.strip() for name in columns.split(",") if name.strip()]
    if sys.stdin.isatty():
        say("Type or paste the text, then Ctrl-D.")
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    found = list(trials(index, key, asked, within, text))
    if form is Form.JSON:
        write_json([{"columns": list(f.columns), "start": f.start, "end": f.end, "why": list(f.why)} for f in found])
    else:
        for f in found:
            write(f"{f.start}-{f.end}  {f.confidence}  {'; '.join(f.why)}")
        if not found:
            write("no two values of one row stand in it")
    if not found:
        raise typer.Exit(Exit.NOT_FOUND)


def _key(config: Config) -> bytes:
    from gateway.store.keyring import Keyring

    return Keyring.load(keyring_file(config, os.environ)).derive(PURPOSE)


def _header(index: Path) -> "Header":
    from gateway.detect.exact.index import IndexRefused, read_header

    try:
        return read_header(index)
    except IndexRefused as refused:
        raise SetupError(f"{index}: {refused}") from None


def _plain(header: "Header", path: Path) -> dict[str, Any]:
    columns = [
        {"name": c.name, "kind": c.kind.value, "filled": c.filled, "distinct": c.distinct, "most_alike": c.widest}
        for c in header.columns
    ]
    return {
        "index": str(path),
        "digest": header.digest,
        "created": header.created,
        "rows": header.rows,
        "bytes": path.stat().st_size,
        "dates": header.order,
        "calling_code": header.calling,
        "columns": columns,
    }


def _show(header: "Header", path: Path) -> None:
    plain = _plain(header, path)
    columns = plain.pop("columns")
    write_pairs(plain)
    write("")
    write_table(("column", "kind", "filled", "distinct", "most alike"), [tuple(column.values()) for column in columns])
