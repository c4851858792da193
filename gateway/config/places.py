"""Where files are that come with the program, and what a relative path means."""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def shipped(name: str) -> Path:
    """The folder `name` ("rules", "models"): in this checkout, else under `<sys.prefix>/share/gatepost`.

    It need not exist: whoever reads it says so with the path.
    """
    beside = CHECKOUT / name
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "gatepost" / name


def against(base: Path | None, path: Path) -> Path:
    """`path`, made absolute against the folder of the configuration file where it is relative."""
    expanded = path.expanduser() if str(path).startswith("~") else path
    return expanded if base is None else (base / expanded).absolute()
