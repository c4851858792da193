"""One file as the attachment of a message."""

from base64 import encodebytes
from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from gateway.extract import extract
from gateway.parse import parse
from tests.makers.found import Attached, Found


@pytest.fixture
def attached() -> Attached:
    """Extract a message with a file attached, under a type and a name that say nothing of it."""

    def attach(
        octets: bytes, limits: Limits | None = None, name: str = "a", clock: Callable[[], float] | None = None
    ) -> Found:
        head = (
            f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename={name}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        limits = limits or Limits()
        return Found(extract(parse(head.encode() + encodebytes(octets), limits), limits, clock))

    return attach
