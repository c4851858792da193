"""A place that is not empty: what is there, why a restore leaves it alone, and what to do."""

import json
import os
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from gateway.audit.chain import HEAD
from gateway.config import Config, kept_places
from gateway.core.errors import SetupError

ASIDE = "before-restore"


def refuse_occupied(config: Config) -> None:
    """SetupError where there are messages, evidence or a database already."""
    if there := kept_places(config):
        raise SetupError("\n".join(_told(config, there)))


def _told(config: Config, there: dict[str, tuple[Path, ...]]) -> Iterator[str]:
    yield (
        f"{config.store.folder} is not empty, and a restore writes over neither messages nor evidence: nothing was"
        " changed. There is already"
    )
    for what, places in there.items():
        yield f"  {what} ({', '.join(map(str, places))}){_more(config, what)}"
    yield (
        "An installation begins these too: `gatepost keys init` an audit log and a keyring, the first start a database."
        " Where they hold nothing that is needed, stop Gatepost (systemctl stop 'gatepost-*'), move them aside, and"
        " restore again; otherwise restore on another machine:"
    )
    for place in (place for places in there.values() for place in places):
        yield f"  mv {shlex.quote(str(place))} {shlex.quote(str(_free(place)))}"


def _more(config: Config, what: str) -> str:
    """How long the audit log is, by its head, which may be damaged."""
    if what != "an audit log":
        return ""
    try:
        head = json.loads((config.audit.folder / HEAD).read_bytes())
        last = datetime.fromtimestamp(head["time"] / 1000, UTC)
        return f", its last event number {int(head['seq'])} of {last:%Y-%m-%d %H:%M} UTC"
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return ""


def _free(place: Path) -> Path:
    names = (place.with_name(f"{place.name}.{ASIDE}-{number}") for number in count(1))
    return next(name for name in names if not os.path.lexists(name))
