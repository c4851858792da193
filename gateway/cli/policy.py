"""`gatepost policy`: is the rule set sound?"""

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, write_json, write_pairs
from gateway.config import load_config
from gateway.core.errors import FaultyFiles

app = typer.Typer(help="Check the policy.", no_args_is_help=True)


@app.callback()
def policy() -> None:
    """Check the policy."""


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="The policy.yaml. Default: the configured one.", show_default=False)
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Load rules, detectors and lists as `serve` does: list every fault, or print the digest."""
    from gateway.cli.ruleset import rules_of

    chosen = file or load_config(config_file, os.environ).policy.file
    try:
        ruleset = rules_of(chosen)
    except FaultyFiles as error:
        if form is not Form.JSON:
            raise
        write_json({"ok": False, "file": str(chosen), "faults": [asdict(fault) for fault in error.faults]})
        raise typer.Exit(Exit.USAGE) from None
    statuses = Counter(rule.status.value for rule in ruleset.policy.rules)
    if form is Form.JSON:
        facts = {"digest": ruleset.digest, "rules": dict(statuses), "detectors": len(ruleset.detectors)}
        write_json({"ok": True, "file": str(chosen), "faults": [], **facts})
        return
    rules = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    write_pairs({"policy": chosen, "digest": ruleset.digest, "rules": rules, "detectors": len(ruleset.detectors)})
