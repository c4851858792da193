"""Ordinary and odd mail that nobody here wrote, where it is at hand: `../shared/corpora` beside the checkout.

No crash, no part that the ledger does not know of, and hardly any that is held for two readings.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from gateway.core.limits import Limits
from gateway.core.message import Content, Message
from gateway.extract import extract
from gateway.parse import parse

ROOT = Path(__file__).parents[2]
CORPORA = Path(os.environ.get("GATEPOST_CORPORA", ROOT.parent / "shared" / "corpora"))
MOST_AMBIGUOUS = 1 / 1000  # of ordinary mails


def read(path: Path) -> tuple[Message, Content]:
    """A file as Postfix would hand it on."""
    raw = path.read_bytes()
    if raw.startswith(b"From "):
        raw = raw[raw.find(b"\n") + 1 :]
    message = parse(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), Limits())
    return message, extract(message, Limits())


def files(kind: str) -> list[Path]:
    folder = CORPORA / kind
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in ("LICENSE", "README.md"))


def lost(message: Message, content: Content) -> Iterator[str]:
    """Parts that were neither read nor named."""
    known = {line.part_path for line in content.ledger if line.reader != "fields"}
    opaque = {one.part_path.partition("/")[0] for one in content.opaque}
    for part in message.root.walk():
        lines = [line for line in content.ledger if line.part_path == part.part_path and not line.complete]
        if part.part_path not in known or (lines and part.part_path not in opaque):
            yield part.part_path


@cache
def seen(kind: str) -> dict[str, tuple[list[str], bool]]:
    """Of every file the parts that were lost, and whether it is ambiguous."""
    found = {}
    for path in files(kind):
        message, content = read(path)
        found[str(path)] = (list(lost(message, content)), bool(content.ambiguous))
    return found


@pytest.mark.parametrize("kind", ["ham", "mime"])
def test_no_part_is_lost(kind: str) -> None:
    """Every part of every message has its lines in the ledger, and is in `opaque` where it was not read to its end."""
    assert {name: parts for name, (parts, _) in seen(kind).items() if parts} == {}


def test_ordinary_mail_is_not_ambiguous() -> None:
    """At most one in a thousand."""
    ambiguous = [name for name, (_, doubtful) in seen("ham").items() if doubtful]

    assert len(ambiguous) <= MOST_AMBIGUOUS * len(seen("ham"))
