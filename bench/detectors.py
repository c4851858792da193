"""What each shipped detector costs alone: processor time on the mix, and memory of what was compiled or loaded for it.

    python bench/detectors.py [--blocks N] [--rounds N]

Each is compiled and asked in a process of its own; from its time that of a detector which finds nothing is taken, so that
folding the text counts for nobody. Together they cost less than the sum: one pass serves all. A detector whose context is
what others find (`groups`) looks for less here than beside them.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.core.detector import Confidence, DetectorSpec, Pattern
from gateway.core.limits import Limits
from gateway.core.message import Segment
from gateway.detect import Engine
from gateway.extract import extract
from gateway.parse import parse
from gateway.ruleset import load_ruleset

sys.path.insert(0, str(Path(__file__).parent))
from mix import messages

RULES = Path(__file__).resolve().parent.parent / "rules" / "policy.yaml"
NOTHING = DetectorSpec(
    "nothing",
    "NOTHING",
    "Nothing",
    frozenset({"nothing"}),
    (Pattern("never", "zqxjkvbzqxjkvb", Confidence.LOW, Confidence.LOW),),
)


def own_memory() -> float:
    """MB of this process that no other shares."""
    with Path("/proc/self/smaps_rollup").open() as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_")) / 1000


def costs(spec: DetectorSpec, texts: Sequence[Sequence[Segment]]) -> tuple[float, float, float]:
    """Seconds to compile, seconds of processor time a message, MB."""
    gc.collect()
    before, start = own_memory(), time.process_time()
    engine = Engine([spec], anywhere=[spec.id])
    compiled = time.process_time() - start
    memory = own_memory() - before
    start = time.process_time()
    for segments in texts:
        engine.detect(segments, Limits())
    return compiled, (time.process_time() - start) / len(texts), memory


def beside_nothing(spec: DetectorSpec, texts: Sequence[Sequence[Segment]]) -> tuple[float, float, float]:
    """The same, less what a detector that finds nothing costs."""
    floor, whole = costs(NOTHING, texts), costs(spec, texts)
    return whole[0], whole[1] - floor[1], whole[2]


def main() -> None:
    """Print one table, the dearest first."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--blocks", type=int, default=1, help="blocks of 50 messages")
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    specs = load_ruleset(RULES).detectors
    texts = [extract(parse(raw, Limits()), Limits()).segments for raw in messages(given.blocks)]
    rows = []
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for spec in specs:
            rounds = [pool.apply(beside_nothing, (spec, texts)) for _ in range(given.rounds)]
            rows.append((spec.id, *(statistics.median(values) for values in zip(*rounds, strict=True))))
    print(f"{len(texts)} messages, {given.rounds} rounds, medians\n")
    print("| detector | ms a message | MB | compiled in s |\n| --- | --- | --- | --- |")
    for name, compiled, seconds, memory in sorted(rows, key=lambda row: -row[2]):
        print(f"| {name} | {1000 * seconds:.3f} | {memory:.1f} | {compiled:.2f} |")


if __name__ == "__main__":
    main()
