"""A `gatepost serve` that kills itself at a chosen line of ours while it carries a message out.

Run as `python -m tests.makers.killer FILE serve ...`: FILE holds the number of the line to die at, counted from the end
of the message to the reply; 0: live, and write behind it how many lines there were.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import gateway

HERE = Path(gateway.__file__).parent
WATCHED = frozenset(
    str(HERE / name)
    for name in (
        "act/actor.py",
        "act/in_place.py",
        "act/retry.py",
        "act/steps.py",
        "judge.py",
        "postfix/submit.py",
        "follow/deliveries.py",
        "act/evidence.py",
        "milter/session.py",
        "store/journal.py",
        "encrypt/protect.py",
        "encrypt/smime.py",
        "encrypt/pgpmime.py",
        "encrypt/portal.py",
        "pickup/store.py",
        "wiring/protection.py",
        "audit/log.py",
        "quarantine/store.py",
        "processes/programs.py",
    )
)
assert all(Path(name).is_file() for name in WATCHED)

Trace = Callable[[FrameType, str, Any], Any]


class Killer:
    """Counts the lines of one message."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._point = 0
        self._lines = 0

    def arm(self) -> None:
        self._point, self._lines = int(self._file.read_text().split()[0]), 0
        sys.settrace(self._enter)

    def disarm(self) -> None:
        sys.settrace(None)
        if not self._point:
            self._file.write_text(f"0 {self._lines}")

    def _enter(self, frame: FrameType, event: str, argument: object) -> Trace | None:
        return self._line if frame.f_code.co_filename in WATCHED else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Trace:
        if event == "line":
            self._lines += 1
            if self._lines == self._point:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._line


def main() -> None:
    from gateway.cli.main import run
    from gateway.milter.session import Connection

    killer = Killer(Path(sys.argv.pop(1)))
    whole = Connection.eom

    def eom(connection: Connection) -> Any:
        killer.arm()
        try:
            return whole(connection)
        finally:
            killer.disarm()

    setattr(Connection, "eom", eom)  # noqa: B010 - a method is not assigned to
    run()


if __name__ == "__main__":
    main()
