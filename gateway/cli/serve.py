"""`gatepost serve`: the gateway itself."""

import os

import typer

from gateway import logs
from gateway.cli.output import ConfigOption
from gateway.config import load_config


def serve(config_file: ConfigOption = None) -> None:
    """Answer Postfix until SIGTERM; SIGHUP loads the policy anew."""
    config = load_config(config_file, os.environ)
    logs.setup(config.log.level, config.log.format)
    from gateway.serving import serve as answer_postfix

    raise typer.Exit(answer_postfix(config, os.environ))
