"""`make faults`: every action, killed and failed at each system call, and the power gone after each step; the ledger.

    python -m bench.faults [kill|error|power] [EVERY] [CASE ...]

EVERY is a number: only each so many of the points, others for each case.

Exit code 1 where the ledger found anything wrong.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.makers.faults.cases import CASES, Case, case
from tests.makers.faults.records import Result
from tests.makers.faults.sweep import Lab
from tests.wire.conftest import copy_rules

Told = Iterator[tuple[str, Result]]


def kills(lab: Lab, tried: Case, every: int) -> Told:
    for point in lab.points(tried)[0][CASES.index(tried) % every :: every]:
        yield str(point), lab.run(tried, point)


def errors(lab: Lab, tried: Case, every: int) -> Told:
    for point in lab.points(tried)[1][CASES.index(tried) % every :: every]:
        yield str(point), lab.run(tried, point)


def blackouts(lab: Lab, tried: Case, every: int) -> Told:
    if not tried.command or tried.command == "purge":
        yield from lab.blackouts(tried, ("none", "some"), every=2 * every)


SWEEPS: dict[str, Callable[[Lab, Case, int], Told]] = {"kill": kills, "error": errors, "power": blackouts}


def main(words: list[str]) -> int:
    wanted = [word for word in words if word in SWEEPS] or list(SWEEPS)
    every = next((int(word) for word in words if word.isdigit()), 1)
    cases = [case(word) for word in words if word not in SWEEPS and not word.isdigit()] or list(CASES)
    begun, wrong, count = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="faults-") as name, Lab(copy_rules(Path(name) / "rules")) as lab:
        print(
            "| action | fault | points | the client came again | heard 451 first | twice, as RFC 1047 allows | wrong |"
        )
        print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
        for tried in cases:
            for sweep in wanted:
                told = list(SWEEPS[sweep](lab, tried, every))
                bad = [(where, result) for where, result in told if result.problems]
                again = sum(bool(result.after.heard) for _, result in told)
                mended = sum(len(result.hurt.heard) > 1 for _, result in told)
                twice = sum(result.repeated for _, result in told)
                row = (tried.name, sweep, len(told), again, mended, twice, len(bad))
                print(f"| {' | '.join(map(str, row))} |", flush=True)
                for where, result in bad:
                    print(f"  {where}: {'; '.join(result.problems)}", flush=True)
                count, wrong = count + len(told), wrong + len(bad)
    print(f"\n{count} points, {wrong} wrong, {time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
