"""Where each event of the log is, and counts by day: so that a page need not read the whole log.

A small SQLite file beside the log that may be thrown away at any time: it is made anew from the log, which is the only
source. What a page shows of an event is the line of the log, read again. For reports: `tallies` and `find`.
"""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gateway.audit.chain import digest, segment_numbers, segment_path
from gateway.audit.errors import AuditUnavailable

VERSION = "1"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    (
        "CREATE TABLE IF NOT EXISTS lines (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL,"
        " incident TEXT NOT NULL, who TEXT NOT NULL, item TEXT NOT NULL, severity INTEGER NOT NULL,"
        " segment INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS lines_incident ON lines (incident, seq)",
    "CREATE INDEX IF NOT EXISTS lines_kind ON lines (kind, seq)",
    "CREATE INDEX IF NOT EXISTS lines_who ON lines (who, seq)",
    "CREATE INDEX IF NOT EXISTS lines_time ON lines (time, seq)",
    (
        "CREATE TABLE IF NOT EXISTS tallies (day TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL,"
        " count INTEGER NOT NULL, PRIMARY KEY (day, what, name)) WITHOUT ROWID"
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the log has it, with its place in the log."""

    seq: int
    time: datetime
    kind: str
    incident: str
    who: str
    severity: int
    file: str
    event: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; empty asks for all. `before`: only older ones than this number."""

    kind: str = ""
    incident: str = ""
    who: str = ""
    item: str = ""
    severity: int = 0  # at least
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Tally:
    """So many on one day. `what` is one of the words of `counted`."""

    day: date
    what: str
    name: str
    count: int


class AuditIndex:
    """Safe from many threads of one process. All methods raise AuditUnavailable."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._folder = folder
        self._file = file
        self._lock = threading.Lock()

    def find(self, wanted: Wanted) -> tuple[Entry, ...]:
        """Newest first."""
        asked, values = _conditions(wanted)
        where = f"WHERE {' AND '.join(asked)}" if asked else ""
        statement = f"SELECT * FROM lines {where} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - conditions are ours
        with self._opened() as connection:
            self._catch_up(connection)
            rows = connection.execute(statement, (*values, wanted.limit)).fetchall()
        return tuple(self._entry(row) for row in rows)

    def incident(self, incident: str, limit: int = 1_000) -> tuple[Entry, ...]:
        """All that happened to one message, oldest first."""
        return self.find(Wanted(incident=incident, limit=limit))[::-1]

    def kinds(self) -> tuple[str, ...]:
        """The codes of events that occur."""
        with self._opened() as connection:
            self._catch_up(connection)
            return tuple(kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM lines ORDER BY kind"))

    def tallies(self, since: date, until: date | None = None) -> tuple[Tally, ...]:
        """Counts by day, from one day to another, both included."""
        with self._opened() as connection:
            self._catch_up(connection)
            rows = connection.execute(
                "SELECT day, what, name, count FROM tallies WHERE day >= ? AND day <= ? ORDER BY day, what, name",
                (since.isoformat(), (until or date.max).isoformat()),
            ).fetchall()
        return tuple(Tally(date.fromisoformat(day), what, name, count) for day, what, name, count in rows)

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        seq, time, kind, incident, who, _, severity, segment, start, length = row
        path = segment_path(self._folder, segment)
        try:
            with path.open("rb") as file:
                file.seek(start)
                event = json.loads(file.read(length))
        except (OSError, ValueError):
            raise AuditUnavailable(f"event {seq} cannot be read where it was: verify the log") from None
        if not isinstance(event, dict) or event.get("seq") != seq:
            raise AuditUnavailable(f"event {seq} is not where it was: verify the log")
        return Entry(seq, _moment(time), kind, incident, who, severity, path.name, event)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with closing(self._connected()) as connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise AuditUnavailable(f"{self._file.name} cannot be used: {error}: it may be deleted") from None

    def _connected(self) -> sqlite3.Connection:
        new = not self._file.exists()
        connection = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        if new:
            self._file.chmod(0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")  # what is lost is made anew
        for statement in _TABLES:
            connection.execute(statement)
        return connection

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        """Take in what came since; everything, where the log is another one than before."""
        numbers = segment_numbers(self._folder)
        if not numbers:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            known = dict(connection.execute("SELECT name, value FROM meta"))
            first = _first_line(segment_path(self._folder, numbers[0]))
            if known.get("version") != VERSION or known.get("first") != first:
                for table in ("meta", "lines", "tallies"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - of our own list
                known = {"version": VERSION, "first": first}
            segment, start = int(known.get("segment", numbers[0])), int(known.get("start", 0))
            for number in (number for number in numbers if number >= segment):
                segment, start = number, self._take(connection, number, start if number == segment else 0)
            known |= {"segment": str(segment), "start": str(start)}
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", known.items())
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _take(self, connection: sqlite3.Connection, number: int, start: int) -> int:
        """The whole lines of a segment from there on; where it ends."""
        rows: list[tuple[object, ...]] = []
        counts: Counter[tuple[str, str, str]] = Counter()
        with segment_path(self._folder, number).open("rb") as file:
            file.seek(start)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                event = _event(line)
                if event is not None:
                    rows.append((*_row(event), number, start, len(line)))
                    counts.update((_moment(event["time"]).date().isoformat(), *each) for each in counted(event))
                start += len(line)
        connection.executemany("INSERT OR REPLACE INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.executemany(
            "INSERT INTO tallies VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(*key, count) for key, count in counts.items()],
        )
        return start


def counted(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What one event counts for, as (what, name).

    message: deliver, quarantine, block; recipient: the same for each; rule: enforced rules that applied; watched and
    would: those that only watch, and "rule disposition"; entity; partner and department: domains of recipients and of
    senders whose mail was not simply delivered; protected: methods; review: what reviewers did; failed: stages.
    """
    kind, unmapped = event["metadata"]["event_code"], event.get("unmapped", {})
    if kind == "message-decided":
        yield from _decided(event, unmapped)
    elif kind == "message-acted":
        yield from (("protected", proof["method"]) for proof in unmapped.get("protected", ()))
    elif kind == "message-failed":
        yield "failed", unmapped.get("stage", "")
    elif event["class_uid"] // 1000 == 6 and "item" in unmapped:
        yield "review", kind
    elif kind in ("signed-in", "sign-in-failed", "emergency-signed-in", "access-denied"):
        yield "people", kind


def _decided(event: Mapping[str, Any], unmapped: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    outcomes = unmapped.get("outcomes", ())
    order = ("deliver", "quarantine", "block", "defer")
    worst = max((order.index(each["disposition"]) for each in outcomes), default=0)
    yield "message", order[worst]
    touched: set[str] = set()
    for outcome in outcomes:
        yield from (("recipient", outcome["disposition"]) for _ in outcome["recipients"])
        if outcome["disposition"] != "deliver" or outcome.get("method"):
            touched.update(_domain(address) for address in outcome["recipients"])
    yield from (("partner", domain) for domain in touched)
    if touched:
        yield "department", _domain(event["email"].get("smtp_from", ""))
    for rule in unmapped.get("rules", ()):
        if rule["status"] == "enforce":
            yield "rule", rule["rule"]
        else:
            yield "watched", rule["rule"]
            yield "would", f"{rule['rule']} {rule.get('would', {}).get('disposition', '')}"
    yield from (("entity", entity["entity"]) for entity in unmapped.get("entities", ()))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower() or "<>"


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
        return event if isinstance(event["seq"], int) and isinstance(event["metadata"], dict) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # the verification finds it


def _row(event: Mapping[str, Any]) -> tuple[object, ...]:
    metadata, unmapped = event["metadata"], event.get("unmapped", {})
    who = event.get("actor", {}).get("user", {}).get("name", "")
    incident, item = metadata.get("correlation_uid", ""), unmapped.get("item", "")
    return (event["seq"], event["time"], metadata["event_code"], incident, who, item, event.get("severity_id", 0))


def _conditions(wanted: Wanted) -> tuple[list[str], list[object]]:
    pairs: Iterable[tuple[str, object]] = (
        ("kind = ?", wanted.kind),
        ("incident = ?", wanted.incident),
        ("who = ?", wanted.who),
        ("item = ?", wanted.item),
        ("severity >= ?", wanted.severity),
        ("time >= ?", _epoch(wanted.since)),
        ("time < ?", _epoch(wanted.until)),
        ("seq < ?", wanted.before),
    )
    given = [(condition, value) for condition, value in pairs if value]
    return [condition for condition, _ in given], [value for _, value in given]


def _epoch(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return digest(file.readline())
