"""Whether two trees say the same of the same mail: what becomes of it, what was found, what could not be read.

    python bench/same.py --against TREE [--packs LIST] FOLDER...

Each tree reads every file below the folders in a process of its own, with the rules of this one, as a worker does, and
writes a digest for each part of what it says: the verdict, the findings (kind, place, span, confidence), what is opaque
and ambiguous, and the texts that were read. Those that differ are named by their files and the part.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve()
TREE = HERE.parents[1]


def _files(folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in Path(folder).rglob("*") if path.is_file() and path.stat().st_size)


def _digest(*said: object) -> str:
    return hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def say(tree: Path, rules: Path, folders: list[str]) -> None:
    """One line a message: what this tree says of it, in digests."""
    sys.path.insert(0, str(tree))
    from gateway.actions import Notices
    from gateway.core.envelope import Envelope, Recipient, Session, Transaction
    from gateway.core.limits import Limits
    from gateway.extract import extract
    from gateway.extract.warm import warm
    from gateway.parse import parse
    from gateway.pipeline import inspect
    from gateway.ruleset import load_ruleset
    from gateway.workers.nursery import Setup, demand_of, engine_of

    limits, notices = Limits(), Notices("gatepost@clinic.example", "Example Clinic", "")
    setup = Setup(load_ruleset(rules), limits, notices)
    engine, demand = engine_of(setup), demand_of(setup)
    warm()
    envelope = Envelope("ada@clinic.example", (Recipient("bo@partner.example"),))
    for path in _files(folders):
        transaction = Transaction(Session(), envelope, path.read_bytes())
        seen = inspect(transaction, setup.ruleset.policy, engine, limits, notices, time.process_time, demand=demand)
        content = extract(parse(transaction.raw, limits), limits, time.process_time)
        found = [(f.entity, f.place, f.part_path, f.span, f.confidence, f.detector, f.masked) for f in seen.findings]
        texts = [(s.part_path, s.place, s.view, s.text, s.header, s.editable) for s in content.segments]
        said = {
            "verdict": _digest(seen.verdict.disposition, seen.verdict.outcomes, seen.verdict.hits, seen.plan.reply),
            "found": _digest(sorted(found, key=repr), seen.failures),
            "unread": _digest(seen.opaque, seen.ambiguous, seen.ledger),
            "texts": _digest(texts),
        }
        print(json.dumps([str(path), said]))


def main() -> None:
    """Print what differs, and how many messages were asked about."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, required=True, help="another tree")
    parser.add_argument("--packs", default="", help='such as "packs: [pci, secrets]"; "": as shipped')
    parser.add_argument("folders", nargs="+")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules"
        subprocess.run(["cp", "-r", TREE / "rules", rules], check=True)
        (Path(folder) / "models").symlink_to(TREE / "models")
        policy = rules / "policy.yaml"
        if wanted.packs:
            lines = [wanted.packs if line.startswith("packs:") else line for line in policy.read_text().splitlines()]
            policy.write_text("\n".join(lines) + "\n")
        told = []
        for tree in (wanted.against.resolve(), TREE):
            command = [sys.executable, HERE, "--say", tree, policy, *wanted.folders]
            run = subprocess.run(
                command,
                env={**os.environ, "PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"},
                check=True,
                capture_output=True,
            )
            told.append(dict(map(json.loads, run.stdout.splitlines())))
    before, now = told
    differ = [
        (path, part) for path, said in now.items() for part in said if before.get(path, {}).get(part) != said[part]
    ]
    for path, part in differ:
        print(f"{part}: {path}")
    print(f"{len(now)} messages, {len(differ)} differences")
    sys.exit(bool(differ))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--say"]:
        say(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    else:
        main()
