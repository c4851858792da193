"""Puts the bill of materials into a wheel where `make sbom` has made one (PEP 770: in *.dist-info/sboms)."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BILL = "build/gatepost.cdx.json"


class BillHook(BuildHookInterface[Any]):
    """Called by hatchling before a wheel is built."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the file, for a wheel that is shipped."""
        if version == "standard" and (Path(self.root) / BILL).is_file():
            build_data["sbom_files"].append(BILL)
