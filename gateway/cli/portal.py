"""`gatepost portal`: the web application where recipients pick up what waits for them."""

import os

import typer

from gateway.cli.output import ConfigOption, say
from gateway.config import load_config


def portal(config_file: ConfigOption = None) -> None:
    """Serve the portal until SIGTERM: there recipients without any keys read what waits for them."""
    from gateway import logs
    from gateway.lobby import serve_portal

    config = load_config(config_file, os.environ)
    logs.setup(config.log.level, config.log.format)

    def ready(port: int) -> None:
        say(f"The portal listens on {config.portal.host}:{port}; recipients find it at {config.portal.url}")

    raise typer.Exit(serve_portal(config, os.environ, ready))
