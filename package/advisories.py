"""Whether a library of the lock has a hole that is publicly known, by pip-audit.

    python -m package.advisories

Exit code 1 where there is one. pip-audit asks a service on the network. Where nobody can be asked that is said and
counts as skipped; with GATEPOST_ADVISORIES=required, as for a release, it is exit code 3.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from package.locked import LOCK

SECONDS = 120
SHOWN = 5
CLEAN, KNOWN_HOLES, NOBODY_ASKED = 0, 1, 3
PIP_AUDIT = (sys.executable, "-m", "pip_audit")


def asked(command: Sequence[str] = PIP_AUDIT, lock: Path = LOCK, seconds: float = SECONDS) -> Mapping[str, Any] | None:
    """What pip-audit reports of all libraries; None where it came to no report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = ["--requirement", str(lock), "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        try:
            subprocess.run(
                [*command, *words, "--format", "json", "--output", str(report), "--timeout", "10"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
            found: Mapping[str, Any] = json.loads(report.read_text("utf-8"))
        except (subprocess.TimeoutExpired, OSError, ValueError):
            return None
        return found


def told(report: Mapping[str, Any] | None, *, required: bool) -> tuple[int, list[str]]:
    """Exit code and words. pip-audit itself calls it clean where it could ask about no library at all."""
    entries = [] if report is None else report["dependencies"]
    unasked = [entry["name"] for entry in entries if "skip_reason" in entry]
    lines = [
        f"{entry['name']} {entry['version']}: {hole['id']}: mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for entry in entries
        for hole in entry.get("vulns", ())
    ]
    if lines:
        return KNOWN_HOLES, lines
    if len(unasked) == len(entries):
        words = "SKIPPED: nobody can be asked from here, so no library was checked"
        return (NOBODY_ASKED if required else CLEAN), [words]
    if unasked:
        names = ", ".join(unasked[:SHOWN]) + (" …" if len(unasked) > SHOWN else "")
        lines.append(f"{len(unasked)} of {len(entries)} libraries could not be asked about: {names}")
    return CLEAN, [*lines, f"{len(entries) - len(unasked)} libraries asked about: no known hole"]


def main() -> int:
    """Ask and tell."""
    code, lines = told(asked(), required=os.environ.get("GATEPOST_ADVISORIES") == "required")
    for line in lines:
        sys.stderr.write(f"advisories: {line}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
