"""How much of a replay is detection, and how much is beside it.

    python bench/replay.py FOLDER [--messages N] [--rounds N] [--against CHECKOUT]

`gatepost rules replay` judges the messages by the shipped rules and by a copy of them with one rule changed; its processor
time is that of the command and all its processes, less that of a replay of one message (imports, models). Beside it, in the
same round and on the same messages, are timed in this process the stages, where everything is looked for, and what a worker
does with a message, reading and telling what both rule sets make of it; and `gatepost detect eval`, which reads, detects and
counts, as the replay was. The ratios are the first by detection, by all stages, by what a worker does, and by that command.
`--against`: the command of another checkout, with its own .venv, in turn.
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

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.extract import extract
from gateway.parse import parse
from gateway.ruleset import RuleSet
from gateway.workers.comparing import Comparing, Kept, Naming
from gateway.workers.nursery import Setup, engine_of, trial_of

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("parse", "extract", "detect")
RULE = "packs/us-pii/us-pii-ssn.yaml"


def replayed(folder: Path, candidate: Path, checkout: Path = ROOT) -> float:
    """Seconds of processor time that the command took, its workers included."""
    command = [str(checkout / ".venv" / "bin" / "gatepost"), "rules", "replay", "--format", "json"]
    words = ["--against", str(ROOT / "rules"), str(candidate), str(folder)]
    before = os.times()
    done = subprocess.run([*command, *words], capture_output=True, check=True, cwd=checkout)
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


def compared(messages: Sequence[bytes], old: RuleSet, new: RuleSet) -> float:
    """Seconds of processor time of what a worker does with them, in this process."""
    setup = Setup(old, Limits(), Notices("", "", ""), comparing=Comparing(new, Naming("ada@clinic.example")))
    trial = trial_of(setup, engine_of(setup))
    assert trial is not None
    trial.tell(Kept("first", messages[0]), time.process_time)
    start = time.process_time()
    for raw in messages:
        trial.tell(Kept("bench", raw), time.process_time)
    return time.process_time() - start


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
    arguments.add_argument("--against", type=Path)
    given = arguments.parse_args()
    ruleset = rules_of(ROOT / "rules" / "policy.yaml")
    with tempfile.TemporaryDirectory() as name:
        candidate = changed_copy(Path(name))
        mail = sample(given.folder, given.messages, Path(name) / "mail")
        one = Path(name) / "one"
        one.mkdir()
        (one / "0.eml").write_bytes(mail[0])
        new = rules_of(candidate / "policy.yaml")
        checkouts = [ROOT, *([given.against.resolve()] if given.against else [])]
        for checkout in checkouts:
            replayed(one, candidate, checkout)
        names = ("detection", "reading and detection", "what a worker does", "detect eval")
        ratios: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(given.rounds):
            whole, *others = [
                replayed(Path(name) / "mail", candidate, checkout) - replayed(one, candidate, checkout)
                for checkout in checkouts
            ]
            engine = Engine(ruleset.detectors, anywhere=ruleset.anywhere)  # a new one: it remembers texts
            stages(mail[:1], engine)
            spent = stages(mail, engine)
            told = compared(mail, ruleset, new)
            command = evaluated(Path(name) / "mail") - evaluated(one)
            timed = (spent["detect"], sum(spent.values()), told, command)
            for of, seconds in zip(ratios.values(), timed, strict=True):
                of.append(whole / seconds)
            parts = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in spent.items())
            elsewhere = "".join(f" (the other checkout {seconds:.2f})" for seconds in others)
            print(
                f"{len(mail)} messages: replay {whole:.2f} s{elsewhere}; {parts}; worker {told:.2f}; "
                f"detect eval {command:.2f}",
                flush=True,
            )
        for of_what, of in ratios.items():
            print(f"replay / {of_what}: {statistics.median(of):.2f} (n = {given.rounds}, {min(of):.2f}-{max(of):.2f})")


if __name__ == "__main__":
    main()
