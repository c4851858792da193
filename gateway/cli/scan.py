"""`gatepost scan`: what would happen to these messages."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.inspecting import bench
from gateway.cli.output import ConfigOption, Form, FormOption, progress, write, write_json
from gateway.cli.render import scan_lines
from gateway.cli.report import Report, is_held, report
from gateway.cli.sources import STDIN, Input, Kind, inputs

if TYPE_CHECKING:
    from gateway.pipeline import Inspection

Paths = Annotated[
    list[str],
    typer.Argument(help="A message, a folder (each file a message), a Maildir, an mbox, or - (standard input)."),
]
PolicyOption = Annotated[
    Path | None, typer.Option("--policy", help="The policy to use. Default: the configured one.", show_default=False)
]
RevealOption = Annotated[bool, typer.Option("--reveal", help="Show the values found. They are protected data.")]
AsOption = Annotated[Kind, typer.Option("--as", help="What each file is: a message, or the text of one.")]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from", help="Envelope sender, '' for none. Default: an address in the organisation.", show_default=False
    ),
]
ToOption = Annotated[
    list[str] | None,
    typer.Option("--to", help="Envelope recipient; may be repeated. Default: an address outside.", show_default=False),
]


def scan(
    paths: Paths,
    policy: PolicyOption = None,
    form: FormOption = Form.TEXT,
    reveal: RevealOption = False,
    kind: AsOption = Kind.MESSAGE,
    mail_from: FromOption = None,
    to: ToOption = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 5 if a message would not simply be delivered.")
    ] = False,
    config_file: ConfigOption = None,
) -> None:
    """Inspect messages and say what would happen to each; nothing is sent, kept or logged.

    With --format json: JSON Lines, one object a message, in input order.
    """

    def make(inspection: "Inspection", item: Input, elapsed_ms: float) -> Report:
        return report(
            inspection,
            path=item.path,
            index=item.index,
            elapsed_ms=elapsed_ms,
            reveal=reveal,
            place=item.in_file,
            headers=inspection.headers,
        )

    from gateway.config import load_config

    config = load_config(config_file, os.environ)
    held = False
    with (
        bench(config, policy, mail_from, to or [], reveal=reveal) as looking,
        progress("messages", beside_output=True) as advance,
    ):
        for plain in looking.look_at_all(inputs(paths, kind, config.milter.max_message_bytes), make):
            show(plain, form)
            held = held or is_held(plain)
            advance()
    if any(path != STDIN and not os.path.lexists(path) for path in paths):
        raise typer.Exit(Exit.NOT_FOUND)
    if exit_code and held:
        raise typer.Exit(Exit.HELD)


def show(plain: Report, form: Form) -> None:
    """One report on standard output."""
    if form is Form.JSON:
        write_json(plain, indent=None)
        return
    for line in scan_lines(plain):
        write(line)
