"""The commands of `gatepost`, in one list, and how their failures become exit codes."""

import errno
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway.cli import (
    audit,
    backup,
    config,
    console,
    demo,
    detect,
    doctor,
    exact,
    explain,
    fingerprint,
    gateways,
    keys,
    maintain,
    notices,
    policy,
    postfix,
    quarantine,
    recipients,
    reporting,
    rules,
    scan,
    serve,
    users,
    version,
    webhooks,
)
from gateway.cli.exits import Exit, exit_of
from gateway.cli.output import say
from gateway.core.errors import GatepostError
from gateway.logs import places


class Commands(TyperGroup):
    """Every failure that has a name becomes its exit code and plain words on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except GatepostError as error:
            say(str(error))
            raise typer.Exit(exit_of(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            say(f"{error.filename or 'the system'}: {error.strerror or type(error).__name__}")
            raise typer.Exit(Exit.UNAVAILABLE) from None


app = typer.Typer(
    name="gatepost",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Outbound mail filter for Postfix: finds protected data, decides by rules, leaves evidence.",
)


@app.callback()
def gatepost(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=version.print_and_exit, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Outbound mail filter for Postfix: finds protected data, decides by rules, leaves evidence."""


app.command()(serve.serve)
app.command()(console.console)
app.command()(scan.scan)
app.command()(explain.explain)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(audit.app, name="audit")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(notices.app, name="notices")
app.add_typer(reporting.app, name="report")
app.add_typer(keys.app, name="keys")
app.add_typer(gateways.app, name="gateways")
app.add_typer(recipients.app, name="recipients")
app.add_typer(policy.app, name="policy")
app.add_typer(postfix.app, name="postfix")
app.command()(doctor.doctor)
app.command()(maintain.maintain)
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(detect.app, name="detect")
app.add_typer(exact.app, name="exact")
app.add_typer(fingerprint.app, name="fingerprint")
app.add_typer(rules.app, name="rules")
app.add_typer(users.app, name="users")
app.add_typer(config.app, name="config")
app.command()(demo.demo)
app.command()(version.version)


def run() -> None:
    """The entry point of the command. Ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a character is no failure
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the text of an unforeseen exception may hold content
        say(f"gatepost: a bug of ours: {type(error).__name__} at {places(error)}")
        sys.exit(Exit.BUG)
