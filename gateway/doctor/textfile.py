"""What the doctor found, as metrics in a file for node_exporter's textfile collector."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from gateway.doctor.trouble import Severity, Trouble
from gateway.store.durable import write_file

TROUBLES = "gatepost_doctor_troubles"
LAST_RUN = "gatepost_doctor_last_run_timestamp_seconds"


def write_metrics(file: Path, troubles: Sequence[Trouble], asked: Sequence[str], now: datetime) -> None:
    """Whole or not at all, readable by all: it holds names of checks and counts. Raises OSError."""
    write_file(file, "".join(f"{line}\n" for line in _lines(troubles, asked, now)).encode())
    file.chmod(0o644)  # whatever the umask of the service


def _lines(troubles: Sequence[Trouble], asked: Sequence[str], now: datetime) -> Iterator[str]:
    yield f"# HELP {TROUBLES} What `gatepost doctor` found, by check."
    yield f"# TYPE {TROUBLES} gauge"
    for check in asked:
        for severity in Severity:
            count = sum(t.check == check and t.found.severity is severity for t in troubles)
            yield f'{TROUBLES}{{check="{check}",severity="{severity.word}"}} {count}'
    yield f"# HELP {LAST_RUN} When `gatepost doctor` last ran."
    yield f"# TYPE {LAST_RUN} gauge"
    yield f"{LAST_RUN} {now.timestamp():.0f}"
