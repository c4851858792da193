"""What the front process alone costs a message: processor time by the kernel's count, without a Postfix in between.

    python -m bench.front [--against TREE] [--blocks N] [--rounds N] [--clients N] [--packs LIST] [--hold SECONDS]

Speaks the milter protocol as Postfix does, so that little else runs. With `--against` a second gateway runs from another
tree, and each round sends the same mail to one after the other: what other work on the machine does to one it does to
both. No round sends what one before it sent: workers remember texts. CPU is of the front process, of its workers (with their nursery), and of what it waits for.
"""

import argparse
import os
import queue
import shutil
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.service import COMMAND, Service, descendants

sys.path.insert(0, str(Path(__file__).parent))
from mix import messages
from relay import PATTERNS_ONLY, memory, pss, sink

CHUNK = 65_535
BUFFER = 4_096  # bytes that Postfix writes at once
VERSION, ACTIONS, STEPS = 6, 0x1FF, 0x1FFFFF
WAIVED = {"M": 0x4000, "R": 0x8000, "L": 0x80, "N": 0x40000, "B": 0x80000, "C": 0x1000, "H": 0x2000, "T": 0x10000}


class Talk:
    """One connection of a Postfix."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._waiting = b""
        self._send("O", struct.pack("!III", VERSION, ACTIONS, STEPS))
        _, answer = self._receive()
        self._steps = struct.unpack("!III", answer[:12])[2]
        self._say("C", b"client.example\0" + b"4" + struct.pack("!H", 4_000) + b"192.0.2.7\0", j="mx", daemon_name="mx")
        self._say("H", b"client.example\0")

    def message(self, raw: bytes, number: int) -> str:
        """The command that it is answered with."""
        head, _, body = raw.partition(b"\r\n\r\n")
        name = f"4B{number:08X}"
        self._say("M", b"<ada@clinic.example>\0", mail_addr="ada@clinic.example")
        self._say("R", b"<bo@partner.example>\0", rcpt_addr="bo@partner.example")
        self._say("T", b"", i=name)
        for line in head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n"):
            field, _, value = line.partition(b":")
            self._say("L", field + b"\0" + value + b"\0", i=name)
        self._say("N", b"", i=name)
        for at in range(0, len(body), CHUNK):
            self._say("B", body[at : at + CHUNK], i=name)
        self._macros("E", {"i": name})
        self._send("E", b"")
        while True:
            command, _ = self._receive()
            if command in "acdrty":
                return command

    def close(self) -> None:
        """Go."""
        self._send("Q", b"")
        self._flush(0)
        self._socket.close()

    def _say(self, command: str, rest: bytes, **macros: str) -> None:
        self._macros(command, macros)
        if command == "T" and self._steps & 0x200:  # nobody wants to hear of DATA
            return
        self._send(command, rest)
        if not self._steps & WAIVED[command]:
            self._receive()

    def _macros(self, command: str, macros: dict[str, str]) -> None:
        if macros:
            words = (f"{name if len(name) == 1 else '{' + name + '}'}\0{value}\0" for name, value in macros.items())
            self._send("D", command.encode() + "".join(words).encode())

    def _send(self, command: str, rest: bytes) -> None:
        self._waiting += struct.pack("!I", 1 + len(rest)) + command.encode() + rest
        self._flush(BUFFER)

    def _flush(self, above: int) -> None:
        """Postfix writes what fills its buffer, and the rest when it waits for an answer."""
        at = 0
        while len(self._waiting) - at > above:
            at += self._socket.send(memoryview(self._waiting)[at : at + BUFFER])
        self._waiting = self._waiting[at:]

    def _receive(self) -> tuple[str, bytes]:
        self._flush(0)
        (length,) = struct.unpack("!I", self._exactly(4))
        answer = self._exactly(length)
        return chr(answer[0]), answer[1:]

    def _exactly(self, length: int) -> bytes:
        answer = b""
        while len(answer) < length:
            more = self._socket.recv(length - len(answer))
            if not more:
                raise ConnectionError
            answer += more
        return answer


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that runs, and what it used."""

    name: str
    service: Service
    path: Path

    def seconds(self) -> tuple[float, float]:
        """So far: of the front process, and of all below it that is alive."""
        front = self.service.pid
        return used(front), sum(map(used, descendants(front)))


