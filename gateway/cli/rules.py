"""`gatepost rules`: do the rules do what their cases say?"""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, progress, say, write_json, write_table
from gateway.cli.scan import PolicyOption
from gateway.cli.schema import schema
from gateway.config import load_config

if TYPE_CHECKING:
    from gateway.casework import Result

app = typer.Typer(help="Try the rules on their cases.", no_args_is_help=True)
app.command("schema")(schema)


@app.callback()
def rules() -> None:
    """Try the rules on their cases."""


@app.command("test")
def try_cases(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE]...", help="Default: all rules.", show_default=False)
    ] = None,
    policy: PolicyOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Run the messages of `cases/<rule-id>/` beside the policy through it; exit code 3 where one comes out differently.

    With --format json: JSON Lines, one object a case.
    """
    from gateway.app import notices_of
    from gateway.casework import Casework, case_files
    from gateway.cli.ruleset import rules_of

    config = load_config(config_file, os.environ)
    chosen = policy or config.policy.file
    ruleset = rules_of(chosen)
    folder = chosen.parent / "cases"
    files = case_files(folder, names or ())
    _refuse_unknown(names or [], {rule.id for rule in ruleset.policy.rules}, files, folder)
    casework = Casework(ruleset, notices_of(ruleset), config.limits.core())
    results = []
    with progress("cases") as advance:
        for path in files:
            results.append(casework.try_case(path))
            advance(1, len(files))
    _show(results, form)
    failed = sum(not result.ok for result in results)
    say(f"{len(results)} cases of {len({result.rule for result in results})} rules, {failed} not as expected")
    if failed:
        raise typer.Exit(Exit.BROKEN)


def _show(results: "list[Result]", form: Form) -> None:
    if form is Form.JSON:
        for result in results:
            write_json({**asdict(result), "ok": result.ok}, indent=None)
        return
    rows = [
        ("ok" if result.ok else "FAILED", result.rule, result.case, result.outcome, "; ".join(result.problems))
        for result in results
    ]
    write_table(("", "rule", "case", "outcome", "what is wrong"), rows)


def _refuse_unknown(names: list[str], known: set[str], files: tuple[Path, ...], folder: Path) -> None:
    """A rule that is misspelt or has no case must not pass for one that proved itself."""
    from gateway.documents import nearest

    tried = {path.parent.name for path in files}
    for name in names:
        if name not in known:
            close = nearest(name, known)
            say(f"{name}: there is no such rule{f': did you mean {close}?' if close else ''}")
        elif name not in tried:
            say(f"{name}: there are no cases in {folder / name}")
    if not files or not set(names) <= known & tried:
        if not names:
            say(f"{folder}: there are no cases")
        raise typer.Exit(Exit.NOT_FOUND)
