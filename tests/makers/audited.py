"""What tests of the audit log know of its files."""

import json
from collections.abc import Callable
from pathlib import Path

MakeEvent = Callable[[int], dict[str, object]]
LAST = "audit-000001.jsonl"


def lines_of(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.glob("audit-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
