"""PostgreSQL: how a connection is made, and that nobody waits for one without end.

The server ends what takes too long where it can (`statement_timeout`, `lock_timeout`), and what a gateway that hangs
has left open (`idle_in_transaction_session_timeout`), so that it holds up no other. Where the server itself hangs, or a
network swallows what is sent, the connection is cut off from our side.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

DRIVER = "postgresql+psycopg"
POOL = 4
OVERFLOW = 12
POOL_SECONDS = 30
CONNECT_SECONDS = 5
LOCK_SECONDS = 15
STATEMENT_SECONDS = 20
DEADLINE_SECONDS = 30.0  # of a whole transaction
PING_SECONDS = 5.0
FRESH_SECONDS = 1.0  # a connection that was used so recently is taken as it is
TICK_SECONDS = 0.5
WRITERS = 0x67617466  # advisory lock: "gatf", beside the one of migrations


def engine_of(url: sa.URL, *, read_only: bool = False) -> sa.Engine:
    """An engine; nothing is connected yet."""
    settings = _settings(url, read_only=read_only)
    url = url.set(drivername=DRIVER).difference_update_query(settings.keys())
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        poolclass=WatchedPool,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=POOL_SECONDS,
        connect_args=settings,
    )
    event.listen(engine, "checkout", _look_whether_it_lives)
    event.listen(engine, "checkin", _note_time)
    return engine


def _settings(url: sa.URL, *, read_only: bool) -> dict[str, Any]:
    """What libpq is told beside the address; what the URL says itself wins."""
    limits: dict[str, int | str] = {
        "statement_timeout": STATEMENT_SECONDS * 1000,
        "lock_timeout": LOCK_SECONDS * 1000,
        "idle_in_transaction_session_timeout": int(DEADLINE_SECONDS * 1000),
        # a server, or a database on it, may be set to say that it has what it would lose by a loss of power
        "synchronous_commit": "on",
    }
    if read_only:
        limits["default_transaction_read_only"] = 1
    asked = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    options = " ".join([*(f"-c {name}={value}" for name, value in limits.items()), asked.pop("options", "")])
    own: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "gatepost",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": int(DEADLINE_SECONDS * 1000),
    }
    if is_remote(url) and "sslmode" not in asked:
        # libpq's own default goes on in plain text where the server, or somebody between, says that it has no TLS
        own |= {"sslmode": "verify-full", "sslrootcert": "system"}
    return {**own, **asked, "options": options.strip()}


def is_remote(url: sa.URL) -> bool:
    """Whether some of its servers may be reached over a network."""
    named = [url.host or "", *(_asked(url, name) for name in ("host", "hostaddr"))]
    if not any(named):
        named = [os.environ.get(name, "") for name in ("PGHOST", "PGHOSTADDR")]
    elsewhere = any(host and not _is_here(host) for each in named for host in each.split(","))
    return elsewhere or "service" in url.query or "PGSERVICE" in os.environ  # whose file may say anything


def _asked(url: sa.URL, name: str) -> str:
    value = url.query.get(name, "")
    return value if isinstance(value, str) else ",".join(value)


def _is_here(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def take_turn(connection: sa.Connection) -> None:
    """Wait until no other transaction of any gateway has the turn to write; held until this one ends."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS)))


def try_turn(number: int) -> sa.Select[Any]:
    """Whether this connection has the turn of this number from now on; nobody waits."""
    return sa.select(sa.func.pg_try_advisory_lock(number))


def end_turn(number: int) -> sa.Select[Any]:
    """Give it up; the server does the same for a connection that is gone."""
    return sa.select(sa.func.pg_advisory_unlock(number))


def forgetting(connection: sa.Connection) -> list[str]:
    """Settings of the server, which no client can change, by which a loss of power costs it what it had confirmed."""
    shown = {name: sa.func.current_setting(name) for name in ("fsync", "full_page_writes")}
    row = connection.execute(sa.select(*(value.label(name) for name, value in shown.items()))).one()
    return [name for name in shown if getattr(row, name) != "on"]


def server_time() -> sa.Select[Any]:
    """The server's clock at this moment; its `now()` is that of the beginning of the transaction."""
    return sa.select(sa.func.clock_timestamp(type_=sa.DateTime(timezone=True)))


class Watch:
    """Cuts off connections that are used for longer than they may be. One thread, made when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[int, float] = {}  # by a descriptor of our own of the same connection
        self._pid = 0

    @contextmanager
    def over(self, connection: Any, seconds: float) -> Iterator[None]:
        """While the block runs, for so long at most; then whoever waits for an answer gets an error."""
        held = os.dup(connection.fileno())  # another connection may get the number of one that is closed meanwhile
        with self._lock:
            self._until[held] = time.monotonic() + seconds
            self._start()
        try:
            yield
        finally:
            with self._lock:
                del self._until[held]
                os.close(held)

    def _start(self) -> None:
        if self._pid != os.getpid():  # a fork has no threads
            self._pid = os.getpid()
            threading.Thread(target=self._watch, name="database-watch", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            with self._lock:
                now = time.monotonic()
                for held in [held for held, until in self._until.items() if until < now]:
                    _cut(held)


def _cut(descriptor: int) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as connection:
        connection.shutdown(socket.SHUT_RDWR)


class WatchedPool(QueuePool):
    """A bounded queue of connections, with who watches over them."""

    def __init__(self, *arguments: object, **settings: object) -> None:
        super().__init__(*arguments, **settings)  # type: ignore[arg-type]  # passed on as they came
        self.watch = Watch()


_PINGS = Watch()


def _note_time(_: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _look_whether_it_lives(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """A server that was restarted has closed all of them: the whole pool is made anew at once."""
    if time.monotonic() - record.info.get("used", float("inf")) < FRESH_SECONDS:
        return
    try:
        with _PINGS.over(connection, PING_SECONDS):
            connection.execute("SELECT 1")
            connection.rollback()
    except Exception as error:
        raise sa.exc.InvalidatePoolError from error
