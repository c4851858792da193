"""`gatepost config`: check gatepost.yaml, show what counts, print the reference."""

import os
from dataclasses import asdict
from pathlib import Path

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json
from gateway.config import configuration_file, effective, load_config, premises, reference
from gateway.core.errors import FaultyFiles

PORTAL_KEYS = "`gatepost keys portal`, then systemctl restart gatepost-portal"

app = typer.Typer(help="Check and show the configuration.", no_args_is_help=True)


@app.command()
def check(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """List every fault of the configuration, and of the files and folders that it names; exit code 2 if there is any.

    Run it as the user that Gatepost runs as.
    """
    file = configuration_file(config_file, os.environ)
    name = str(file) if file else ""
    try:
        advice = _all_checked(config_file, file)
    except FaultyFiles as error:
        if form is not Form.JSON:
            raise
        write_json({"ok": False, "file": name, "faults": [asdict(fault) for fault in error.faults]})
        raise typer.Exit(Exit.USAGE) from None
    if form is Form.JSON:
        write_json({"ok": True, "file": name, "faults": [], "advice": advice})
    else:
        write(f"{name}: no faults" if name else "no file, so every setting has its default: no faults")
        for line in advice:
            say(f"advice: {line}")


def _all_checked(config_file: Path | None, file: Path | None) -> list[str]:
    """What is no fault, but should be changed. Raises FaultyFiles, SetupError for the secret of a webhook."""
    from gateway.notices.voice import own_texts
    from gateway.webhooks import receivers_of
    from gateway.wiring.opening import portal_keys_fault

    config = load_config(config_file, os.environ)
    receivers_of(config)
    if faults := [*premises(config, file), *own_texts(config.notices.templates)[1]]:
        raise FaultyFiles(faults)
    told = portal_keys_fault(config)
    return [f"portal.keyring: {told}: {PORTAL_KEYS}"] if told else []


@app.command()
def show(config_file: ConfigOption = None, form: FormOption = Form.TEXT) -> None:
    """Print every value that counts, as a gatepost.yaml or as JSON. Passwords inside URLs are hidden."""
    values = effective(load_config(config_file, os.environ))
    if form is Form.JSON:
        write_json(values)
        return
    import yaml

    write(yaml.safe_dump(values, sort_keys=False, allow_unicode=True).rstrip())


@app.command("reference")
def print_reference() -> None:
    """Print docs/configuration.md: every setting with its meaning, default, unit and environment variable."""
    write(reference().rstrip("\n"))
