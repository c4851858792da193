"""A machine for the doctor: a gateway that serves, a Postfix configuration, and copies of both to plant faults in."""

import json
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.config import load_config
from gateway.demo.postfix import date_back
from gateway.doctor import Machine, Trouble, examine
from gateway.doctor.machine import Room
from gateway.doctor.table import CHECKS
from gateway.postfix import PostfixTools


@dataclass
class Patient:
    """One machine to plant faults in. `settings` are those of gatepost.yaml."""

    folder: Path
    settings: dict[str, dict[str, Any]]
    changes: dict[str, Any] = field(default_factory=dict)  # of the Machine

    @property
    def postfix(self) -> Path:
        return self.folder / "postfix"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def rules(self) -> Path:
        return self.folder / "rules"

    @property
    def queue(self) -> Path:
        return self.folder.parent / "queue"

    @property
    def config(self) -> Path:
        return self.folder / "gatepost.yaml"

    def main(self, *lines: str) -> None:
        """Set parameters, as postconf -e does."""
        subprocess.run(["postconf", "-c", str(self.postfix), "-e", *lines], check=True, timeout=60)
        date_back(self.postfix)

    def master(self, text: str) -> None:
        with (self.postfix / "master.cf").open("a") as file:
            file.write(text)

    def override(self, *settings: str) -> None:
        """ "service/type/parameter=value", as postconf -P does."""
        subprocess.run(["postconf", "-c", str(self.postfix), "-P", *settings], check=True, timeout=60)

    def set(self, section: str, **values: object) -> None:
        names = {name.replace("_", "-"): value for name, value in values.items()}
        self.settings[section] = {**self.settings.get(section, {}), **names}
        self.write()

    def write(self) -> None:
        self.config.write_text(json.dumps(self.settings))

    def machine(self) -> Machine:
        config = load_config(self.config, {})
        machine = Machine(config, self.config, PostfixTools(self.postfix), {}, unit_folders=())
        return replace(machine, **{"room": lambda _: Room(1 << 40, 0.5, 0.5), **self.changes})

    def troubles(self, *names: str) -> list[Trouble]:
        """Of these checks; of all where none is named."""
        return examine(self.machine(), [check for check in CHECKS if not names or check.id in names])
