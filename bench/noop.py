"""The anchor: a milter that only listens. `python -m bench.noop unix:/path` serves until it is ended."""

import sys
from typing import Any

import Milter


class Listener(Milter.Base):
    """Takes every callback that Gatepost takes, without a reply where none is needed, and accepts."""

    @Milter.noreply
    def connect(self, hostname: str, family: int, hostaddr: Any) -> Any:
        return Milter.CONTINUE

    @Milter.noreply
    def hello(self, hostname: str) -> Any:
        return Milter.CONTINUE

    @Milter.noreply
    def envfrom(self, address: str, *parameters: str) -> Any:
        return Milter.CONTINUE

    @Milter.noreply
    def envrcpt(self, address: str, *parameters: str) -> Any:
        return Milter.CONTINUE

    @Milter.noreply
    def header(self, name: str, value: str) -> Any:
        return Milter.CONTINUE

    @Milter.noreply
    def eoh(self) -> Any:
        return Milter.CONTINUE

    @Milter.noreply
    def body(self, chunk: bytes) -> Any:
        return Milter.CONTINUE

    def eom(self) -> Any:
        return Milter.ACCEPT


if __name__ == "__main__":
    Milter.factory = Listener
    Milter.runmilter("noop", sys.argv[1])
