"""`gatepost rules`: the tools for those who write rules."""

import typer

from gateway.cli.ruletools import cases, linting
from gateway.cli.schema import schema

app = typer.Typer(help="Write rules, and trust them.", no_args_is_help=True)
app.command("schema")(schema)


@app.callback()
def rules() -> None:
    """Write rules, and trust them."""


app.command("lint")(linting.lint)
app.command("test")(cases.try_cases)
