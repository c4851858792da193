"""Messages a second and core where each tells of a patient, and milliseconds a megabyte by the size of an attachment.

    python -m bench.patients [--messages N]

Each message has 300 words and no text twice: a name, a date of birth, a number and a diagnosis, so that the language
model is asked each time. Attachments are those of the mix. Processor time of one process, without the front process.
"""

import argparse
import random
import sys
import time
from pathlib import Path

from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.pipeline import Inspection, inspect
from gateway.policy.demand import Demand
from gateway.ruleset import RuleSet, load_ruleset

sys.path.insert(0, str(Path(__file__).parent))
from mix import WORDS, _attached, _head

RULES = Path(__file__).resolve().parent.parent / "rules" / "policy.yaml"
FIRST = ("Erika", "Otto", "Maria", "Hans", "Greta", "Paul", "Anna", "Karl", "Rosa", "Emil")
LAST = ("Musterfrau", "Normal", "Beispiel", "Probst", "Vorlage", "Schema", "Entwurf", "Modell")
ILLS = ("type 2 diabetes", "asthma", "hypertension", "pneumonia", "breast cancer", "epilepsy")
SIZES = (50_000, 500_000, 5_000_000)  # octets of an attachment before it is encoded


def told(rng: random.Random, number: int) -> bytes:
    """A message about a patient."""
    said = (
        f"Patient: {rng.choice(FIRST)} {rng.choice(LAST)}, DOB {rng.randint(1, 12):02}/{rng.randint(1, 28):02}/"
        f"{rng.randint(1930, 2005)}, MRN {rng.randint(10**7, 10**8 - 1)}, seen for {rng.choice(ILLS)}."
    )
    lines = [" ".join(rng.choices(WORDS, k=10)) for _ in range(28)]
    lines.insert(rng.randint(0, 28), said)
    return (_head(number, "text/plain; charset=utf-8") + "\r\n" + "\r\n".join(lines) + "\r\n").encode()


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100)
    count = parser.parse_args().messages
    ruleset = load_ruleset(RULES)
    demand = ruleset.demand
    engine = Engine(ruleset.detectors, first=demand.first if demand else None)
    rng = random.Random(11)
    mail = [told(rng, number) for number in range(count + 10)]
    for raw in mail[:10]:
        _inspected(raw, ruleset, demand, engine)  # warm
    begun = time.process_time()
    held = sum(_inspected(raw, ruleset, demand, engine).verdict.disposition > 0 for raw in mail[10:])
    each = (time.process_time() - begun) / count
    print(
        f"{count} messages about patients, {held} not delivered: {1000 * each:.1f} ms, {1 / each:.0f} a second and core"
    )
    for size in SIZES:
        spent = []
        for number in range(3):
            raw = _attached(rng, number, size).encode()
            begun = time.process_time()
            _inspected(raw, ruleset, demand, engine)
            spent.append((time.process_time() - begun) / len(raw))
        print(f"attachment of {size / 1000:.0f} KB: {1e9 * min(spent):.1f} ms a MB of the message")


def _inspected(raw: bytes, ruleset: RuleSet, demand: Demand | None, engine: Engine) -> Inspection:
    envelope = Envelope("ada@clinic.example", (Recipient("bo@partner.example"),))
    notices = Notices("gatepost@clinic.example", "Example Clinic", "")
    transaction = Transaction(Session(), envelope, raw)
    return inspect(transaction, ruleset.policy, engine, Limits(), notices, time.process_time, demand=demand)


if __name__ == "__main__":
    main()
