"""`gatepost doctor`: what would let mail pass unseen, or lose it?"""

import os
import shutil
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, say, write, write_json
from gateway.config import configuration_file, load_config
from gateway.core.errors import SetupError

if TYPE_CHECKING:
    from gateway.doctor import Machine, Severity, Trouble
    from gateway.postfix import PostfixTools

NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL = 0, 1, 2


class Report(StrEnum):
    """For people, for programs, or one line with the exit codes of a monitoring plug-in."""

    TEXT = "text"
    JSON = "json"
    NAGIOS = "nagios"


def doctor(
    config_file: ConfigOption = None,
    postfix_config: Annotated[
        Path | None,
        typer.Option(help="Folder of main.cf and master.cf. Default: what postconf says.", show_default=False),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(help="A check to leave out, since you know of it and it is meant so.", show_default=False),
    ] = None,
    textfile: Annotated[
        Path | None,
        typer.Option(
            help="Also write metrics to this file, for node_exporter's textfile collector.", show_default=False
        ),
    ] = None,
    form: Annotated[
        Report, typer.Option("--format", help="For people, for programs, or for monitoring.")
    ] = Report.TEXT,
) -> None:
    """Look for what would let mail pass unseen, lose it or let it stand still. Changes nothing.

    Exit code 0: all is well; 9: warnings; 10: something critical. With --format nagios: 0, 1, 2.
    """
    try:
        machine, troubles, asked = _examined(config_file, postfix_config, tuple(skip or ()))
    except SetupError as error:
        if form is not Report.NAGIOS:
            raise
        write(f"GATEPOST CRITICAL - {str(error).splitlines()[0]}")
        raise typer.Exit(NAGIOS_CRITICAL) from None
    if textfile is not None:
        from gateway.doctor.textfile import write_metrics

        write_metrics(textfile, troubles, asked, machine.clock())
    worst = max((trouble.found.severity for trouble in troubles), default=None)
    if form is Report.JSON:
        write_json({"ok": not troubles, "checks": len(asked), "troubles": [_plain(trouble) for trouble in troubles]})
    elif form is Report.NAGIOS:
        write(_line(troubles, len(asked)))
        raise typer.Exit(_nagios(worst))
    else:
        _show(machine, troubles, len(asked))
    if worst is not None:
        raise typer.Exit(Exit.ILL if worst.word == "critical" else Exit.AILING)


def _examined(
    config_file: Path | None, postfix_config: Path | None, skip: Sequence[str]
) -> "tuple[Machine, list[Trouble], list[str]]":
    """The machine, what is wrong with it, and the names of the checks that were asked."""
    from gateway.cli.ruleset import kept
    from gateway.detect.database import keep_on
    from gateway.doctor import Machine, examine
    from gateway.doctor.table import CHECKS

    if unknown := set(skip) - {check.id for check in CHECKS}:
        raise typer.BadParameter(f"there is no check {', '.join(sorted(unknown))}", param_hint="--skip")
    config = load_config(config_file, os.environ)
    shelf = kept()
    keep_on(shelf)
    machine = Machine(config, configuration_file(config_file, os.environ), _postfix(postfix_config), proofs=shelf)
    checks = [check for check in CHECKS if check.id not in skip]
    return machine, examine(machine, checks), [check.id for check in checks]


def _postfix(folder: Path | None) -> "PostfixTools | None":
    """The Postfix named, else the one of this machine, else none."""
    from gateway.postfix import PostfixTools, PostfixUnusable
    from gateway.postfix.tools import default_folder

    if folder is not None:
        return PostfixTools(folder.resolve())
    if shutil.which("postconf") is None:
        return None
    try:
        found = default_folder()
    except PostfixUnusable:
        return None
    return PostfixTools(found) if (found / "main.cf").is_file() else None


def _show(machine: "Machine", troubles: "Sequence[Trouble]", asked: int) -> None:
    for trouble in troubles:
        found = trouble.found
        write(f"{found.severity.word.upper():8}  {trouble.check}  {found.place}")
        write(f"          {found.reason}")
        write(f"          do: {found.remedy}")
    if not troubles:
        write(f"all is well: {asked} checks")
    if machine.postfix is None:
        say("There is no Postfix configuration here, so none was looked at; name one with --postfix-config.")


def _plain(trouble: "Trouble") -> dict[str, str]:
    found = trouble.found
    return {
        "check": trouble.check,
        "severity": found.severity.word,
        "place": found.place,
        "reason": found.reason,
        "remedy": found.remedy,
    }


def _nagios(worst: "Severity | None") -> int:
    if worst is None:
        return NAGIOS_OK
    return NAGIOS_CRITICAL if worst.word == "critical" else NAGIOS_WARNING


def _line(troubles: "Sequence[Trouble]", asked: int) -> str:
    """Status, first trouble, performance data, as plug-ins of Nagios and its kin write them."""
    counts = {word: sum(t.found.severity.word == word for t in troubles) for word in ("critical", "warning")}
    state = next((word.upper() for word, count in counts.items() if count), "OK")
    ranked = sorted(troubles, key=lambda t: -t.found.severity)
    first = f": {ranked[0].check}: {ranked[0].found.reason}".replace("|", "/") if ranked else ""
    told = f"{counts['critical']} critical, {counts['warning']} warnings of {asked} checks{first}"
    return f"GATEPOST {state} - {told} | critical={counts['critical']} warning={counts['warning']}"
