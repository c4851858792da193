"""Coverage-guided fuzzing of parse and extract, for hours if you like: `python bench/fuzz.py -runs=200000 [FOLDER]`.

Needs atheris (`pip install atheris`), which is no dependency of the project. FOLDER keeps the inputs that reached new code, and is the start of
the next run; the messages of tests/evasion are the start in any case. What is found: an exception, a part that is neither read nor named, a line of the ledger
that does not add up, a text that cannot be written down, more than SLOW seconds.
"""

import sys
import tempfile
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gateway.parse", "gateway.extract"]):
    from gateway.core.limits import Limits
    from gateway.extract import extract
    from gateway.parse import parse

SLOW = 5.0  # seconds of processor time, instrumented
EVASIONS = Path(__file__).resolve().parent.parent / "tests" / "evasion"
LIMITS = (Limits(), Limits(depth=4, parts=12, header_bytes=300, headers=6, text_bytes=2_000))


def check(data: bytes) -> None:
    """One case."""
    limits = LIMITS[len(data) % 2]
    started = time.process_time()
    message = parse(data, limits)
    content = extract(message, limits)
    if time.process_time() - started > SLOW:
        raise RuntimeError("slow")
    opaque = {one.part_path for one in content.opaque}
    bodies = {line.part_path for line in content.ledger if line.reader != "fields" and not line.member}
    for line in content.ledger:
        path = f"{line.part_path}/{line.member}" if line.member else line.part_path
        if not 0 <= line.read <= line.octets or not (line.complete or path in opaque):
            raise RuntimeError(f"ledger: {line}")
    for part in message.root.walk():
        if part.part_path not in bodies:
            raise RuntimeError(f"lost: {part.part_path}")
    for segment in content.segments:
        segment.text.encode("utf-8")


def main() -> None:
    """Runs until a fault, or for as many cases as asked for."""
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    starts = [str(folder) for folder in sorted(EVASIONS.iterdir()) if (folder / "table.yaml").is_file()]
    with tempfile.TemporaryDirectory() as kept:  # libFuzzer writes into the first folder that it is given
        atheris.Setup([sys.argv[0], *options, *(folders or [kept]), *starts], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
