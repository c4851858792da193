"""`gatepost version`."""

import platform

import typer

from gateway.cli.output import Form, FormOption, write, write_json, write_pairs


def version(form: FormOption = Form.TEXT) -> None:
    """Show the version of Gatepost, and of the Python and the system that it runs on."""
    facts = {"gatepost": number(), "python": platform.python_version(), "system": platform.platform()}
    if form is Form.JSON:
        write_json(facts)
    else:
        write_pairs(facts)


def number() -> str:
    """Version of the installed distribution; "0" in a bare source tree."""
    from importlib import metadata

    try:
        return metadata.version("gatepost")
    except metadata.PackageNotFoundError:
        return "0"


def print_and_exit(wanted: bool) -> None:
    """For --version."""
    if wanted:
        write(f"gatepost {number()}")
        raise typer.Exit
