"""`gatepost rules`: the tools for those who write rules."""

import typer

from gateway.cli.ruletools import cases, docs, linting, new, replaying, signatures, usage
from gateway.cli.schema import schema

app = typer.Typer(help="Write rules, and trust them.", no_args_is_help=True)
app.command("schema")(schema)


@app.callback()
def rules() -> None:
    """Write rules, and trust them."""


app.command("new")(new.new)
app.command("lint")(linting.lint)
app.command("test")(cases.try_cases)
app.command("replay")(replaying.replay)
app.command("usage")(usage.usage)
app.command("docs")(docs.docs)
app.command("sign")(signatures.sign)
app.command("verify")(signatures.verify)
