"""Milliseconds of detecting on the mix with 40 made-up patterns of an organization's own and with 2,000.

Half of them begin with a word, half are digits and dashes of their own shape, as ticket, order and record numbers are.
"""

import random
import sys
import time
from pathlib import Path

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.core.limits import Limits
from gateway.core.message import Segment
from gateway.detect import Engine
from gateway.extract import extract
from gateway.parse import parse

sys.path.insert(0, str(Path(__file__).parent))
from mix import messages

ROUNDS = 3
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    """Print one table."""
    texts = [extract(parse(raw, Limits()), Limits()).segments for raw in messages(1)]
    print("| patterns | compiled in s | ms a message |\n| --- | --- | --- |")
    for number in (40, 2_000):
        start = time.process_time()
        engine = Engine([_detector(n, random.Random(n)) for n in range(number)])
        compiled = time.process_time() - start
        print(f"| {number:,} | {compiled:.2f} | {1000 * min(_seconds(engine, texts) for _ in range(ROUNDS)):.3f} |")


def _seconds(engine: Engine, texts: list[tuple[Segment, ...]]) -> float:
    start = time.process_time()
    for segments in texts:
        engine.detect(segments, Limits())
    return (time.process_time() - start) / len(texts)


def _detector(number: int, rng: random.Random) -> DetectorSpec:
    if number % 2:
        word = "".join(rng.choices(LETTERS, k=6))
        regex = rf"\b{word}[ \-]?(?:id|no|number)\s*[:#=]?\s*(?P<value>[A-Z]{{0,3}}-?\d{{{rng.randint(4, 6)},{rng.randint(7, 12)}}})\b"
    else:
        prefix = "".join(rng.choices(LETTERS, k=2)).upper()
        groups = "-".join(rf"\d{{{rng.randint(2, 5)}}}" for _ in range(rng.randint(2, 4)))
        regex = rf"\b(?P<value>{prefix}-?{groups})\b"
    pattern = Pattern("own", regex, Confidence.MEDIUM, Confidence.HIGH)
    return DetectorSpec(f"own-{number}", f"OWN_{number}", "Own number", frozenset({"own"}), (pattern,))


if __name__ == "__main__":
    main()
