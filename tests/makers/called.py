"""What commands answered, and what they left in the audit log."""

import json
from collections.abc import Callable
from typing import Any

from typer.testing import Result

Call = Callable[..., Result]  # runs a command with the configuration of the test
MESSAGE = b"Subject: canary-subject\r\n\r\ncanary-body\r\n"  # that is held


def data(result: Result) -> Any:
    """What a command said as JSON."""
    return json.loads(result.stdout)


def codes(call: Call) -> list[str]:
    """The codes of the events in the audit log."""
    lines = call("audit", "export").stdout.splitlines()
    return [json.loads(line)["metadata"]["event_code"] for line in lines]
