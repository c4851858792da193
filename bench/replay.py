"""How much of a replay is detection, and how much is beside it.

    python bench/replay.py FOLDER [--messages N] [--rounds N]

`gatepost rules replay` judges the messages by the shipped rules and by a copy of them with one rule changed; its processor
time is that of the command and all its processes, less that of a replay of one message (imports, models). Beside it, in the
same round and on the same messages, the stages are timed in this process, and `gatepost detect eval`, which reads, detects
and counts, as the replay was. The ratios are the first by detection, by all stages, and by that command.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.cli.ruleset import rules_of
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.extract import extract
from gateway.parse import parse

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("parse", "extract", "detect")
RULE = "packs/us-pii/us-pii-ssn.yaml"


def replayed(folder: Path, candidate: Path) -> float:
    """Seconds of processor time that the command took, its workers included."""
    command = [str(Path(sys.executable).parent / "gatepost"), "rules", "replay", "--format", "json"]
    before = os.times()
    done = subprocess.run(
        [*command, "--against", str(ROOT / "rules"), str(candidate), str(folder)], capture_output=True, check=True
    )
    after = os.times()
    told = json.loads(done.stdout)
    assert told["messages"] == len({path.read_bytes() for path in folder.iterdir()}), "not all were replayed"
    return after.children_user + after.children_system - before.children_user - before.children_system


def evaluated(folder: Path) -> float:
    """Seconds of processor time of the command that does nothing but detect."""
    gatepost = str(Path(sys.executable).parent / "gatepost")
    words = [
        "detect",
        "eval",
        "--jobs",
        "2",
        "--policy",
        str(ROOT / "rules" / "policy.yaml"),
        "--as",
        "clear",
        "--format",
        "json",
    ]
    before = os.times()
    subprocess.run([gatepost, *words, str(folder)], capture_output=True, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def stages(messages: Sequence[bytes], engine: Engine) -> dict[str, float]:
    """Seconds of processor time of each stage before deciding."""
    spent = dict.fromkeys(STAGES, 0.0)
    for raw in messages:
        marks = [time.process_time()]
        message = parse(raw, Limits())
        marks.append(time.process_time())
        content = extract(message, Limits())
        marks.append(time.process_time())
        engine.detect(content.segments, Limits())
        marks.append(time.process_time())
        for name, start, end in zip(STAGES, marks, marks[1:], strict=False):
            spent[name] += end - start
    return spent


def changed_copy(target: Path) -> Path:
    """The shipped rules with one of them stricter, their models where they were."""
    shutil.copytree(ROOT / "rules", target / "rules", ignore=shutil.ignore_patterns("cases", "clean"))
    (target / "models").symlink_to(ROOT / "models")
    rule = target / "rules" / RULE
    rule.write_text(rule.read_text("utf-8").replace("notify: [sender]", "notify: [officer]"), "utf-8")
    return target / "rules"


def sample(folder: Path, number: int, target: Path) -> list[bytes]:
    """So many messages, evenly over the folder, each once, in files of their own."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    step = max(1, len(files) // number)
    taken = list(dict.fromkeys(path.read_bytes() for path in files[::step][:number]))
    target.mkdir()
    for index, raw in enumerate(taken):
        (target / f"{index:05}.eml").write_bytes(raw)
    return taken


def main() -> None:
    """Print a line a round, and the medians."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--messages", type=int, default=400)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    ruleset = rules_of(ROOT / "rules" / "policy.yaml")
    with tempfile.TemporaryDirectory() as name:
        candidate = changed_copy(Path(name))
        mail = sample(given.folder, given.messages, Path(name) / "mail")
        one = Path(name) / "one"
        one.mkdir()
        (one / "0.eml").write_bytes(mail[0])
        replayed(one, candidate)
        ratios: dict[str, list[float]] = {name: [] for name in ("detection", "reading and detection", "detect eval")}
        for _ in range(given.rounds):
            whole = replayed(Path(name) / "mail", candidate) - replayed(one, candidate)
            engine = Engine(ruleset.detectors, anywhere=ruleset.anywhere)  # a new one: it remembers texts
            stages(mail[:1], engine)
            spent = stages(mail, engine)
            command = evaluated(Path(name) / "mail") - evaluated(one)
            for of, seconds in zip(ratios.values(), (spent["detect"], sum(spent.values()), command), strict=True):
                of.append(whole / seconds)
            parts = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in spent.items())
            print(f"{len(mail)} messages: replay {whole:.2f} s; {parts}; detect eval {command:.2f}")
        for of_what, of in ratios.items():
            print(f"replay / {of_what}: {statistics.median(of):.2f} (n = {given.rounds}, {min(of):.2f}-{max(of):.2f})")


if __name__ == "__main__":
    main()
