"""The gateway of one point: the real wiring, with a worker that is the same process, and no libmilter."""

import base64
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway import app, serving
from gateway.actions import Notices
from gateway.app import Gateway
from gateway.arriving.arrival import Answer, Arrival
from gateway.arriving.spool import Spool
from gateway.audit.verify import verify
from gateway.config import Config, load_config
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.follow import watch
from gateway.pipeline import Inspection, inspect
from gateway.postfix.proof import LaneProof
from gateway.ruleset import RuleSet, load_ruleset
from gateway.store import database
from gateway.store.database import open_database
from gateway.store.durable import TEMPORARY
from gateway.wiring import opening, protection
from gateway.wiring.stored import opened
from gateway.workers.pool import Workers

WAIT_SECONDS = 5.0  # for the log to be read after an answer
_NOTHING = timedelta(0)


class Rules:
    """Loaded once, for all forks."""

    def __init__(self, file: Path) -> None:
        self.ruleset = load_ruleset(file)
        self.engine = Engine(self.ruleset.detectors)
        vars(app)["read_apart"] = lambda policy, key: (self.ruleset, None)
        vars(opening)["open_database"] = _opener(open_database)
        vars(protection)["LaneProof"] = _Proved
        database.BUSY_SECONDS = 1
        watch.GRACE_SECONDS, watch.POLL_SECONDS = 0.005, 0.002  # the relay logs before it answers


def _opener(open_: Callable[[str], sa.Engine]) -> Callable[[str], sa.Engine]:
    """Statements are compiled once, for all forks."""
    first: list[sa.Engine] = []

    def opener(url: str) -> sa.Engine:
        engine = open_(url)
        first.append(engine)
        engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        return engine

    return opener


class _Proved(LaneProof):
    """There is no Postfix to be asked."""

    def lanes(self) -> Mapping[str, str]:
        return {"secure": ""}


class Inline(Workers):
    """Inspects where it is called."""

    def __init__(self, ruleset: RuleSet, engine: Engine) -> None:
        self._ruleset = ruleset
        self._engine = engine
        self._notices = Notices.of(ruleset.policy.organization)
        self.busy = self.waiting = self.restarts = 0

    @property
    def policy_digest(self) -> str:
        return self._ruleset.policy.digest

    @property
    def pids(self) -> tuple[int, ...]:
        return (os.getpid(),)

    def inspect(
        self, transaction: Transaction, spool: Spool | None = None, progress: Callable[[], None] | None = None
    ) -> Inspection:
        assert spool is not None
        whole = replace(transaction, raw=spool.octets())
        return inspect(whole, self._ruleset.policy, self._engine, Limits(), self._notices, time.perf_counter)

    def close(self) -> None:
        """There is nothing to stop."""


class Front(Gateway):
    """`rules` must be there before one is made."""

    rules: Rules

    def _new_workers(self, ruleset: RuleSet) -> Workers:
        return Inline(ruleset, self.rules.engine)

    def begin(self) -> None:
        """As `start`, without the sockets."""
        self._deliveries.start()

    def judge(self, arrival: Arrival, edits: "Wire") -> Answer:
        self._judge.began()
        try:
            return self._judge.judge(arrival, edits)
        finally:
            self._judge.ended()

    @property
    def open_attempts(self) -> int:
        return self._stored.journal.open_count()

    def end(self) -> None:
        self._deliveries.stop()
        self._lookup.close()


