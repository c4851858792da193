"""The gateways that use one database: who they are, what they have to agree on, and whose turn common work is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.core.errors import SetupError
from gateway.store import postgresql
from gateway.store.database import failing, insert_if_absent, is_shared, reading, time_of, writing
from gateway.store.keyring import Keyring
from gateway.store.schema import common, gateways

KEYRING = "keyring"
PORTAL_KEYRING = "portal-keyring"
UPKEEP = "upkeep"
UPKEEP_TURN = 0x67617475  # advisory lock: "gatu"


@dataclass(frozen=True, slots=True)
class Head:
    """How far an audit log had come."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Member:
    """`seen`: when it last said that it is there, by the database's clock. `quiet`: how long that is ago."""

    id: str
    host: str
    version: str
    policy_digest: str
    started: datetime
    seen: datetime
    stopped: datetime | None
    audit: Head
    quiet: timedelta

    @property
    def name(self) -> str:
        return self.id.partition("/")[0]


class Members:
    """All methods raise StoreUnavailable."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def join(self, gateway: str, host: str, version: str) -> None:
        """This gateway begins to serve."""
        with writing(self._engine) as connection:
            now = time_of(connection)
            values: dict[str, object] = {"host": host, "version": version, "started": now, "seen": now, "stopped": None}
            row = {"id": gateway, "policy_digest": "", "audit_seq": 0, "audit_hash": ""} | values
            if not insert_if_absent(connection, gateways, row):
                connection.execute(sa.update(gateways).where(gateways.c.id == gateway).values(values))

    def tell(self, gateway: str, policy_digest: str, audit: Head | None, *, stops: bool = False) -> None:
        """It is still there. An audit log that has become shorter is not told: the longest end is what counts."""
        with writing(self._engine, alone=False) as connection:
            now = time_of(connection)
            values: dict[str, object] = {"seen": now, "policy_digest": policy_digest, "stopped": now if stops else None}
            mine = gateways.c.id == gateway
            connection.execute(sa.update(gateways).where(mine).values(values))
            if audit is not None:
                longer = sa.and_(mine, gateways.c.audit_seq < audit.seq)
                ends = {"audit_seq": audit.seq, "audit_hash": audit.hash}
                connection.execute(sa.update(gateways).where(longer).values(ends))

    def list(self) -> tuple[Member, ...]:
        """All that ever served, by name."""
        with reading(self._engine) as connection:
            now = time_of(connection)
            rows = connection.execute(sa.select(gateways).order_by(gateways.c.id)).all()
        return tuple(
            Member(
                row.id,
                row.host,
                row.version,
                row.policy_digest,
                row.started,
                row.seen,
                row.stopped,
                Head(row.audit_seq, row.audit_hash),
                now - row.seen,
            )
            for row in rows
        )

    def audit_of(self, gateway: str) -> Head | None:
        """The longest end of its audit log that was told; None: none was."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(gateways).where(gateways.c.id == gateway)).one_or_none()
        return Head(row.audit_seq, row.audit_hash) if row is not None and row.audit_seq else None

    def forget(self, gateway: str) -> bool:
        """It will not come back. Its audit log can no more be compared with what was told of it."""
        with writing(self._engine) as connection:
            return connection.execute(sa.delete(gateways).where(gateways.c.id == gateway)).rowcount == 1


def bind_keyring(engine: sa.Engine, keyring: Keyring) -> None:
    """All that use a database have the same keyring, or nothing that one seals opens for another.

    Raises SetupError for another one than the first that came; StoreUnavailable.
    """
    if not _is_first(engine, KEYRING, keyring):
        raise SetupError(
            "this database belongs to another keyring: what is sealed in it would not open, and messages that come"
            " again would not be known. Copy keyring.json from the gateway that was there first"
        )


def bind_portal_keyring(engine: sa.Engine, portal: Keyring) -> None:
    """The same for the keyring of the portal. Raises SetupError, StoreUnavailable."""
    if not _is_first(engine, PORTAL_KEYRING, portal):
        raise SetupError(
            "this database belongs to another keyring than the portal's: what waits would not open. Write the portal's"
            " anew beside the gateway: gatepost keys portal"
        )


def _is_first(engine: sa.Engine, name: str, keyring: Keyring) -> bool:
    mark, named = keyring.derive("identity").hex()[:32], common.c.name == name
    with reading(engine) as connection:
        known = connection.execute(sa.select(common.c.value).where(named)).scalar()
    if known is None:
        with writing(engine) as connection:
            insert_if_absent(connection, common, {"name": name, "value": mark, "at": time_of(connection)})
            known = connection.execute(sa.select(common.c.value).where(named)).scalar_one()
    return bool(known == mark)


@contextmanager
def upkeep_turn(engine: sa.Engine) -> Iterator[bool]:
    """Whether no other gateway keeps up this database at this moment; ours until the block ends, or we die."""
    if not is_shared(engine):
        yield True
        return
    with failing("the database cannot be asked for a turn"), engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        ours = bool(connection.execute(postgresql.try_turn(UPKEEP_TURN)).scalar_one())
        try:
            yield ours
        finally:
            if ours:
                connection.execute(postgresql.end_turn(UPKEEP_TURN))


def first_to(engine: sa.Engine, what: str, gateway: str, within: timedelta) -> bool:
    """Whether nobody did this within that time; then it is noted as done by this gateway. Raises StoreUnavailable."""
    with writing(engine) as connection:
        now = time_of(connection)
        row: dict[str, object] = {"name": what, "value": gateway, "at": now}
        if insert_if_absent(connection, common, row):
            return True
        old = sa.and_(common.c.name == what, common.c.at <= now - within)
        return connection.execute(sa.update(common).where(old).values(row)).rowcount == 1


def upkeep_due(engine: sa.Engine, every: timedelta) -> bool:
    """Nobody has kept it up for so long. Raises StoreUnavailable."""
    with reading(engine) as connection:
        done = connection.execute(sa.select(common.c.at).where(common.c.name == UPKEEP)).scalar()
        return done is None or time_of(connection) - done >= every


def note_upkeep(engine: sa.Engine, gateway: str) -> None:
    """It was done now. Raises StoreUnavailable."""
    with writing(engine) as connection:
        row: dict[str, object] = {"name": UPKEEP, "value": gateway, "at": time_of(connection)}
        if not insert_if_absent(connection, common, row):
            connection.execute(sa.update(common).where(common.c.name == UPKEEP).values(row))
