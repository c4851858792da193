"""`gatepost maintain`: what must be done now and then, for a timer."""

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write_json, write_pairs
from gateway.config import Config, load_config

if TYPE_CHECKING:
    from gateway.wiring.stored import Stored


def maintain(
    task: Annotated[
        list[str] | None, typer.Argument(help="Only these tasks. Default: all of them.", show_default=False)
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Forget what is out of date, judge keys anew, sweep the store, sign the audit log.

    `serve` does the same every hour by itself. Exit code 6 where a task failed.
    """
    from gateway.store.members import note_upkeep
    from gateway.wiring.stored import opened, upkeep_of
    from gateway.wiring.upkeep import TASKS, alone, run

    wanted = tuple(task or ())
    if unknown := set(wanted) - {known.name for known in TASKS}:
        names = ", ".join(known.name for known in TASKS)
        raise typer.BadParameter(f"there is no task {', '.join(sorted(unknown))}; there are {names}")
    config = load_config(config_file, os.environ)
    tasks = [known for known in TASKS if not wanted or known.name in wanted]
    with opened(config, os.environ) as stored, alone(config.store.folder, stored.engine) as ours:
        if not ours:
            say("somebody else does it at this moment: nothing to do")
            return
        done = list(run(upkeep_of(config, stored, partial(_tell_senders, config, stored)), tasks))
        if not wanted:
            note_upkeep(stored.engine, stored.identity)
    failed = [one for one in done if one.failure is not None]
    if form is Form.JSON:
        write_json({one.task: dict(one.counts) if one.failure is None else {"failed": True} for one in done})
    else:
        write_pairs({one.task: _words(one.counts) for one in done if one.failure is None})
    for one in failed:
        say(f"{one.task}: {one.failure}")
    if failed:
        raise typer.Exit(Exit.UNAVAILABLE)


def _tell_senders(config: Config, stored: "Stored") -> int:
    """In the name that the policy gives; a policy with faults keeps senders waiting, and nothing else."""
    from gateway.cli.ruleset import rules_of
    from gateway.wiring.aftermath import aftermath_of

    return aftermath_of(config, stored, rules_of(config.policy.file).policy.organization).round()


def _words(counts: object) -> str:
    items = counts.items() if isinstance(counts, dict) else ()
    return ", ".join(f"{count} {name}" for name, count in items) or "done"
