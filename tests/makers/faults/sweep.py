"""Goes through the points of a case: hurt, restart, let the client come again, and compare with the ledger."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gateway import app
from gateway.audit import events
from gateway.audit.log import AuditLog
from gateway.config import load_config
from gateway.demo.pki import Authority, Wish
from gateway.keys.records import DomainLane, Lane, Source
from gateway.store.keyring import Keyring
from tests.makers.fanout import ANN
from tests.makers.faults.cases import A, B, SECRET, Case, Fate
from tests.makers.faults.front import config_text
from tests.makers.faults.power import Chance, Disk, What, read_record, restore
from tests.makers.faults.preload import FAILURES, VARIABLE, Kind, Mode, compiled
from tests.makers.faults.relay import Relay, Taken

ROOT = Path(__file__).parents[3]
SENDER = "nurse@clinic.example"
KILLS = (Mode.KILL, Mode.HALF)


@dataclass(frozen=True, slots=True)
class Point:
    """Where and how a case is hurt."""

    mode: Mode
    at: int = 0
    code: int = 0
    kind: Kind | None = None

    def __str__(self) -> str:
        kind = self.kind.name.lower() if self.kind else "-"
        return f"{self.mode.name.lower()} at call {self.at} ({kind}{f', errno {self.code}' if self.code else ''})"


@dataclass(slots=True)
class Life:
    """What one process did: its wait status, what it said to Postfix, how many calls it made, what it found."""

    status: int = 0
    heard: list[int] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    look: dict[str, Any] | None = None

    @property
    def killed(self) -> bool:
        return os.WIFSIGNALED(self.status)


@dataclass(slots=True)
class Result:
    """`problems` is empty where nothing is wrong. `retried`: the client had to come again."""

    problems: list[str]
    hurt: Life
    after: Life
    duplicates: int = 0


class Lab:
    """A server of processes, a relay, and templates of stores. A context manager."""

    def __init__(self, rules: Path, folder: Path | None = None) -> None:
        self._stack = ExitStack()
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", dir=folder or _memory()))
        self.folder = Path(name)
        self._rules = rules
        self.mail_log = self.folder / "mail.log"
        self.mail_log.touch()
        self.relay = Relay(self.mail_log)
        self._stack.callback(self.relay.close)
        self._templates: dict[str, Path] = {}
        self._items: dict[str, str] = {}
        self._attempt: _Attempt | None = None
        self._reading, writing = os.pipe()
        self._stack.callback(os.close, self._reading)
        environment = os.environ | {VARIABLE: str(compiled(self.folder)), "PYTHONPATH": str(ROOT)}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.makers.faults.server", str(rules / "policy.yaml"), str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(writing,),
            env=environment,
            cwd=ROOT,
        )
        os.close(writing)
        self._stack.callback(self._stop)

    def __enter__(self) -> Self:
        try:
            assert self._answer() == "ready"
            self._template("plain")
            warm = self._copy("plain", "warm")
            everything = raw("case-encrypt", (A,))
            self._order(verb="warm", config=str(warm / "gatepost.yaml"), **message(everything, (ANN, "x@nothing.example")))
            self._answer()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def _stop(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(30)

    # --- one point ---------------------------------------------------------------------------------------------------

    def run(self, case: Case, point: Point = Point(Mode.COUNT)) -> Result:  # noqa: B008  # frozen
        """Hurt it there, and see that all is well afterwards."""
        folder = self._copy(case.template, "point", case)
        self.relay.clear()
        octets = raw(case.subject, case.recipients, case.body)
        try:
            hurt = self._live(folder, octets, case, mode=int(point.mode), at=point.at, code=point.code)
            after = self._recover(folder, octets, case, hurt)
            problems = Ledger(self, case, octets).problems(hurt, after)
        except TimeoutError as error:
            return Result([f"{error}"], Life(), Life())
        if problems:
            problems.append((folder / "stderr").read_text()[-3000:])
        return Result(problems, hurt, after)

    def blackouts(self, case: Case, shares: Sequence[str], every: int = 1) -> Iterator[tuple[str, Result]]:
        """The power goes after each step of a case, or each so many of them; what it left is taken up again.

        `shares`: how much of what was not synced is there, of "none", "some", "all".
        """
        folder = self._copy(case.template, "point", case)
        disk = Disk(folder / "state")
        octets = raw(case.subject, case.recipients, case.body)
        self.relay.clear()
        record = self.folder / "record"
        whole = self._live(folder, octets, case, mode=0, at=0, code=0, record=str(record))
        taken = list(self.relay.taken)
        had, heard = 0, list[int]()
        for number, step in enumerate(read_record(record.read_bytes())):
            disk.play(step)
            said = json.loads(step.first) if step.what is What.REPLY else {}
            if "answer" in said:
                heard.append(said["answer"])
            had += step.first == b".\r\n" if step.what is What.SEND else said.get("answer") == 250 and not said["discard"]
            if number % every:
                continue
            for share in shares:
                self.relay.restore(taken[:had])
                yield f"after step {number}, {share} of the rest", self._taken_up(
                    case, octets, disk.left(Chance(share, number)), Life(0, list(heard), whole.kinds)
                )

    def _taken_up(self, case: Case, octets: bytes, left: Iterable[tuple[str, bytes | None]], hurt: Life) -> Result:
        folder = self._copy(case.template, "image", case)
        shutil.rmtree(folder / "state")
        restore(folder / "state", left)
        try:
            after = self._recover(folder, octets, case, hurt)
        except TimeoutError as error:
            return Result([f"{error}"], hurt, Life())
        problems = Ledger(self, case, octets).problems(hurt, after)
        if problems:
            problems.append((folder / "stderr").read_text()[-3000:])
        return Result(problems, hurt, after)

    def points(self, case: Case) -> tuple[list[Point], list[Point]]:
        """All kill points and all error points of a case."""
        kinds = self.run(case).hurt.kinds
        kills = [Point(mode, at, 0, kind) for at, kind in enumerate(kinds, 1) for mode in _kills_of(kind)]
        kills.append(Point(Mode.HALF, len(kinds), 0, kinds[-1]))
        return kills, [point for at, kind in enumerate(kinds, 1) for point in _errors_of(at, kind)]

    def _live(self, folder: Path, octets: bytes, case: Case, **point: Any) -> Life:
        order = {"config": str(folder / "gatepost.yaml"), "log": case.log, **point}
        if case.command in ("release", "discard", "rotate-keys"):
            return self._life(folder, verb="command", words=self._words(case, folder), **order)
        if case.command == "purge":
            return self._life(folder, verb="purge", **order)
        from_start = case.template == "empty"
        return self._life(folder, verb="serve", from_start=from_start, **order, **message(octets, case.recipients))

    def _recover(self, folder: Path, octets: bytes, case: Case, hurt: Life) -> Life:
        order = {"config": str(folder / "gatepost.yaml"), "log": case.log, "mode": 0, "at": 0, "code": 0, "look": True}
        if case.command and case.command != "purge":
            item, sent = self._items.get(case.template, ""), bool(self.relay.taken)
            return self._life(folder, verb="operate", what=case.command, item=item, sent=sent, **order)
        done = case.command or (hurt.heard and not 400 <= hurt.heard[-1] < 500)
        verb = "look" if done else "serve"
        return self._life(folder, verb=verb, **order, **message(octets, case.recipients))

    def _words(self, case: Case, folder: Path) -> list[str]:
        config, item = ["--config", str(folder / "gatepost.yaml")], self._items.get(case.template, "")
        return {
            "release": ["quarantine", "release", item, *config],
            "discard": ["quarantine", "discard", item, "--reason", "", *config],
            "rotate-keys": ["keys", "rotate", *config],
        }[case.command]

    def _life(self, folder: Path, **order: Any) -> Life:
        """Fork one, follow what it says until it has ended."""
        self._attempt = None
        life = Life()
        self._order(stderr=str(folder / "stderr"), queue=self.relay.queue_id(), **order)
        rest = b""
        assert self._server.stdout is not None
        while True:
            ready, _, _ = select.select([self._reading, self._server.stdout], [], [], 60)
            if not ready:
                raise TimeoutError("the process hangs")
            if self._reading in ready:
                rest = self._hear(rest + os.read(self._reading, 1 << 20), life, order)
            elif self._server.stdout in ready:
                life.status = int(self._answer())
                break
        self.relay.settle()
        return life

    def _hear(self, octets: bytes, life: Life, order: dict[str, Any]) -> bytes:
        *lines, rest = octets.split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "attempt" in said:
                self._attempt = _Attempt(said["attempt"], bytes.fromhex(order["raw"]), list(order["recipients"]))
            elif "answer" in said:
                life.heard.append(said["answer"])
                assert self._attempt is not None
                self._attempt.answered(said["answer"], said["discard"], self.relay)
            elif "kinds" in said:
                life.kinds = [Kind(kind) for kind in said["kinds"]]
            elif "look" in said:
                life.look = said["look"]
            elif self._attempt is not None:
                self._attempt.edits.append(said)
        return rest

    def _order(self, **order: Any) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(order).encode() + b"\n")
        self._server.stdin.flush()

    def _answer(self) -> Any:
        assert self._server.stdout is not None
        return json.loads(self._server.stdout.readline())

    # --- stores ------------------------------------------------------------------------------------------------------

    def _copy(self, template: str, name: str, case: Case | None = None) -> Path:
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._template(template), folder)
        large = case is not None and case.large
        log = self.mail_log if case is None or case.log else None
        text = config_text(folder / "state", self.relay.port, spool_above=1_000 if large else 1 << 20, log=log)
        (folder / "gatepost.yaml").write_text(text)
        return folder

    def _template(self, name: str) -> Path:
        if name not in self._templates:
            folder = self.folder / f"template-{name}"
            (folder / "state").mkdir(parents=True, mode=0o700)
            (folder / "state").chmod(0o700)
            getattr(self, f"_make_{name.replace('-', '_')}")(folder)
            self._templates[name] = folder
        return self._templates[name]

    def _configured(self, folder: Path) -> Any:
        file = folder / "gatepost.yaml"
        file.write_text(config_text(folder / "state", self.relay.port, spool_above=1 << 20, log=self.mail_log))
        return load_config(file, {})

    def _make_empty(self, folder: Path) -> None:
        Keyring.init(self._configured(folder).store.keyring)

    def _make_plain(self, folder: Path) -> None:
        config = self._configured(folder)
        Keyring.init(config.store.keyring)
        authority = Authority()
        (folder / "state" / "anchors.pem").write_text(authority.pem)
        with app.opened(config, {}) as stored:
            book = app.KeyBook(stored.engine, app.now)
            intake = app.intake_of(config, book, lambda what, key: None)
            intake.take(authority.issue(Wish([ANN])).pem.encode(), Source.MANUAL)
            book.put_lane(DomainLane("tls.example", Lane.SECURE, Source.MANUAL))

    def _make_full_segment(self, folder: Path) -> None:
        shutil.copytree(self._template("plain"), folder, dirs_exist_ok=True)
        config = self._configured(folder)
        log = AuditLog(config.audit.folder, Keyring.load(config.store.keyring).audit_key(), checkpoint_events=10_000)
        segment = config.audit.folder / "audit-000001.jsonl"
        while segment.stat().st_size < 64_700:
            log.append(events.gateway_stopped(signal="SIGTERM"))
        log.close()

    def _make_held(self, folder: Path) -> None:
        shutil.copytree(self._template("plain"), folder, dirs_exist_ok=True)
        self._configured(folder)
        octets = raw("case-hold", (A, B))
        order = {"config": str(folder / "gatepost.yaml"), "log": True, "mode": 0, "at": 0, "code": 0, "look": True}
        life = self._life(folder, verb="serve", **order, **message(octets, (A, B)))
        assert life.look is not None
        self._items["held"] = self._items["litter"] = life.look["items"][0][0]

    def _make_litter(self, folder: Path) -> None:
        """What crashes and years leave: a blob without a row, temporary files, old attempts."""
        shutil.copytree(self._template("held"), folder, dirs_exist_ok=True)
        config = self._configured(folder)
        with app.opened(config, {}) as stored:
            blobs = stored.quarantine._blobs
            old = app.now() - timedelta(days=app.JOURNAL_DAYS + 1)
            for number in range(3):
                blobs.put(f"orphan-{number}", [b"x" * 100])
                path = blobs._path(f"orphan-{number}")
                os.utime(path, (old.timestamp(), old.timestamp()))
                temporary = path.with_name(f".tmp-{number}")
                temporary.write_bytes(b"x")
                os.utime(temporary, (old.timestamp(), old.timestamp()))
            journal = app.Journal(stored.engine, clock=lambda: old)
            for number in range(3):
                attempt = journal.begin(f"key-{number}", "incident")
                journal.done(attempt, "step", "x")
                journal.leave(attempt)


@dataclass(slots=True)
class _Attempt:
    """A message that Postfix holds while the milter looks at it."""

    queue_id: str
    octets: bytes
    recipients: list[str]
    edits: list[dict[str, Any]] = field(default_factory=list)

    def answered(self, code: int, discard: bool, relay: Relay) -> None:  # noqa: FBT001
        if discard:
            relay.say("cleanup[5]", f"{self.queue_id}: milter-discard: END-OF-MESSAGE from x[1.2.3.4]: x")
        elif code >= 500:
            relay.say("cleanup[5]", f"{self.queue_id}: milter-reject: END-OF-MESSAGE from x[1.2.3.4]: 5.7.1 x")
        elif code < 400:
            left = [who for who in self.recipients if not any(edit.get("remove") == who for edit in self.edits)]
            relay.keep(Taken(tuple(left), self._edited(), self.queue_id))

    def _edited(self) -> bytes:
        head, _, body = self.octets.partition(b"\r\n\r\n")
        new = [base64.b64decode(edit["body"]) for edit in self.edits if "body" in edit]
        for edit in self.edits:
            if "add" in edit:
                head += f"\r\n{edit['add'][0]}: {edit['add'][1]}".encode()
            if "change" in edit and edit["change"][2] is not None:
                head += f"\r\n{edit['change'][0]}: {edit['change'][2]}".encode()
        return head + b"\r\n\r\n" + (b"".join(new) if new else body)


class Ledger:
    """Compares what should be with what is. Kept outside of the gateway."""

    def __init__(self, lab: Lab, case: Case, octets: bytes) -> None:
        self._lab = lab
        self._case = case
        self._octets = octets

    def problems(self, hurt: Life, after: Life) -> list[str]:
        """Everything that is wrong, in words."""
        return [*self._of_process(after), *self._of_answer(hurt, after), *self._of_copies(), *self._of_store(after)]

    def _of_process(self, after: Life) -> Iterator[str]:
        if after.status or after.look is None:
            yield f"after the restart: wait status {after.status}"

    def _of_answer(self, hurt: Life, after: Life) -> Iterator[str]:
        if self._case.command:
            return
        heard = hurt.heard + after.heard
        wanted = 550 if Fate.REFUSED in self._case.fates.values() else 250
        if not heard or heard[-1] != wanted or any(code != 451 for code in heard[:-1]):
            yield f"the client heard {heard}"

    def _of_copies(self) -> Iterator[str]:
        wanted = Counter(self._case.others)
        wanted.update(who for who, fate in self._case.fates.items() if fate in (Fate.GETS, Fate.GUARDED))
        got = self._lab.relay.got()
        if got != wanted:
            yield f"copies: lost {dict(wanted - got)}, too many {dict(got - wanted)}"
        for taken in self._lab.relay.taken:
            guarded = [who for who in taken.recipients if self._case.fates.get(who) is Fate.GUARDED]
            if guarded and SECRET in taken.octets and b"X-Gatepost-Lane: secure" not in taken.octets:
                yield f"unprotected for {guarded}"

    def _of_store(self, after: Life) -> Iterator[str]:
        look = after.look
        if look is None:
            return
        for name, allowed in (("unreadable", 0), ("missing", 0), ("left", []), ("orphans", 0), ("spool", 0)):
            if look[name] != allowed:
                yield f"{name}: {look[name]}"
        held = [set(who) for _, state, who in look["items"] if state == "held"]
        if self._case.held:
            kept = {who for who, fate in self._case.fates.items() if fate is Fate.HELD}
            if held != [kept]:
                yield f"held: {held}"
            if [base64.b64decode(body) for body in look["bodies"]] != [self._octets]:
                yield "what is held is not what came"
        elif self._case.template != "plain":
            yield from self._of_item(look)
        elif held:
            yield f"held: {held}"
        if look["open"] and self._case.log and not self._case.command:
            yield f"{look['open']} attempts stay open"

    def _of_item(self, look: dict[str, Any]) -> Iterator[str]:
        states = [state for _, state, _ in look["items"]]
        wanted = {"release": "released", "discard": "discarded"}.get(self._case.command, "held")
        if states != [wanted]:
            yield f"the item is {states}"


def raw(subject: str, recipients: tuple[str, ...], body: bytes = b"SSN 219-09-9999\r\n") -> bytes:
    """The message of a case."""
    fields = (
        f"From: Nurse <{SENDER}>",
        f"To: {', '.join(recipients)}",
        f"Subject: {subject}",
        "Date: Mon, 16 Mar 2026 09:00:00 +0000",
        "Message-ID: <1@clinic.example>",
        "X-Mood: bright",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    )
    return "".join(f"{line}\r\n" for line in fields).encode() + b"\r\n" + body


def message(octets: bytes, recipients: tuple[str, ...]) -> dict[str, Any]:
    """As an order has it."""
    return {"mail_from": SENDER, "recipients": list(recipients), "raw": octets.hex()}


def _kills_of(kind: Kind) -> tuple[Mode, ...]:
    return KILLS if kind in (Kind.WRITE, Kind.SEND, Kind.REPLY) else (Mode.KILL,)


def _errors_of(at: int, kind: Kind) -> Iterator[Point]:
    codes = FAILURES.get(kind, ())
    if codes:
        yield Point(Mode.FAIL, at, codes[at % len(codes)], kind)
    if kind is Kind.WRITE:
        yield Point(Mode.SHORT, at, codes[0], kind)
    if kind in (Kind.WRITE, Kind.CREATE):
        yield Point(Mode.LASTING, at, codes[0], kind)


def _memory() -> str | None:
    """A file system in memory, where there is one: fsync costs nothing there."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
