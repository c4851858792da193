"""Content of messages for the tests of extracting."""

from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from gateway.core.message import Content
from gateway.extract import extract
from gateway.parse import parse

Contents = Callable[..., Content]


@pytest.fixture
def contents() -> Contents:
    """Parse and extract lines joined by CRLF."""

    def join_and_extract(*lines: str | bytes, limits: Limits | None = None) -> Content:
        octets = [line.encode() if isinstance(line, str) else line for line in lines]
        limits = limits or Limits()
        return extract(parse(b"\r\n".join(octets), limits), limits)

    return join_and_extract
