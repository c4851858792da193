"""gateway.milter.server: what is said where the socket cannot be opened."""

from pathlib import Path
from typing import Any

import pytest

from gateway.milter.server import MilterServer, MilterSettings

NOTHING: Any = None


def hint(socket: str) -> str:
    return MilterServer(MilterSettings(socket=socket), NOTHING, NOTHING)._hint()


@pytest.mark.parametrize("kind", ["unix:", "local:"])
def test_a_folder_that_is_not_there_is_named(kind: str, tmp_path: Path) -> None:
    """libmilter says nothing but that it failed."""
    assert f"there is no folder {tmp_path}/none: make it" in hint(f"{kind}{tmp_path}/none/milter.sock")


def test_a_folder_that_is_there_may_be_closed_to_us(tmp_path: Path) -> None:
    """Or the path is longer than a socket's may be."""
    assert f"allowed to write into {tmp_path}" in hint(f"unix:{tmp_path}/milter.sock")


def test_a_port_has_no_folder() -> None:
    """It is taken, or is not ours."""
    assert "is the port taken" in hint("inet:8891@127.0.0.1")
