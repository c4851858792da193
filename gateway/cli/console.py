"""`gatepost console`: the web application for officers, reviewers and auditors."""

import os

import typer

from gateway.cli.output import ConfigOption, say
from gateway.config import load_config


def console(config_file: ConfigOption = None) -> None:
    """Serve the review console until SIGTERM; SIGHUP takes the rules anew."""
    from gateway import logs
    from gateway.office import serve_console
    from gateway.web.serving import origins_of

    config = load_config(config_file, os.environ)
    logs.setup(config.log.level, config.log.format)

    def ready(port: int) -> None:
        say(f"The console is at {origins_of(config.console, port)[0]}")

    raise typer.Exit(serve_console(config, os.environ, ready))
