"""`gatepost rules docs`: the rules in force in plain English, and the reference of the language."""

import os
from typing import Annotated

import typer

from gateway.cli.output import ConfigOption, write
from gateway.cli.scan import PolicyOption
from gateway.config import load_config


def docs(
    policy: PolicyOption = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="What can be written in a rule, instead of what is in force.")
    ] = False,
    config_file: ConfigOption = None,
) -> None:
    """Write a page in Markdown: every rule in force, when it matches, what happens, and who answers for it."""
    from gateway import rulebook
    from gateway.cli.ruleset import policy_of, rules_of

    ruleset = rules_of(policy_of(policy, load_config(config_file, os.environ)))
    page = rulebook.reference(ruleset.detectors) if reference else rulebook.rules_in_force(ruleset.policy)
    write(page.rstrip("\n"))
