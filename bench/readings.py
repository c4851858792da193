"""What the several readings cost ordinary mail: parse and extract with and without them, beside the standard library.

    python bench/readings.py [--rounds N]

CPU time of one process, the least of so many rounds for each message of the mix; a round reads all of them in each way, so
that other work on the machine meets all ways. `one reading` is the same code without what looks for another reading of a text: escapes, blobs,
enclosed files and entities, other charsets and decodings. `stdlib` is email.message_from_bytes with each payload decoded.
"""

import argparse
import email
import email.policy
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from mix import messages

from gateway.core.limits import Limits
from gateway.extract import extract
from gateway.extract.further import Further
from gateway.extract.warm import warm
from gateway.parse import parse

LIMITS = Limits()
# Where another reading is asked for, and what says that there is none.
_ASKED: dict[str, Callable[..., Any]] = {
    "gateway.extract.readers.further": lambda segments, room, octets=None: Further(),
    "gateway.extract.gathered.further": lambda segments, room, octets=None: Further(),
    "gateway.extract.readers.may_enclose": lambda octets: False,
    "gateway.extract.walk.other_decodings": lambda encoding, body: iter(()),
    "gateway.parse.transfer.other_texts": lambda octets, charset, declared: iter(()),
}


@contextmanager
def one_reading() -> Iterator[None]:
    with ExitStack() as stack:
        for name, nothing in _ASKED.items():
            stack.enter_context(patch(name, nothing))
        yield


def read(raw: bytes) -> None:
    extract(parse(raw, LIMITS), LIMITS, time.process_time)


def stdlib(raw: bytes) -> None:
    for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
        part.get_payload(decode=True)


def seconds(work: Callable[[bytes], None], raw: bytes) -> float:
    start = time.process_time()
    work(raw)
    return time.process_time() - start


def kind_of(number: int) -> str:
    place = number % 50
    return "CSV of 3 to 5 MB" if place == 49 else "CSV" if place % 10 == 9 else "HTML" if place % 5 == 0 else "text"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    warm()
    rows: dict[str, list[tuple[float, ...]]] = {}
    mail = list(messages())
    ways: tuple[tuple[Callable[[bytes], None], Callable[[], AbstractContextManager[None]]], ...] = (
        (read, nullcontext),
        (read, one_reading),
        (stdlib, nullcontext),
    )
    least = [[float("inf")] * 3 for _ in mail]
    for _ in range(rounds):
        for at, (work, way) in enumerate(ways):
            with way():
                for number, raw in enumerate(mail):
                    least[number][at] = min(least[number][at], seconds(work, raw))
    for number, raw in enumerate(mail):
        row = (len(raw), *least[number])
        for kind in (kind_of(number), "all"):
            rows.setdefault(kind, []).append(row)
    print("| mail | n | KB | ms, all readings | ms, one reading | difference | ms, stdlib | MB/s, all readings |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind, found in rows.items():
        size, ours, once, base = (sum(row[at] for row in found) / len(found) for at in range(4))
        print(
            f"| {kind} | {len(found)} | {size / 1000:.1f} | {ours * 1e3:.3f} | {once * 1e3:.3f} | {ours / once - 1:+.0%} "
            f"| {base * 1e3:.3f} | {size / ours / 1e6:.0f} |"
        )


if __name__ == "__main__":
    main()
