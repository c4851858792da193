"""Goes through the points of a case: hurt, restart, let the client come again, and compare with the ledger."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gateway.demo.lasting import Lasting
from tests.makers.fanout import ANN
from tests.makers.faults.cases import SECRET, A, B, Case, message, raw
from tests.makers.faults.ledger import Attempt, Ledger
from tests.makers.faults.power import Chance, Disk, What, read_record, restore
from tests.makers.faults.preload import FAILURES, VARIABLE, Kind, Mode, compiled
from tests.makers.faults.records import Life, Point, Result
from tests.makers.faults.relay import Relay, Taken
from tests.makers.faults.stores import Stores

ROOT = Path(__file__).parents[3]
KILLS = (Mode.KILL, Mode.HALF)

UNHURT = Point(Mode.COUNT)


class Lab(Lasting):
    """A server of processes, a relay, and templates of stores."""

    def __init__(self, rules: Path, folder: Path | None = None) -> None:
        self._stack = ExitStack()
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", dir=folder or _memory()))
        self.folder = Path(name)
        self._rules = rules
        self.mail_log = self.folder / "mail.log"
        self.mail_log.touch()
        self.relay = Relay(self.mail_log)
        self._stack.callback(self.relay.close)
        self._stores = Stores(self.folder, self.relay.port, self.mail_log, self._hold)
        self._attempt: Attempt | None = None
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

    def start(self) -> None:
        assert self._answer() == "ready"
        self._stores.template("plain")
        warm = self._stores.copy("plain", "warm")
        everything = raw("case-encrypt", (A,))
        self._order(verb="warm", config=str(warm / "gatepost.yaml"), **message(everything, (ANN, "x@nothing.example")))
        self._answer()

    def close(self) -> None:
        self._stack.close()

    def _stop(self) -> None:
        self._server.communicate(timeout=30)

    # --- one point ---------------------------------------------------------------------------------------------------

    def run(self, case: Case, point: Point = UNHURT) -> Result:
        """Hurt it there, and see that all is well afterwards."""
        folder = self.ready(case)
        try:
            hurt = self.serve(folder, case, mode=int(point.mode), at=point.at, code=point.code)
            return self.taken_up(folder, case, hurt)
        except TimeoutError as error:
            return Result([f"{error}"], Life(), Life())

    def ready(self, case: Case) -> Path:
        """The folder of a gateway to which the case is about to happen."""
        folder = self._stores.copy(case.template, "point", case)
        self.relay.clear()
        return folder

    def serve(self, folder: Path, case: Case, **circumstances: Any) -> Life:
        """One life in which it happens."""
        return self._live(folder, case.octets, case, **{"mode": 0, "at": 0, "code": 0, **circumstances})

    def taken_up(self, folder: Path, case: Case, hurt: Life, **circumstances: Any) -> Result:
        """Start again, let the client come again where it has to, and compare with the ledger."""
        after = self._recover(folder, case.octets, case, hurt, **circumstances)
        ledger = Ledger(self.relay, case, case.octets)
        problems = [*ledger.problems(hurt, after), *in_clear(folder)]
        if problems:
            problems.append((folder / "stderr").read_text()[-3000:])
        return Result(problems, hurt, after, ledger.repeated)

    def points(self, case: Case) -> tuple[list[Point], list[Point]]:
        """All kill points and all error points of a case."""
        kinds = self.run(case).hurt.kinds
        kills = [Point(mode, at, 0, kind) for at, kind in enumerate(kinds, 1) for mode in _kills_of(kind)]
        kills.append(Point(Mode.HALF, len(kinds), 0, kinds[-1]))
        return kills, [point for at, kind in enumerate(kinds, 1) for point in _errors_of(at, kind)]

    def problems_now(self, case: Case, result: Result) -> list[str]:
        """What the ledger says of the relay as it is now."""
        return Ledger(self.relay, case, case.octets).problems(result.hurt, result.after)

    def clear_copy(self, case: Case) -> Taken:
        """The message of a case as it came, for all its recipients."""
        return Taken(case.recipients, case.octets, "00000ABCDEF")

    def blackouts(self, case: Case, shares: Sequence[str], every: int = 1) -> Iterator[tuple[str, Result]]:
        """The power goes after each step of a case, or each so many of them; what it left is taken up again.

        `shares`: how much of what was not synced is there, of "none", "some", "all".
        """
        folder, record = self.ready(case), self.folder / "record"
        disk = Disk(folder / "state")
        whole = self.serve(folder, case, record=str(record))
        taken = list(self.relay.taken)
        had, held, heard, forgotten = 0, Attempt("", b"", []), list[int](), not case.gets_it
        for number, step in enumerate(read_record(record.read_bytes())):
            disk.play(step)
            said = json.loads(step.first) if step.what is What.REPLY else {}
            if "attempt" in said:
                held = Attempt(said["attempt"], b"", [])
            if "answer" in said:
                heard.append(said["answer"])
                forgotten = forgotten or said["discard"]
            kept = said.get("answer") == 250 and not said["discard"]
            had += kept or (step.what is What.SEND and step.first == b".\r\n")
            if number % every:
                continue
            for share in shares:
                self.relay.restore(taken[:had])
                if heard and had == len(taken) and forgotten:
                    held.answered(heard[-1], self.relay, discard=heard[-1] < 400)
                left = disk.left(Chance(share, number))
                result = self._image(case, left, Life(0, list(heard), whole.kinds))
                yield f"after step {number}, {share} of the rest", result

    def _image(self, case: Case, left: Iterable[tuple[str, bytes | None]], hurt: Life) -> Result:
        folder = self._stores.copy(case.template, "image", case)
        shutil.rmtree(folder / "state")
        restore(folder / "state", left)
        try:
            return self.taken_up(folder, case, hurt)
        except TimeoutError as error:
            return Result([f"{error}"], hurt, Life())

    def _live(self, folder: Path, octets: bytes, case: Case, **point: Any) -> Life:
        order = {"config": str(folder / "gatepost.yaml"), "log": case.log, **point}
        if case.command in ("release", "discard", "rotate-keys"):
            return self._life(folder, verb="command", words=self._words(case, folder), **order)
        if case.command == "purge":
            return self._life(folder, verb="purge", **order)
        from_start = case.template == "empty"
        return self._life(
            folder, verb="serve", from_start=from_start, **order, **message(octets, case.recipients, local=case.local)
        )

    def _recover(self, folder: Path, octets: bytes, case: Case, hurt: Life, **circumstances: Any) -> Life:
        order: dict[str, Any] = {
            "config": str(folder / "gatepost.yaml"),
            "log": case.log,
            "mode": 0,
            "at": 0,
            "code": 0,
        }
        order |= {"look": True, **circumstances}
        if case.command and case.command != "purge":
            item, sent = self._stores.item, bool(self.relay.taken)
            return self._life(folder, verb="operate", what=case.command, item=item, sent=sent, **order)
        done = case.command or (hurt.heard and not 400 <= hurt.heard[-1] < 500)
        verb = "look" if done else "serve"
        return self._life(folder, verb=verb, **order, **message(octets, case.recipients, local=case.local))

    def _words(self, case: Case, folder: Path) -> list[str]:
        config, item = ["--config", str(folder / "gatepost.yaml")], self._stores.item
        return {
            "release": ["quarantine", "release", item, *config],
            "discard": ["quarantine", "discard", item, "--reason", "", *config],
            "rotate-keys": ["keys", "rotate", *config],
        }[case.command]

    def _hold(self, folder: Path) -> str:
        order = {"config": str(folder / "gatepost.yaml"), "log": True, "mode": 0, "at": 0, "code": 0, "look": True}
        life = self._life(folder, verb="serve", **order, **message(raw("case-hold", (A, B)), (A, B)))
        assert life.look is not None
        return str(life.look["items"][0][0])

    def _life(self, folder: Path, **order: Any) -> Life:
        """Fork one, follow what it says until it has ended."""
        self._attempt = None
        life = Life()
        self._order(stderr=str(folder / "stderr"), queue=self.relay.queue_id(), **order)
        rest = b""
        assert self._server.stdout is not None
        while True:
            ready, _, _ = select.select([self._reading, self._server.stdout.fileno()], [], [], 60)
            if not ready:
                raise TimeoutError("the process hangs")
            if self._reading in ready:
                rest = self._hear(rest + os.read(self._reading, 1 << 20), life, order)
            elif self._server.stdout.fileno() in ready:
                life.status = int(self._answer())
                break
        self.relay.settle()
        return life

    def _hear(self, octets: bytes, life: Life, order: dict[str, Any]) -> bytes:
        *lines, rest = octets.split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "attempt" in said:
                raw, recipients = bytes.fromhex(order["raw"]), list(order["recipients"])
                self._attempt = Attempt(said["attempt"], raw, recipients, order["local"])
            elif "answer" in said:
                life.heard.append(said["answer"])
                assert self._attempt is not None
                self._attempt.answered(said["answer"], self.relay, discard=said["discard"])
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


def in_clear(folder: Path) -> Iterator[str]:
    """Files that show the value which the message of every case has."""
    for path in folder.rglob("*"):
        if path.is_file() and SECRET in path.read_bytes():
            yield f"{path.name} shows a value"


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
