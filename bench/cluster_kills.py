"""One of two gateways is killed at N lines between the end of a message and its reply, and does not come back.

The client comes again, HAProxy leads it to the other gateway, which goes on once the lease has ended. Prints every case
in which a recipient has not exactly one copy; exit code 1 if there was one. Each takes about twenty seconds.

`python -m bench.cluster_kills 20`
`python -m bench.cluster_kills 20 apart`: each gateway takes the Postfix for one of its own, whose log the other cannot
see; the killed one is started again after its lease, and says what its Postfix has.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from gateway.demo.letters import letter
from tests.makers.objects import ObjectServer
from tests.makers.pair import Pair, pair
from tests.makers.postgres import Postgres
from tests.wire.conftest import copy_rules
from tests.wire.test_cluster import LEASE_SECONDS, servers

CASES = (
    ("case-copies", ("1@a.example", "2@b.example", "3@c.example"), 0),
    ("case-mixed", ("4@clinic.example", "5@outside.example"), 1),
)
PATIENCE_SECONDS = 60.0
AWAY_SECONDS = LEASE_SECONDS + 5.0  # where they are apart


def killed_at(two: Pair, file: Path, point: int, case: tuple[str, tuple[str, ...], int], *, apart: bool) -> str:
    """What went wrong; "" where each has exactly one copy."""
    subject, recipients, held = case
    first, second = two.gateways
    _lead_to_first(two, file)
    two.postfix.drain(60)
    two.sink.clear()
    before, raw = second.held(), letter(f"{subject} {point}")
    file.write_text(str(point))
    heard: list[int] = []
    begun, back = time.monotonic(), False
    while (not heard or heard[-1] != 250) and time.monotonic() < begun + PATIENCE_SECONDS:
        if apart and not back and time.monotonic() > begun + AWAY_SECONDS:
            file.write_text("0")
            first.kill()
            first.start()
            back = True
        heard.append(two.postfix.send("nurse@clinic.example", recipients, raw).final.code)
        time.sleep(1.0)
    two.postfix.drain(60)
    got = Counter(who for delivery in two.sink.deliveries for who in delivery.recipients)
    kept = second.held() - before
    if heard[0] == 250:
        return f"{subject}, line {point}: it was not killed"
    if not back:
        file.write_text("0")
        first.kill()
        first.start()
    if heard[-1] == 250 and kept == held and got == Counter(recipients[: len(recipients) - held]):
        return ""
    return f"{subject}, line {point}: client heard {Counter(heard)}; copies {dict(got)}, held {kept}"


def _lead_to_first(two: Pair, file: Path) -> int:
    """Wait until HAProxy has seen that the first one is back; how many lines a message takes there."""
    file.write_text("0")
    while len(file.read_text().split()) < 2:
        two.postfix.send("nurse@clinic.example", ("ann@clinic.example",), letter("nothing in it"))
    return int(file.read_text().split()[1])


def main(wanted: int, *, apart: bool) -> int:
    begun, wrong, done = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="kills-") as name, Postgres() as postgres, ObjectServer() as objects:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "point"
        file.write_text("0")
        with (
            servers(postgres, objects, folder) as there,
            pair(copy_rules(folder / "rules"), there.settings, first_launcher=_launcher(file), apart=apart) as two,
        ):
            for case in CASES:
                _lead_to_first(two, file)
                two.postfix.send("nurse@clinic.example", case[1], letter(f"{case[0]} first"))
                lines = int(file.read_text().split()[1])
                each = wanted // len(CASES)
                for number in range(each):
                    point = 1 + number * (lines - 2) // max(1, each - 1)
                    problem = killed_at(two, file, point, case, apart=apart)
                    done += 1
                    wrong += bool(problem)
                    print(problem or f"{done} done, {wrong} wrong, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{done} kill points, {wrong} wrong, {time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


def _launcher(file: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.makers.killer", str(file))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, apart="apart" in sys.argv))
