"""Files of the log under other names: what logrotate or the like makes of a folder that it must leave alone."""

import re
from pathlib import Path

_MOVED = re.compile(r"(?:audit-[0-9]{6,}\.jsonl|head\.json|audit-key\.pub\.pem)[.~-](?!torn-).*")


def rotated(folder: Path) -> tuple[str, ...]:
    """Names such as `audit-000001.jsonl.1.gz`, which no part of Gatepost writes. Raises OSError."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if _MOVED.fullmatch(path.name)))


def rotated_words(folder: Path) -> str:
    """To be put behind what is wrong with the log; "" where there is no such file."""
    names = rotated(folder)
    if not names:
        return ""
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return (
        f"; there is {names[0]}{more}: logrotate, or another program like it, seems to have rotated the log. Put the"
        " files back: docs/runbook/GatepostAuditBroken.md"
    )
