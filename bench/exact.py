"""What exact data match costs: building an index of so many rows, its size, a look-up, and each message.

    .venv/bin/python bench/exact.py [ROWS] [BLOCKS OF 50 MESSAGES]

Everybody in the list is made up: names from syllables, so that they are as common as names are (a few very, most not).
"""

import csv
import hashlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.limits import Limits
from gateway.core.message import Segment
from gateway.detect.exact.build import Builder, Row, Wanted
from gateway.detect.exact.index import Index
from gateway.detect.exact.kinds import KINDS_OF_COLUMNS, Kind, Ways
from gateway.detect.exact.stage import ExactStage
from gateway.detect.exact.table import Table
from gateway.extract import extract
from gateway.parse import parse

sys.path.insert(0, str(Path(__file__).parent))
from mix import messages

COLUMNS = ("family", "given", "born", "mrn", "phone", "street", "zip", "email")
ASKED = (("family", "born"), ("mrn", "given"), ("phone", "family"), ("name", "zip"), ("email", "family"))
COMMON_WORDS = ("May", "Will", "Long", "Young", "Day", "Case", "Best", "Page", "Good", "Price", "Early", "Said")
KEY = b"k" * 32
_SMALL = 50_000  # characters
_SYLLABLES = ("an", "bel", "cor", "da", "el", "fin", "gar", "ho", "is", "jo", "kel", "lor", "mi", "nor", "os", "per")


def main(rows: int, blocks: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exported, index = Path(folder) / "patients.csv", Path(folder) / "patients.index"
        _export(exported, rows)
        print(f"list: {rows:,} rows, {len(COLUMNS)} columns, {exported.stat().st_size / 1e6:.0f} MB")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        _build(exported, index)
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"build: {seconds:.1f} s of CPU, {peak / 1024:.0f} MiB at most ({(peak - before) / 1024:.0f} more)")
        print(f"index: {index.stat().st_size / 1e6:.0f} MB, {index.stat().st_size / rows:.0f} bytes a row")
        _look_up(index)
        _messages(index, blocks)


def _export(path: Path, rows: int) -> None:
    chance = random.Random(7)
    families = [*COMMON_WORDS, *("".join(chance.choices(_SYLLABLES, k=3)).title() for _ in range(50_000))]
    given = [*COMMON_WORDS, *("".join(chance.choices(_SYLLABLES, k=2)).title() for _ in range(4_000))]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            family = families[int(len(families) * chance.random() ** 3)]
            first = given[int(len(given) * chance.random() ** 3)]
            born = f"{chance.randint(1930, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            phone = f"({chance.randint(201, 989)}) 555-{chance.randint(0, 9999):04}"
            street = f"{chance.randint(1, 9999)} {families[chance.randrange(5000)]} Street"
            mail = f"{first}.{family}{number}@mail.example".lower()
            writer.writerow(
                (
                    family,
                    first,
                    born,
                    f"{7 * number + 10_000_000:08}",
                    phone,
                    street,
                    f"{number % 40_000 + 10_000}",
                    mail,
                )
            )


def _build(exported: Path, index: Path) -> None:
    wanted = [Wanted(name, KINDS_OF_COLUMNS[name]) for name in COLUMNS]
    with exported.open("rb", buffering=1 << 20) as file, Builder(wanted, KEY, "aa" * 16, Ways()) as builder:
        table = Table(file, {name: name for name in COLUMNS}, encoding="", separator="", has_header=True)
        for row in table.rows():
            assert isinstance(row, Row)
            builder.add(row)
        with index.open("wb") as out:
            builder.write(out, "")


def _look_up(path: Path) -> None:
    index = Index(path, KEY)
    rows = index.header.rows
    known = [f"{7 * number + 10_000_000:08}" for number in range(0, rows, max(1, rows // 20_000))]
    strangers = [hashlib.sha256(word.encode()).hexdigest()[:10] for word in known]
    for title, words in (("in the list", known), ("not in it", strangers)):
        start = time.process_time()
        found = 0
        for word in words:
            number = index.hashes.of(Kind.ID, word)
            found += index.may_have(number) and len(index.rows("mrn", number)) > 0
        micro = 1e6 * (time.process_time() - start) / len(words)
        print(f"look-up, {title}: {micro:.1f} µs with its hash (n={len(words):,}, found {found:,})")


def _messages(index: Path, blocks: int) -> None:
    limits = Limits()
    texts = [extract(parse(raw, limits), limits).segments for raw in messages(blocks)]
    small = [segments for segments in texts if sum(len(segment.text) for segment in segments) < _SMALL]
    for title, chosen in (("letters", small), ("tables of numbers", [t for t in texts if t not in small])):
        size = sum(len(segment.text) for segments in chosen for segment in segments) / len(chosen)
        print(f"{title}: {len(chosen):,}, {size:,.0f} characters each on average")
        for asked in ASKED:
            print(f"  {' and '.join(asked):<18} {_cost(index, asked, chosen, limits)}")


def _cost(index: Path, asked: tuple[str, ...], texts: Sequence[Sequence[Segment]], limits: Limits) -> str:
    spec = DetectorSpec(
        "record", "PATIENT_RECORD", "", frozenset(), engine="exact", index=str(index), columns=asked,
        confidence=Confidence.HIGH,
    )  # fmt: skip
    stage = ExactStage([spec], KEY, b"f" * 32)
    start = time.process_time()
    detections = [stage.detect(segments, limits) for segments in texts]
    milli = 1e3 * (time.process_time() - start) / len(texts)
    found = [finding for findings, _ in detections for finding in findings]
    sure = sum(finding.confidence >= Confidence.MEDIUM for finding in found)
    failed = sum(bool(failures) for _, failures in detections)
    return f"{milli:8.3f} ms each; {len(found)} findings by chance, {sure} of them not low; {failed} not finished"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 2)
