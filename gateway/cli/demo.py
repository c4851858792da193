"""`gatepost demo`: a clinic's day through a private Postfix."""

from typing import Annotated

import typer


def demo(
    stay: Annotated[bool, typer.Option("--stay", help="Keep everything up until Ctrl-C.")] = False,
) -> None:
    """Send a made-up clinic's day through a private Postfix, show what happened to each message, stop it all."""
    from gateway.demo import run

    raise typer.Exit(run(stay=stay))
