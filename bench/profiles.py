"""What an inspection spends its processor time on, by kind of message of the mix: the functions that take most.

    python bench/profiles.py [--top N]

The profiler makes Python's calls dearer than they are, so the milliseconds without it stand above each table. Texts that
were seen before are remembered, so no message comes twice.
"""

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from mix import messages
from readings import kind_of

from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.extract.warm import warm
from gateway.pipeline import inspect
from gateway.ruleset import load_ruleset

RULES = Path(__file__).resolve().parent.parent / "rules" / "policy.yaml"
ENVELOPE = Envelope("ada@clinic.example", (Recipient("bo@partner.example"),))
NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "")
_BLOCKS = 6  # of fifty messages: two to warm, two without the profiler, two with it


def main() -> None:
    """Print one table a kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--top", type=int, default=12)
    top = parser.parse_args().top
    ruleset = load_ruleset(RULES)
    demand = ruleset.demand
    engine = Engine(ruleset.detectors, first=demand.first if demand else None)
    warm()

    def read(mail: list[bytes]) -> float:
        begun = time.process_time()
        for raw in mail:
            transaction = Transaction(Session(), ENVELOPE, raw)
            inspect(transaction, ruleset.policy, engine, Limits(), NOTICES, time.process_time, demand=demand)
        return 1000 * (time.process_time() - begun) / len(mail)

    kinds: dict[str, list[bytes]] = {}
    for number, raw in enumerate(messages(_BLOCKS)):
        kinds.setdefault(_kind(number), []).append(raw)
    for kind, mail in kinds.items():
        third = len(mail) // 3
        read(mail[:third])
        each = read(mail[third : 2 * third])
        profile = cProfile.Profile(time.process_time)
        profile.runcall(read, mail[2 * third :])
        print(f"{kind}, n = {third}: {each:.2f} ms each\n")
        _print(pstats.Stats(profile), top)


def _kind(number: int) -> str:
    return "with an identifier" if number % 10 == 3 else kind_of(number)


def _print(stats: pstats.Stats, top: int) -> None:
    rows = [
        (spent, calls, f"{'/'.join(Path(file).parts[-2:])}:{name}" if file != "~" else name)
        for (file, _, name), (_, calls, spent, _, _) in stats.stats.items()  # type: ignore[attr-defined]
    ]
    total = sum(spent for spent, *_ in rows)
    for spent, calls, name in sorted(rows, reverse=True)[:top]:
        print(f"  {100 * spent / total:5.1f} %  {calls:8}  {name}")
    print()


if __name__ == "__main__":
    main()
