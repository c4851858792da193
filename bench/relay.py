"""What a filter costs a Postfix: the mix through a private one, with no milter, with one that only listens, with
Gatepost, and with filters that people use today, where they are installed (bench.anchors).

    python -m bench.relay [--blocks N] [--rounds N] [--clients N] [--disk] [FILTER ...]

Each round goes through all filters; ratios are to `none` of the same round, the table has the medians. Messages are counted when
they have left the queue; slow filters get one block in the first round. CPU is that of the filter's own processes. Needs
root. Other work on the machine disturbs all but CPU: the table says how busy it was.
"""

import argparse
import os
import platform
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.config import shipped
from gateway.demo.client import converse
from gateway.demo.ports import LOOPBACK, PortHold, answers, wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.service import Service, descendants

sys.path.insert(0, str(Path(__file__).parent))
from anchors import ANCHORS, SLOW, Start, missing
from mix import messages
from written import write

TICK = os.sysconf("SC_CLK_TCK")
CLIENTS = 8  # connections at a time
DISK = "/var/tmp"
BLOCK = 50  # messages of the mix, after which it begins anew
PATTERNS_ONLY = "packs: [pci, secrets]"  # no names, no language model


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one filter in one round. Seconds; `cpu` of the filter, `postfix` of Postfix for one message; `memory` in MB.

    `events` that the audit log got for one message, and their `octets`.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float
    codes: dict[int, int]
    postfix: float
    events: float
    octets: float


@contextmanager
def sink() -> Iterator[int]:
    hold = PortHold()
    port = hold.port
    command = ["smtp-sink", "-u", "nobody", f"{LOOPBACK}:{port}", "256"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), 10, "the sink answers")
        yield port
    finally:
        process.kill()
        process.wait()
        hold.close()


@contextmanager
def site(name: str, folder: Path) -> Iterator[tuple[PrivatePostfix, int | None]]:
    """Postfix with this filter, and the filter's main process."""
    with sink() as port:
        path = folder / "gateway" / "run" / "milter.sock"
        postfix = PrivatePostfix(folder / "postfix", Wiring(port, milter="" if name == "none" else f"unix:{path}"))
        try:
            with FILTERS[name](folder, path, postfix) as pid:
                postfix.start()
                yield postfix, pid
        finally:
            postfix.close()