def used(pid: int) -> float:
    """Processor seconds of a process, its threads together, to the nanosecond (MAKE_PROCESS_CPUCLOCK of Linux)."""
    with suppress(OSError):
        return time.clock_gettime(~pid << 3 | 2)
    return 0.0


@contextmanager
def running(tree: Path, folder: Path, packs: str, port: int) -> Iterator[Gateway]:
    """A gateway from the code of a tree."""
    rules = folder / "rules"
    shutil.copytree(tree / "rules", rules)
    (folder / "models").symlink_to(tree / "models")
    if packs:
        policy = rules / "policy.yaml"
        lines = [packs if line.startswith("packs:") else line for line in policy.read_text().splitlines()]
        policy.write_text("\n".join(lines) + "\n")
    path = folder / "gateway" / "run" / "milter.sock"
    settings = {"milter": {"socket": f"unix:{path}", "socket-mode": "0666"}, "log": {"level": "info"}}
    service = Service(folder / "gateway", rules, port, settings)
    service.launcher = ("env", f"PYTHONPATH={tree}", "PYTHONSAFEPATH=1", *COMMAND)  # not the folder we run in
    try:
        service.start(300)
        yield Gateway(tree.name, service, path)
    finally:
        service.close()


def send(path: Path, mail: Sequence[bytes], clients: int) -> list[float]:
    """From so many connections; seconds of each message."""
    todo: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
    for numbered in enumerate(mail):
        todo.put(numbered)
    took: list[float] = []

    def client() -> None:
        talk = Talk(path)
        with suppress(queue.Empty):
            while True:
                number, raw = todo.get_nowait()
                begun = time.monotonic()
                if talk.message(raw, number) == "t":
                    print("deferred", file=sys.stderr)
                took.append(time.monotonic() - begun)
        talk.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, action="append", default=[], help="another tree")
    parser.add_argument("--blocks", type=int, default=2, help="blocks of 50 messages")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--packs", default=PATTERNS_ONLY, help='"": as shipped')
    parser.add_argument("--light", action="store_true", help="the short texts alone")
    parser.add_argument(
        "--hold", type=float, default=0.0, help="seconds to wait before the first round, for a profiler"
    )
    wanted = parser.parse_args()
    mail = [raw for raw in messages(wanted.blocks * (wanted.rounds + 1)) if not wanted.light or len(raw) < 16_384]
    each = len(mail) // (wanted.rounds + 1)
    first, *lots = (mail[at : at + each] for at in range(0, each * (wanted.rounds + 1), each))
    trees = [*wanted.against, Path(__file__).resolve().parents[1]]
    with ExitStack() as stack:
        port, gateways = stack.enter_context(sink()), []
        for tree in trees:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gp-", dir=memory())))
            folder.chmod(0o755)
            gateways.append(stack.enter_context(running(tree.resolve(), folder, wanted.packs, port)))
        for gateway in gateways:
            send(gateway.path, first, wanted.clients)  # warm
        print("front processes:", *(gateway.service.pid for gateway in gateways), file=sys.stderr, flush=True)
        time.sleep(wanted.hold)
        found = [[_round(gateway, lot, wanted.clients) for gateway in gateways] for lot in lots]
        load = os.getloadavg()[0]
        print(f"{each} messages, {wanted.rounds} rounds, {wanted.clients} clients, load {load:.1f}\n")
        print("| tree | front ms a message | least to most | workers ms | p50 ms | PSS MB of all | front's own |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for gateway, rounds in zip(gateways, zip(*found, strict=True), strict=True):
            front, workers, middle = zip(*rounds, strict=True)
            print(
                f"| {gateway.name} | {statistics.median(front):.2f} | {min(front):.2f} to {max(front):.2f} |"
                f" {statistics.median(workers):.2f} | {statistics.median(middle):.1f} | {pss(gateway.service.pid):.0f} |"
                f" {own(gateway.service.pid):.0f} |"
            )


def _round(gateway: Gateway, mail: Sequence[bytes], clients: int) -> tuple[float, float, float]:
    before = gateway.seconds()
    took = send(gateway.path, mail, clients)
    after = gateway.seconds()
    front, workers = (1000 * (now - then) / len(mail) for now, then in zip(after, before, strict=True))
    return front, workers, 1000 * statistics.median(took)


def own(pid: int) -> float:
    """MB that no other process shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1000


if __name__ == "__main__":
    main()
