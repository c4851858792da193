"""From one store to another, such as from a folder to servers. The source stays as it is.

A sealed message comes before its row, as everywhere, so that what was cut off leaves no row without its message.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.config import Config
from gateway.core.errors import SetupError
from gateway.store.blobs import BlobStore
from gateway.store.database import reading, writing
from gateway.store.durable import locked
from gateway.store.keyring import Keyring
from gateway.store.members import bind_keyring
from gateway.store.schema import common, gateways, metadata, pickups
from gateway.wiring.opening import blobs_of, database_of, pickup_blobs_of, postfix_of

PAGE = 500
OF_A_DATABASE = (common, gateways)  # what it says of itself, not of messages


@dataclass(frozen=True, slots=True)
class Copied:
    rows: int
    messages: int


def copy_store(source: Config, target: Config, keyring: Keyring, advance: Callable[[], None]) -> Copied:
    """Everything in database and blob store, under the same keyring; `advance` hears of each sealed message.

    Raises SetupError: `source` serves, there is something in `target`, or it has no place for what waits at the portal;
    BlobDamaged, StoreUnavailable.
    """
    with ExitStack() as stack:
        stack.enter_context(_at_rest(source))
        old, new = stack.enter_context(_engine(source)), stack.enter_context(_engine(target))
        bind_keyring(new, keyring)
        blobs = blobs_of(target, keyring)
        _check_empty(new, blobs)
        needed = _count(old, pickups) > 0
        waiting, waiting_there = (pickup_blobs_of(each, keyring, needed=needed) for each in (source, target))
        messages = _copy_messages(blobs_of(source, keyring), blobs, advance)
        if waiting is not None and waiting_there is not None:
            messages += _copy_messages(waiting, waiting_there, advance)
        name = postfix_of(target, new)
        rows = sum(_copy_rows(old, new, table, name) for table in metadata.sorted_tables if table not in OF_A_DATABASE)
    return Copied(rows, messages)


@contextmanager
def _at_rest(config: Config) -> Iterator[None]:
    try:
        with locked(config.store.folder / "serve.lock", wait=False):
            yield
    except BlockingIOError:
        raise SetupError(f"a gateway serves with {config.store.folder}: stop it and the console first") from None


@contextmanager
def _engine(config: Config) -> Iterator[sa.Engine]:
    engine = database_of(config)
    try:
        yield engine
    finally:
        engine.dispose()


def _check_empty(engine: sa.Engine, blobs: BlobStore) -> None:
    filled = [table.name for table in metadata.sorted_tables if table not in OF_A_DATABASE and _count(engine, table)]
    if filled or next(iter(blobs.ids()), None) is not None:
        what = f"{', '.join(filled)} in the database" if filled else "sealed messages"
        raise SetupError(f"the store to copy to is not empty: there is {what}: name an empty database and bucket")


def _count(engine: sa.Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _copy_messages(source: BlobStore, target: BlobStore, advance: Callable[[], None]) -> int:
    """Each is opened, which proves it whole, and sealed anew."""
    copied = 0
    for item_id in source.ids():
        target.put(item_id, source.read(item_id))
        copied += 1
        advance()
    return copied


def _copy_rows(source: sa.Engine, target: sa.Engine, table: sa.Table, postfix: str) -> int:
    copied = 0
    chosen = sa.select(table).order_by(*table.primary_key.columns).limit(PAGE)
    while rows := _page(source, chosen.offset(copied)):
        if "postfix" in table.c:
            rows = [{**row, "postfix": postfix} for row in rows]
        with writing(target) as connection:
            connection.execute(sa.insert(table), rows)
        copied += len(rows)
    return copied


def _page(engine: sa.Engine, chosen: sa.Select[Any]) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(chosen).mappings()]
