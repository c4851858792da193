"""How much longer ordinary mail takes while bombs are inspected beside it.

    python bench/beside.py [--seconds N]

One gateway's workers, as they run by default on this machine. A message at a time is sent on from the mix and timed: first
alone, then while so many threads send one bomb after the other. The times of each message are compared with its own.
"""

import argparse
import itertools
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from bombs import ENVELOPE, NOTICES, RULES, gzip_of, message, pdf_loop, pdf_pages, scans
from mix import messages

from gateway.config.schema import Config
from gateway.core.envelope import Session, Transaction
from gateway.core.limits import Limits
from gateway.ruleset import load_ruleset
from gateway.wiring.equip import pace_of
from gateway.workers.nursery import Setup
from gateway.workers.pool import Workers, WorkersUnavailable
from tests.makers.office import docx, paragraph

BOMBS: dict[str, Callable[[], bytes]] = {
    "pictures": lambda: scans(30),
    "pdf-loops": pdf_loop,
    "pdf-pages": lambda: pdf_pages(900),
    "gzip-1-gib": lambda: gzip_of(1 << 30),
}
KINDS = ("short text", "HTML", "file of 300 KB", "small document")


def ordinary() -> dict[str, bytes]:
    """One message of each kind."""
    mix = list(messages())
    letter = "The order for the second ward went out on Monday, forty boxes, and the rest will follow. "
    return dict(zip(KINDS, (mix[1], mix[0], mix[9], message(docx(paragraph(letter) * 40))), strict=True))


def timed(workers: Workers, raw: bytes) -> float:
    start = time.perf_counter()
    workers.inspect(Transaction(Session(), ENVELOPE, raw))
    return time.perf_counter() - start


def times(workers: Workers, mail: dict[str, bytes], seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each kind of message, in turn for so long."""
    found: dict[str, list[float]] = {kind: [] for kind in mail}
    end = time.monotonic() + seconds
    for kind in itertools.cycle(mail):
        if time.monotonic() > end:
            return found
        found[kind].append(1000 * timed(workers, mail[kind]))
        time.sleep(0.02)
    return found


@contextmanager
def bombarded(workers: Workers, threads: int) -> Iterator[list[float]]:
    """So many threads that send bombs; yields the seconds that each bomb took."""
    bombs = [message(make()) for make in BOMBS.values()]
    stopped = threading.Event()
    took: list[float] = []

    def send(first: int) -> None:
        for raw in itertools.islice(itertools.cycle(bombs), first, None):
            if stopped.is_set():
                return
            with suppress(WorkersUnavailable):
                took.append(timed(workers, raw))

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        for number in range(threads):
            pool.submit(send, number)
        try:
            yield took
        finally:
            stopped.set()


def main() -> None:
    """Print one table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=20, help="of each measurement")
    seconds = arguments.parse_args().seconds
    mail = ordinary()
    pace = pace_of(Config())
    print(f"{pace.count} workers, {pace.kept} kept, {pace.aside} aside; milliseconds: median, 95 of 100, most\n")
    print("| bombs at a time | " + " | ".join(mail) + " | bombs done |\n| --- |" + " --- |" * (len(mail) + 1))
    with Workers(Setup(load_ruleset(RULES), Limits(), NOTICES), pace) as workers:
        times(workers, mail, 2)
        for threads in (0, 2, 4, 8):
            with bombarded(workers, threads) as took:
                if threads:
                    time.sleep(3)
                found = times(workers, mail, seconds)
                done = len(took)
            cells = [
                f"{statistics.median(one):.1f} / {sorted(one)[int(len(one) * 0.95)]:.1f} / {max(one):.1f}"
                for one in found.values()
            ]
            print(f"| {threads} | " + " | ".join(cells) + f" | {done} |", flush=True)


if __name__ == "__main__":
    main()