@contextmanager
def nothing(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    yield None


@contextmanager
def noop(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    path.parent.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-m", "bench.noop", f"unix:{path}"])
    try:
        wait_until(path.exists, 20, "the milter listens")
        path.chmod(0o666)
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def gatepost(folder: Path, path: Path, postfix: PrivatePostfix, *, packs: str = "") -> Iterator[int | None]:
    rules = folder / "rules"
    shutil.copytree(shipped("rules"), rules)
    (folder / "models").symlink_to(shipped("models"))
    if packs:
        policy = rules / "policy.yaml"
        lines = [packs if line.startswith("packs:") else line for line in policy.read_text().splitlines()]
        policy.write_text("\n".join(lines) + "\n")
    settings = {"milter": {"socket": f"unix:{path}", "socket-mode": "0666"}, "log": {"level": "info"}}
    service = Service(folder / "gateway", rules, postfix.loopback_port, settings)
    try:
        service.start(300)
        yield service.pid
    finally:
        service.close()


@contextmanager
def patterns(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    with gatepost(folder, path, postfix, packs=PATTERNS_ONLY) as pid:
        yield pid


OURS: dict[str, Start] = {"none": nothing, "noop": noop, "patterns": patterns, "shipped": gatepost}
FILTERS = OURS | ANCHORS


def measure(name: str, mail: Sequence[bytes], clients: int, place: str | None) -> Figures:
    with tempfile.TemporaryDirectory(prefix="gp-", dir=place) as text:
        folder = Path(text)
        folder.chmod(0o755)
        with site(name, folder) as (postfix, pid):
            mail = mail[:BLOCK] if name in SLOW else mail
            send(postfix, mail[:BLOCK], clients)  # warm
            postfix.drain(120)
            before, begun = spent(pid, postfix, folder), time.monotonic()
            took, codes = send(postfix, mail, clients)
            wait_until(lambda: not waiting(postfix), 300, "the queue is empty", every=0.02)
            seconds = time.monotonic() - begun
            filter_cpu, postfix_cpu, events, octets = (
                (now - then) / len(mail) for now, then in zip(spent(pid, postfix, folder), before, strict=True)
            )
            return Figures(
                len(mail) / seconds,
                statistics.median(took),
                sorted(took)[int(len(took) * 0.99)],
                filter_cpu,
                pss(pid),
                codes,
                postfix_cpu,
                events,
                octets,
            )


def spent(pid: int | None, postfix: PrivatePostfix, folder: Path) -> tuple[float, float, int, int]:
    """So far: seconds of processor time of the filter and of Postfix, events of the audit log and their bytes."""
    logs = [path.read_bytes() for path in (folder / "gateway" / "state" / "audit").glob("audit-*.jsonl")]
    return cpu(pid), cpu(postfix.pid), sum(log.count(b"\n") for log in logs), sum(map(len, logs))


def send(postfix: PrivatePostfix, mail: Sequence[bytes], clients: int) -> tuple[list[float], dict[int, int]]:
    """From so many connections; seconds of each message, and the replies."""
    todo: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for raw in mail:
        todo.put(raw)
    took: list[float] = []
    codes: dict[int, int] = {}

    def client() -> None:
        with postfix.connect() as smtp, suppress(queue.Empty):
            while True:
                raw = todo.get_nowait()
                begun = time.monotonic()
                code = converse(smtp, "ada@clinic.example", ["bo@partner.example"], raw).final.code
                took.append(time.monotonic() - begun)
                codes[code] = codes.get(code, 0) + 1

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, codes


def waiting(postfix: PrivatePostfix) -> bool:
    """A message is in one of Postfix's queues."""
    folders = ("incoming", "active", "deferred", "maildrop")
    return any(path.is_file() for name in folders for path in (postfix.queue_folder / name).rglob("*"))


def cpu(pid: int | None) -> float:
    """Seconds of a process and all below it, those that were reaped too."""
    return sum(_ticks(each) for each in (pid, *descendants(pid))) / TICK if pid else 0.0


def _ticks(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15]))
    return 0


def pss(pid: int | None) -> float:
    """MB, shared pages divided among those that share them."""
    total = 0
    for each in (pid, *descendants(pid)) if pid else ():
        with suppress(OSError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=6, help="blocks of 50 messages")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--disk", action="store_true", help="queue and store on the disk of /var/tmp, not in memory")
    parser.add_argument("filters", nargs="*", help="default: all that are installed")
    wanted = parser.parse_args()
    for name in (left_out := [name for name in wanted.filters or FILTERS if missing(name)]):
        print(f"{name} is left out, since it is not installed: {', '.join(missing(name))}", file=sys.stderr)
    wanted.filters = [name for name in wanted.filters or FILTERS if name not in left_out]
    mail = list(messages(wanted.blocks))
    found: dict[str, list[Figures]] = {name: [] for name in wanted.filters}
    load = os.getloadavg()[0]
    for number in range(wanted.rounds):
        for name in (each for each in wanted.filters if number == 0 or each not in SLOW):
            found[name].append(measure(name, mail, wanted.clients, DISK if wanted.disk else memory()))
            print(f"{name}: {found[name][-1]}", file=sys.stderr)
    size = sum(map(len, mail)) / len(mail)
    print(
        f"{len(mail)} messages, mean {size / 1000:.0f} KB, {wanted.clients} clients, {wanted.rounds} rounds;", end=" "
    )
    where = "disk" if wanted.disk else "memory"
    print(f"queue in {where}; {os.cpu_count()} cores, {platform.machine()}, load before {load:.1f}\n")
    print("| filter | msg/s | to none | CPU ms a message | p50 ms | p99 to none | PSS MB | replies |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, figures in found.items():
        print(row(name, figures, found.get("none", figures)))
    if "shipped" in found and wanted.clients == CLIENTS and not wanted.disk:  # pages are made of nothing else
        write(
            "relay",
            {
                "messages": len(mail),
                "rounds": wanted.rounds,
                "clients": wanted.clients,
                "mean_octets": size,
                "load_before": load,
                "filters": {name: medians(figures, found.get("none", figures)) for name, figures in found.items()},
            },
        )


def medians(mine: Sequence[Figures], none: Sequence[Figures]) -> dict[str, float]:
    """For the results file: seconds, MB, messages a second."""
    names = ("rate", "p50", "p99", "cpu", "memory", "postfix", "events", "octets")
    found = {name: statistics.median(getattr(each, name) for each in mine) for name in names}
    return {**found, "to_none": statistics.median(f.rate / n.rate for f, n in zip(mine, none, strict=False))}


def row(name: str, mine: Sequence[Figures], none: Sequence[Figures]) -> str:
    """Medians."""
    middle = statistics.median
    cells = (
        name,
        f"{middle(f.rate for f in mine):.0f}",
        f"{middle(f.rate / n.rate for f, n in zip(mine, none, strict=False)):.2f}",
        f"{1000 * middle(f.cpu for f in mine):.2f}",
        f"{1000 * middle(f.p50 for f in mine):.0f}",
        f"{middle(f.p99 / n.p99 for f, n in zip(mine, none, strict=False)):.1f}",
        f"{middle(f.memory for f in mine):.0f}",
        ", ".join(f"{code}: {count}" for code, count in sorted(mine[0].codes.items())),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
