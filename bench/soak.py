"""`make soak`: mail through a real Postfix while workers, the gateway and Postfix are killed; then a ledger.

    python -m bench.soak [--messages N] [--clients N] [--seed N]

More clients than the gateway takes at once, idle connections to its socket, senders who dawdle. Every message carries a number;
a client that hears 4xx, or nothing, sends it again. Exit code 1 where a message is lost, unprotected or there too often.
A Postfix that is stopped while it delivers delivers the same queue file again: that is told apart by the Received
header, which has queue id and time, and is not ours.
"""

import argparse
import os
import queue
import random
import shutil
import smtplib
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.demo.client import converse
from gateway.demo.letters import letter
from gateway.demo.service import descendants
from gateway.demo.site import Layout, Site
from tests.wire.conftest import copy_rules

SECRET = b"219-09-9999"
GIVES_UP_AFTER = 300.0  # seconds of 451 for one message
IDLE = 1_000
SLOW = 5
SETTINGS: dict[str, dict[str, object]] = {
    "workers": {"count": 2, "queue-limit": 8},
    "milter": {"max-in-flight": 16},
    "log": {"level": "error"},
}
KINDS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("plain", ("a@a.example",), 1),
    ("case-tag", ("a@a.example",), 1),
    ("case-redact", ("a@a.example",), 1),
    ("case-copies", ("a@a.example", "b@b.example", "c@c.example"), 1),
    ("case-hold", ("a@a.example",), 0),
)


@dataclass
class Ledger:
    """What clients were told; kept outside of everything that is killed."""

    taken: dict[int, int] = field(default_factory=dict)  # number to kind
    unsure: set[int] = field(default_factory=set)  # the reply was lost: the client may have sent it twice (RFC 1047)
    codes: Counter[int] = field(default_factory=Counter)
    lost: list[int] = field(default_factory=list)  # given up
    again: int = 0  # deliveries of a queue file that had been delivered: Postfix was stopped in between

    def told(self, number: int, kind: int, code: int) -> None:
        self.codes[code] += 1
        if code == 250:
            self.taken[number] = kind


