"""How long people wait for a command: lint, test, explain and doctor, as a process, start to end.

    .venv/bin/python bench/starts.py [RUNS]

One run of each first, so that what commands remember is there and Python has compiled its modules; then all of them in
turn. Doctor looks at an empty store of its own, and finds faults in it.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = (
    b"From: anna@clinic.example\r\nTo: b@outside.example\r\nSubject: Lunch\r\n\r\n"
    b"Shall we meet at noon by the fountain? The weather is fine.\r\n"
)
WAITED = 2.0  # seconds that the commands of compliance staff may take


def main(runs: int) -> None:
    """A table of the commands, for docs/performance.md."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(Path(folder))
        plain = Path(folder, "plain.eml")
        plain.write_bytes(PLAIN)
        subprocess.run([*_gatepost(), "keys", "init"], env=environ, capture_output=True, check=True)
        commands = _commands(plain)
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        loads = []
        for number in range(runs + 1):
            for name, words in commands.items():
                one = _seconds([*_gatepost(), *words], environ)
                if number:
                    took[name].append(one)
            loads.append(os.getloadavg()[0])
    print(f"n = {runs}, load {min(loads):.1f} to {max(loads):.1f}, seconds")
    print("| command | median | least | most | processor, median | least |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, pairs in took.items():
        waited, used = zip(*pairs, strict=True)
        over = "" if statistics.median(waited) < WAITED else " (over)"
        print(
            f"| `{name}` | {statistics.median(waited):.2f}{over} | {min(waited):.2f} | {max(waited):.2f} "
            f"| {statistics.median(used):.2f} | {min(used):.2f} |"
        )


def _commands(plain: Path) -> dict[str, Sequence[str]]:
    policy = ("--policy", "rules/policy.yaml")
    care = "rules/cases/hipaa-phi-external/positive-lab-result.eml"
    return {
        "rules lint": ("rules", "lint"),
        "rules test": ("rules", "test"),
        "explain, goes to the model": ("explain", *policy, care),
        "explain, does not": ("explain", *policy, str(plain)),
        "explain, goes to the model, policy of the configuration": ("explain", care),
        "doctor": ("doctor",),
    }


def _gatepost() -> list[str]:
    return [str(Path(sys.executable).with_name("gatepost"))]


def _environ(folder: Path) -> Mapping[str, str]:
    """A store of its own; Python may keep what it compiled, as it does where Gatepost is installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GATEPOST_", "PYTHON"))}
    return {
        **kept,
        "GATEPOST_STORE_FOLDER": str(folder),
        "GATEPOST_STORE_KEYRING": str(folder / "keyring"),
        "GATEPOST_STORE_DATABASE": f"sqlite:///{folder}/gatepost.db",
        "GATEPOST_AUDIT_FOLDER": str(folder / "audit"),
    }


def _seconds(words: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float]:
    """By the clock, and of the processor, its children's too."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, check=False)
    waited, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return waited, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
