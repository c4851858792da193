"""Results of benchmarks as files, with what must be known of the machine and the day to read them."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """Cores, processor, and how much else it has to do."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {"cores": os.cpu_count(), "processor": model or platform.machine(), "load": round(os.getloadavg()[0], 1)}


def write(name: str, figures: Mapping[str, Any]) -> None:
    """bench/results/<name>.json, in place of the one before."""
    RESULTS.mkdir(exist_ok=True)
    about = {"day": datetime.now(UTC).date().isoformat(), "machine": machine()}
    (RESULTS / f"{name}.json").write_text(json.dumps({**about, **figures}, indent=1, sort_keys=True) + "\n")


def read(name: str) -> dict[str, Any]:
    """What `write` wrote. FileNotFoundError where nobody measured yet."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return found
