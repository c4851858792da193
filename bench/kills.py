"""`make kills`: the gateway is killed at N lines, spread evenly from the end of a message to its reply.

After each kill it is started again and the client comes again. Prints every case in which a recipient has not exactly
one copy, and how often the client had to come; exit code 1 if there was one.

`python -m bench.kills 300 3/20`: the third of twenty pieces of it.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.makers.fanout import Kills, crew
from tests.wire.conftest import copy_rules


def main(wanted: int, piece: int = 1, pieces: int = 1) -> int:
    begun, wrong = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with crew(folder, copy_rules(folder / "rules")) as everybody:
            kills = Kills(everybody, folder / "point")
            lines = kills.prepare()
            points = sorted({1 + number * (lines - 1) // max(1, wanted - 1) for number in range(wanted)})
            points = points[piece - 1 :: pieces]
            print(
                f"{lines} lines from the end of the message to its reply; killed at {len(points)} of them", flush=True
            )
            for number, point in enumerate(points, 1):
                if problem := kills.at(point):
                    wrong += 1
                    print(problem, flush=True)
                if number % 25 == 0:
                    print(f"{number} done, {wrong} wrong, {time.monotonic() - begun:.0f} s", flush=True)
            tries = ", ".join(f"{count} after {number} tries" for number, count in sorted(kills.tries.items()))
    print(f"{len(points)} kill points, {wrong} wrong, {time.monotonic() - begun:.0f} s; served: {tries}")
    return 1 if wrong else 0


if __name__ == "__main__":
    which, _, of = (sys.argv[2] if len(sys.argv) > 2 else "1/1").partition("/")
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, int(which), int(of)))
