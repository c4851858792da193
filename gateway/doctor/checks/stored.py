"""The database, the quarantine and its sealed files, the spool."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from gateway.config import keyring_file
from gateway.doctor.machine import Machine
from gateway.doctor.stores import database
from gateway.doctor.trouble import Found, critical, warning
from gateway.quarantine.rows import WAITING, held
from gateway.store.blobs import SUFFIX
from gateway.store.database import damage, is_newer, reading, schema_of, schema_problem
from gateway.store.durable import TEMPORARY
from gateway.store.keyring import Keyring
from gateway.store.schema import attempts, items
from gateway.wiring.opening import blobs_of

OLD = timedelta(days=14)
MANY = 1_000
SHARE = 0.5  # of the room that is left
CUT_OFF = timedelta(hours=1)
LEFT_SECONDS = 3 * 3_600.0  # `serve` sweeps every hour what is older than one
GIVEN_UP = timedelta(days=1)


def readable(machine: Machine) -> Iterator[Found]:
    """It opens, is whole, and of this version."""
    for engine in database(machine):
        if problem := damage(engine):
            yield critical("database", problem, "stop Gatepost, gatepost restore: docs/backup.md")
        elif problem := schema_problem(engine):
            newer = "install the version of Gatepost that made it, or restore a backup from before the upgrade"
            yield warning("database", problem, newer if is_newer(schema_of(engine)) else "start, or restart, Gatepost")


def old_items(machine: Machine) -> Iterator[Found]:
    """Somebody waits for a decision."""
    for engine in database(machine):
        with reading(engine) as connection:
            now = held(connection)
        if now.oldest is not None and machine.clock() - now.oldest > OLD:
            days = (machine.clock() - now.oldest).days
            reason = f"the oldest of {now.items:,} held messages waits for {days} days"
            yield warning("quarantine", reason, "review it: gatepost quarantine list; or the console")


def many_items(machine: Machine) -> Iterator[Found]:
    """More than people can look at, or than the disk can take."""
    for engine in database(machine):
        with reading(engine) as connection:
            now = held(connection)
        room = machine.room(machine.config.store.folder).octets
        if now.items >= MANY:
            reason = f"{now.items:,} messages are held: nobody keeps up with them"
            remedy = "find the rule that holds most (gatepost rules usage), put it back to monitor, review the rest"
            yield warning("quarantine", reason, remedy)
        if now.bytes > room * SHARE:
            reason = f"held messages have {now.bytes >> 20:,} MiB, the disk has {room >> 20:,} MiB left"
            yield warning("quarantine", reason, "review, or give the store a larger disk")


def cut_off_releases(machine: Machine) -> Iterator[Found]:
    """A release of which nobody knows whether Postfix has the message."""
    for engine in database(machine):
        limit = machine.clock() - CUT_OFF
        query = sa.select(items.c.id).where(items.c.state == "releasing", items.c.release_started < limit)
        with reading(engine) as connection:
            cut = list(connection.execute(query.order_by(items.c.id)).scalars())
        if cut:
            reason = (
                f"{len(cut)} releases were cut off, {cut[0]} first: it is not known whether Postfix has the message"
            )
            remedy = "look into Postfix's log, then gatepost quarantine confirm, or release --force"
            yield warning("quarantine", reason, remedy)


def missing_files(machine: Machine) -> Iterator[Found]:
    """A held message whose sealed file is gone comes of tampering or of a disk, never of a crash."""
    there = _kept(machine)
    for engine in database(machine):
        with reading(engine) as connection:
            waiting = set(connection.execute(sa.select(items.c.id).where(items.c.state.in_(WAITING))).scalars())
        gone = sorted(waiting - there)
        if gone:
            reason = f"{len(gone)} held messages have lost their sealed file, {gone[0]} first"
            yield critical("quarantine", reason, "gatepost restore from the last backup: docs/backup.md")


def left_files(machine: Machine) -> Iterator[Found]:
    """Sealed files that no item needs, and halves that a crash left: the hourly sweep should have taken them.

    An object store has no halves, and is swept by the gateways alone.
    """
    old = [path for path in _sealed(machine, halves=True) if _age(path) > LEFT_SECONDS]
    for engine in database(machine):
        with reading(engine) as connection:
            known = set(connection.execute(sa.select(items.c.id).where(items.c.state != "discarded")).scalars())
        left = [path for path in old if path.name.removesuffix(SUFFIX) not in known]
        if left:
            reason = f"{len(left)} sealed files belong to no held message: the hourly sweep does not run"
            yield warning(str(left[0].parent.parent), reason, "gatepost maintain; then look why it was not run")


def spool(machine: Machine) -> Iterator[Found]:
    """Files there never have a name: what has one is not Gatepost's."""
    folder = machine.config.milter.spool_folder
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if names:
        reason = f"{len(names)} files have a name here; Gatepost's own never do"
        yield warning(str(folder), reason, "find out who put them there, then remove them: they may hold messages")


def unfinished(machine: Machine) -> Iterator[Found]:
    """Messages that were answered 451 and never came again."""
    for engine in database(machine):
        open_since = attempts.c.begun < machine.clock() - GIVEN_UP
        query = sa.select(sa.func.count()).select_from(attempts).where(attempts.c.open_key.is_not(None), open_since)
        with reading(engine) as connection:
            count = connection.execute(query).scalar() or 0
        if count:
            reason = f"{count:,} messages were answered 451 over a day ago and did not come again"
            remedy = "gatepost audit export --kind message-failed names them; ask their senders"
            yield warning("journal", reason, remedy)


def _kept(machine: Machine) -> set[str]:
    """Ids of all sealed messages, wherever they are. Raises SetupError, StoreUnavailable."""
    if not machine.config.store.blobs:
        return {path.name.removesuffix(SUFFIX) for path in _sealed(machine)}
    keyring = Keyring.load(keyring_file(machine.config, machine.environ))
    return set(blobs_of(machine.config, keyring).ids())


def _sealed(machine: Machine, *, halves: bool = False) -> Iterator[Path]:
    folder = machine.config.store.folder / "blobs"
    if not folder.is_dir():
        return
    for path in folder.glob("*/*"):
        if path.name.endswith(SUFFIX) or (halves and path.name.startswith(TEMPORARY)):
            yield path


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:  # released meanwhile
        return 0.0