class Soak:
    def __init__(self, site: Site, messages: int, seed: int) -> None:
        self._site = site
        self._todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(messages):
            self._todo.put(number)
        self._random = random.Random(seed)
        self.ledger = Ledger()
        self.kills: Counter[str] = Counter()
        self.memory: list[float] = []
        self._over = threading.Event()

    def run(self, clients: int) -> float:
        """Until every message was taken; seconds from the last kill to the first message that passes at once."""
        threads = [threading.Thread(target=self._client) for _ in range(clients)]
        watch = threading.Thread(target=self._watch)
        for thread in (*threads, watch):
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self._over.wait(self._random.uniform(2, 6))
            if self._todo.qsize() > clients:
                self._hurt()
        begun = time.monotonic()
        while self._try(10**9, 0, numbered(10**9, 0)) != 250:
            time.sleep(0.2)
        self._over.set()
        watch.join()
        return time.monotonic() - begun

    def _hurt(self) -> None:
        what = self._random.choices(("worker", "gateway", "postfix"), (6, 2, 1))[0]
        self.kills[what] += 1
        gateway, postfix = self._site.gateway, self._site.postfix
        if what == "worker":
            for pid in gateway.workers()[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
        elif what == "gateway":
            gateway.kill()
            gateway.start(300)
        else:
            postfix.stop()
            postfix.start()

    def _client(self) -> None:
        with suppress(queue.Empty):
            while True:
                number = self._todo.get_nowait()
                end, kind = time.monotonic() + GIVES_UP_AFTER, number % len(KINDS)
                raw = numbered(number, kind)  # once: a client comes again with the same bytes
                while (code := self._try(number, kind, raw)) != 250 and time.monotonic() < end:
                    time.sleep(0.1)
                if code != 250:
                    self.ledger.lost.append(number)

    def _try(self, number: int, kind: int, raw: bytes) -> int:
        _, recipients, _ = KINDS[kind]
        try:
            with self._site.postfix.connect() as client:
                code = converse(client, "nurse@clinic.example", recipients, raw).final.code
        except (OSError, smtplib.SMTPException):
            self.ledger.unsure.add(number)
            code = 0
        if number < 10**9:
            self.ledger.told(number, kind, code)
        return code

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            with suppress(Exception):
                pid = self._site.gateway.pid
                self.memory.append(sum(map(rss, (pid, *descendants(pid)))))


def numbered(number: int, kind: int) -> bytes:
    """The message of a number."""
    return letter(f"{KINDS[kind][0]} no-{number}-", b"number %d, SSN %s\r\n" % (number, SECRET))


def rss(pid: int) -> float:
    """MB."""
    with suppress(OSError):
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0


@contextmanager
def idle(path: Path, count: int) -> Iterator[None]:
    """So many connections to the milter's socket that say nothing."""
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(5)
            with suppress(OSError):
                connection.connect(str(path))
        yield


@contextmanager
def dawdlers(port: int, count: int) -> Iterator[None]:
    """Clients who send a byte of their message now and then."""
    over = threading.Event()

    def dawdle() -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(
                b"EHLO slow.example\r\nMAIL FROM:<slow@clinic.example>\r\nRCPT TO:<a@a.example>\r\nDATA\r\n"
            )
            while not over.wait(1.0):
                connection.sendall(b"x")

    threads = [threading.Thread(target=dawdle) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def problems(site: Site, ledger: Ledger) -> Iterator[str]:
    """What the sink and the quarantine have, against what clients were told."""
    got: dict[tuple[int, str], set[bytes]] = defaultdict(set)  # once for each queue file
    for delivery in site.sink.deliveries:
        subject = delivery.octets.partition(b"no-")[2].partition(b"-")[0]
        if not subject.isdigit() or int(subject) >= 10**9:
            continue
        number = int(subject)
        for address in delivery.recipients:
            ledger.again += delivery.octets in got[number, address]
            got[number, address].add(delivery.octets)
        what = KINDS[number % len(KINDS)][0]
        if what == "case-hold" or (what == "case-redact" and SECRET in delivery.octets):
            yield f"message {number} unprotected"
    held = 0
    for number, kind in ledger.taken.items():
        _, recipients, wanted = KINDS[kind]
        held += not wanted
        for address in recipients if wanted else ():
            count = len(got[number, address])
            if not count:
                yield f"message {number} lost for {address}"
            elif count > 1 and number not in ledger.unsure:
                yield f"message {number} came {count} times to {address}"
    items = site.gateway.held()
    unsure = sum(KINDS[number % len(KINDS)][0] == "case-hold" for number in ledger.unsure if number < 10**9)
    if not held <= items <= held + unsure:
        yield f"{items} items are held, and {held} messages were taken for it ({unsure} of them perhaps twice)"
    yield from (f"message {number} was never taken" for number in ledger.lost)
    site.gateway.command("audit", "verify")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        rules = copy_rules(Path(name) / "rules")
        with Site(Layout(rules, SETTINGS), prefix="gp-") as site:
            soak = Soak(site, wanted.messages, wanted.seed)
            path = site.gateway.folder / "run" / "milter.sock"
            with idle(path, IDLE), dawdlers(site.postfix.submission_port, SLOW):
                back = soak.run(wanted.clients)
            site.postfix.drain(300)
            wrong = list(problems(site, soak.ledger))
            if wrong:  # whose doing it was stands there: Postfix sends again what it was stopped in
                print("kept:", shutil.copy(site.postfix.log, Path(tempfile.gettempdir()) / "gatepost-soak-mail.log"))
    third = soak.memory[len(soak.memory) // 3 :] or [0.0]
    print(
        f"{wanted.messages} messages by {wanted.clients} clients in {time.monotonic() - begun:.0f} s; killed: {dict(soak.kills)}"
    )
    print(f"replies: {dict(soak.ledger.codes)}; the reply was lost {len(soak.ledger.unsure)} times")
    print(
        f"memory of all processes: {third[0]:.0f} MB after a third, {third[-1]:.0f} MB at the end, {max(third):.0f} MB at most"
    )
    print(f"back to normal after {back:.1f} s")
    print(f"{soak.ledger.again} delivered twice from one queue file of Postfix")
    print(f"{len(wrong)} wrong")
    for problem in wrong[:50]:
        print(f"  {problem}")
    return 1 if wrong or back > 60 else 0


if __name__ == "__main__":
    sys.exit(main())