@dataclass(slots=True)
class Wire:
    """What is said to Postfix: a line of JSON for each thing, in one write, as libmilter does."""

    descriptor: int

    def add_header(self, name: str, value: str) -> None:
        self.say(add=[name, value])

    def change_header(self, name: str, index: int, value: str | None) -> None:
        self.say(change=[name, index, value])

    def remove_recipient(self, address: str) -> None:
        self.say(remove=address)

    def replace_body(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self.say(body=base64.b64encode(chunk).decode())

    def progress(self) -> None:
        """Postfix is still there."""

    def say(self, **what: Any) -> None:
        os.write(self.descriptor, json.dumps(what).encode() + b"\n")


def config_text(folder: Path, port: int, *, spool_above: int, log: Path | None) -> str:
    """gatepost.yaml of a gateway that keeps everything in `folder`."""
    return json.dumps(
        {
            "milter": {"spool-above-bytes": spool_above},
            "store": {"folder": str(folder)},
            "audit": {"segment-bytes": 65_536, "checkpoint-events": 3},
            "postfix": {
                "submit-port": port,
                "timeout-seconds": 5,
                "mail-log": str(log) if log else "none",
                "lanes": ["encrypt", "secure"],
            },
            "encryption": {"revocation": "off"},
        }
    )


@contextmanager
def running(file: Path) -> Iterator[tuple[Config, Front]]:
    """What `serve` does, but for libmilter, the workers and the status page."""
    config = load_config(file, {})
    config.milter.spool_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with serving.only_one(config.store.folder), opened(config, {}) as stored:
        front = Front(config, stored)
        front.begin()
        try:
            yield config, front
        finally:
            front.end()


def arrive(config: Config, front: Front, wire: Wire, raw: bytes, case_: "Letter", queue_id: str) -> Answer:
    """One try of the client, as `milter/session.py` hands it to the judge."""
    head = raw.index(b"\r\n\r\n") + 4
    wire.say(attempt=queue_id)
    with Spool(config.milter.spool_folder, config.milter.spool_above_bytes) as spool:
        for start in range(0, len(raw), 65_535):
            spool.append(raw[start : start + 65_535])
        envelope = Envelope(case_.mail_from, tuple(Recipient(address) for address in case_.recipients))
        arrival = Arrival(Session(listener="smtpd"), envelope, queue_id, spool, head, local=case_.local)
        answer = front.judge(arrival, wire)
    wire.say(answer=answer.reply.code, discard=answer.discard)
    return answer


@dataclass(frozen=True, slots=True)
class Letter:
    """What the client sends."""

    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    local: bool = False  # by sendmail(1)

    @classmethod
    def of(cls, order: Mapping[str, Any]) -> "Letter":
        """As `cases.message` wrote it."""
        return cls(order["mail_from"], tuple(order["recipients"]), bytes.fromhex(order["raw"]), order["local"])


def wait_until_read(front: Front) -> None:
    """Postfix's log has been read to its end once."""
    front._deliveries.took("nobody's token", time.monotonic())


def wait_until_settled(front: Front) -> None:
    """The answer has been given: the log shows it, and the attempt is closed."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and front.open_attempts:
        time.sleep(0.002)


def look_around(config: Config, front: Front) -> dict[str, Any]:
    """What is in the store after all is done: for the ledger."""
    quarantine = front._stored.quarantine
    items = quarantine.list()
    unreadable = 0
    whole: list[str] = []
    for item in items:
        if item.state.value in ("held", "releasing"):
            try:
                whole.append(base64.b64encode(b"".join(quarantine.read(item.id))).decode())
            except Exception:  # noqa: BLE001 - counted
                unreadable += 1
    front.maintain()
    swept = quarantine.sweep_orphans(older_than=_NOTHING)
    left = [path.name for path in config.store.folder.rglob("*") if path.name.startswith(TEMPORARY)]
    again = quarantine.sweep_orphans(older_than=_NOTHING)
    found = verify(config.audit.folder)
    return {
        "items": [[item.id, item.state.value, [r.address for r in item.recipients]] for item in items],
        "unreadable": unreadable,
        "bodies": whole,
        "swept": swept.orphans,
        "missing": len(swept.missing),
        "left": left,
        "orphans": again.orphans,
        "spool": len(list(config.milter.spool_folder.iterdir())),
        "open": front.open_attempts,
        "events": found.events,
    }
