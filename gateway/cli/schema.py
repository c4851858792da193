"""`gatepost rules schema`: what editors complete and check rule files by."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import say


def schema(
    folder: Annotated[Path, typer.Argument(help="Where to write them.", show_default=True)] = Path("rules/schema"),
) -> None:
    """Write the JSON Schemas of rules, detectors and policy.yaml, as this version of Gatepost reads them."""
    from gateway.ruleset.schemas import schemas, written

    folder.mkdir(parents=True, exist_ok=True)
    for name, made in schemas().items():
        (folder / name).write_text(written(made), encoding="utf-8")
        say(f"{folder / name} written")
