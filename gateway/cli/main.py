"""The commands of `gatepost`, in one list, and how their failures become exit codes."""

import atexit
import errno
import gc
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gateway.cli import version
from gateway.cli.exits import Exit, exit_of
from gateway.cli.output import say
from gateway.core.errors import GatepostError
from gateway.logs import places

_NEW_OBJECTS = 50_000  # between two looks for rubbish: a start makes hundreds of thousands of objects, and none is any

# In the order of the help. A command is imported when it is asked for: all of them together take half a second.
_PLACES = {
    "serve": "serve:serve",
    "console": "console:console",
    "portal": "portal:portal",
    "scan": "scan:scan",
    "explain": "explain:explain",
    "quarantine": "quarantine:app",
    "pickups": "pickups:app",
    "audit": "audit:app",
    "webhooks": "webhooks:app",
    "notices": "notices:app",
    "report": "reporting:app",
    "keys": "keys:app",
    "gateways": "gateways:app",
    "recipients": "recipients:app",
    "policy": "policy:app",
    "postfix": "postfix:app",
    "doctor": "doctor:doctor",
    "maintain": "maintain:maintain",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "store": "store:app",
    "detect": "detect:app",
    "exact": "exact:app",
    "fingerprint": "fingerprint:app",
    "rules": "rules:app",
    "users": "users:app",
    "config": "config:app",
    "demo": "demo:demo",
    "version": "version:version",
}


class _OnDemand(dict[str, Any]):
    """Commands by name, each made when it is first looked at."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_PLACES))

    def __getitem__(self, name: str) -> Any:
        made = super().__getitem__(name)
        if made is None:
            made = self[name] = _made(name)
        return made

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - that would not make it

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


def _made(name: str) -> Any:
    module, _, attribute = _PLACES[name].partition(":")
    found = getattr(import_module(f"gateway.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)


class Commands(TyperGroup):
    """Every failure that has a name becomes its exit code and plain words on standard error."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": _OnDemand()})

    def list_commands(self, ctx: Any) -> list[str]:
        """Without making any of them."""
        return list(self.commands)

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


def run() -> None:
    """The entry point of the command. Ends the process."""
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)  # at the end nothing is looked for in what ends anyway
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a character is no failure
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the text of an unforeseen exception may hold content
        say(f"gatepost: a bug of ours: {type(error).__name__} at {places(error)}")
        sys.exit(Exit.BUG)
