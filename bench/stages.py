"""Milliseconds of each stage of an inspection on the mix, beside the standard library's parser in the same run."""

import argparse
import email
import email.policy
import sys
import time
from collections import defaultdict
from pathlib import Path

from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.extract.warm import warm
from gateway.pipeline import inspect
from gateway.ruleset import load_ruleset

sys.path.insert(0, str(Path(__file__).parent))
from mix import messages
from written import write

RULES = Path(__file__).resolve().parent.parent / "rules" / "policy.yaml"


def main() -> None:
    """Print one table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--blocks", type=int, default=4, help="blocks of 50 messages")
    blocks = arguments.parse_args().blocks
    started = time.process_time()
    ruleset = load_ruleset(RULES)
    loaded = time.process_time()
    demand = ruleset.demand
    engine = Engine(ruleset.detectors, first=demand.first if demand else None)
    compiled = time.process_time()
    warm()
    mix = list(messages(blocks))
    size = sum(map(len, mix)) / len(mix)
    envelope = Envelope("ada@clinic.example", (Recipient("bo@partner.example"),))
    notices = Notices("gatepost@clinic.example", "Example Clinic", "")
    stages: dict[str, float] = defaultdict(float)
    held = 0
    for raw in mix:
        transaction = Transaction(Session(), envelope, raw)
        inspection = inspect(transaction, ruleset.policy, engine, Limits(), notices, time.process_time, demand=demand)
        held += inspection.verdict.disposition > 0
        for stage, seconds in inspection.seconds.items():
            stages[stage] += seconds
    start = time.process_time()
    for raw in mix:
        for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
            if not part.is_multipart():
                part.get_content()
    stdlib = time.process_time() - start
    print(f"{len(mix)} messages, mean {size / 1000:.0f} KB, {held} not delivered")
    print(f"rules loaded in {loaded - started:.2f} s, engine compiled in {compiled - loaded:.2f} s\n")
    print("| stage | ms a message |\n| --- | --- |")
    for stage, seconds in stages.items():
        print(f"| {stage} | {1000 * seconds / len(mix):.3f} |")
    total = sum(stages.values())
    print(f"| all | {1000 * total / len(mix):.3f} |")
    print(f"| standard library: parse and decode only | {1000 * stdlib / len(mix):.3f} |")
    print(f"\nratio all / standard library: {total / stdlib:.2f}; {size * len(mix) / total / 1e6:.0f} MB/s")
    each = {stage: seconds / len(mix) for stage, seconds in stages.items()}
    write("stages", {"messages": len(mix), "mean_octets": size, "stages": each, "library": stdlib / len(mix)})


if __name__ == "__main__":
    main()
