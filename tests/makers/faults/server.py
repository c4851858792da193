"""Loads everything once and forks a process for each life of a gateway. Run with the library preloaded.

Reads one order a line (JSON) on standard input, answers one line on standard output when the process has ended.
What the process says to Postfix goes by the descriptor that is given as argument.
"""

import gc
import json
import os
import resource
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.makers.faults.front import (
    Front,
    Letter,
    Rules,
    Wire,
    arrive,
    look_around,
    running,
    wait_until_read,
    wait_until_settled,
)
from tests.makers.faults.preload import Injector, Mode

TRIES = 6
MENDED_AFTER = 2


class Life:
    """One process: what it is ordered to do, from start to end."""

    def __init__(self, order: dict[str, Any], injector: Injector, descriptor: int) -> None:
        self._order = order
        self._injector = injector
        self._wire = Wire(descriptor)
        self._kinds: list[int] = []

    def run(self) -> None:
        """Never returns."""
        code = 1
        try:
            if not self._order.get("quiet"):
                sys.stderr.flush()
            self._live()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:  # noqa: BLE001 - said in the log of the point
            traceback.print_exc()
            code = 3
        finally:
            kinds = self._kinds or [int(kind) for kind in self._injector.disarm()]
            self._wire.say(kinds=kinds)
            os._exit(code)

    def _arm(self) -> None:
        if self._order["mode"]:
            self._injector.arm(Mode(self._order["mode"]), self._order["at"], self._order["code"])

    def _live(self) -> None:
        verb = self._order["verb"]
        from_start = self._order.get("from_start", False)
        if from_start:
            self._arm()
        if verb == "command":
            self._arm()
            command(self._order["words"])
            return
        if verb == "operate":
            for words in remedy(Path(self._order["config"]), self._order):
                with suppress(SystemExit):
                    command(words)
        with running(Path(self._order["config"])) as (config, front):
            if verb == "purge":
                self._arm()
                front.maintain()
            if verb == "serve":
                if not from_start:
                    self._arm()
                self._serve(config, front)
            self._kinds = [int(kind) for kind in self._injector.disarm()]
            if self._order.get("look"):
                if self._order["log"]:
                    wait_until_settled(front)
                self._wire.say(look=look_around(config, front))

    def _hurt(self, config: Any) -> Callable[[], None]:
        """What is wrong around the gateway, not at a call; what mends it."""
        self._injector.shift(self._order.get("shift", 0))
        match self._order.get("circumstance", ""):
            case "locked":
                database = sqlite3.connect(f"{config.store.folder}/gatepost.db", isolation_level=None)
                database.execute("BEGIN IMMEDIATE")
                return database.close
            case "descriptors":
                soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
                free = [number for number in range(soft) if not is_open(number)]
                resource.setrlimit(resource.RLIMIT_NOFILE, (free[self._order["left"]], hard))
                return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return self._injector.mend

    def _serve(self, config: Any, front: Front) -> None:
        letter = Letter.of(self._order)
        if self._order["log"]:
            wait_until_read(front)  # its thread has the log open: else it takes a descriptor at some time or other
        mend = self._hurt(config)
        for number in range(self._order.get("tries", TRIES)):
            if number == MENDED_AFTER:
                mend()
            answer = arrive(config, front, self._wire, letter.raw, letter, f"{self._order['queue']}{number}")
            if answer.reply.code < 400 or answer.reply.code >= 500:
                break
        if self._order["log"]:
            wait_until_settled(front)


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def command(words: list[str]) -> None:
    """`gatepost …` in this process."""
    from gateway.cli.main import app

    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    app(words, standalone_mode=True)


def remedy(file: Path, order: dict[str, Any]) -> list[list[str]]:
    """What docs and messages tell an operator to do where a command was cut off."""
    config, item_id = ["--config", str(file)], order["item"]
    if order["what"] == "rotate-keys":
        return [["keys", "rewrap", *config]]
    with running(file) as (_, front):
        state = front._stored.quarantine.get(item_id).state.value
    if order["what"] == "discard":
        return [] if state == "discarded" else [["quarantine", "discard", item_id, "--reason", "", *config]]
    if state == "releasing":
        return [
            [
                "quarantine",
                "confirm" if order["sent"] else "release",
                *([] if order["sent"] else ["--force"]),
                item_id,
                *config,
            ]
        ]
    return [["quarantine", "release", item_id, *config]] if state == "held" else []


def main() -> None:
    """Until standard input ends."""
    rules, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    injector = Injector()
    injector.reply_by(descriptor)
    Front.rules = Rules(rules)
    command_modules()
    answer("ready")
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if order["verb"] == "warm":
            warm(order)
            continue
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            log = os.open(order["stderr"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 2)
            recording = order.get("record")
            if recording:
                injector.record(os.open(recording, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            Life(order, injector, descriptor).run()
        _, status = os.waitpid(child, 0)
        answer(status)


def warm(order: dict[str, Any]) -> None:
    """Once through in this process, so that nothing has to be imported or compiled in a fork."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    with running(Path(order["config"])) as (config, front):
        letter = Letter.of(order)
        arrive(config, front, Wire(devnull), letter.raw, letter, "warm")
        look_around(config, front)
    os.close(devnull)
    gc.collect()
    gc.freeze()
    answer("warm")


def command_modules() -> None:
    """What the commands import when they run."""
    import gateway.cli.keys
    import gateway.cli.quarantine
    import gateway.cli.review  # noqa: F401


def answer(what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
