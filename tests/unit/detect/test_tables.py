"""Each shipped detector by its table: what it finds and where, what it leaves alone, and what only just is none.

How a table is written: `tests/makers/tables.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine
from tests.makers.tables import PARTS, BadTable, Row, differences, row, tables, tables_of

SHIPPED = Path(__file__).parents[3] / "rules" / "detectors"
TABLES = tables()
AHEAD = ("", "é🙂\n\n")  # characters of two and of four bytes before it move nothing

Read = Callable[[str], list[Finding]]


@pytest.fixture(scope="session")
def stands_by(shipped: tuple[DetectorSpec, ...], shipped_engine: Engine, names_engine: Engine) -> Callable[[str], Read]:
    """What a detector stands by in a text. The language model reads only where it is what is asked."""
    models = {spec.id for spec in shipped if spec.engine}

    def of(detector: str) -> Read:
        engine = names_engine if detector in models else shipped_engine

        def read(text: str) -> list[Finding]:
            detection = engine.detect([Segment("1", Place.BODY, text)], Limits())
            assert detection.failures == ()
            return [finding for finding in detection.findings if finding.detector == detector]

        return read

    return of


@pytest.fixture(params=sorted(TABLES))
def detector(request: pytest.FixtureRequest) -> str:
    """Each that has a table."""
    return str(request.param)


def _otherwise(detector: str, read: Read) -> Iterator[str]:
    """Of each row, with nothing and with long characters before it."""
    table = TABLES[detector]
    for expected in (*table.positive, *table.negative, *table.near):
        for ahead in AHEAD:
            yield from differences(expected, read(ahead + expected.text), len(ahead))


def test_detector_finds_what_its_table_marks(detector: str, stands_by: Callable[[str], Read]) -> None:
    """The values in brackets to the character, each with its confidence, and nothing in any other text."""
    assert list(_otherwise(detector, stands_by(detector))) == []


def test_what_is_left_alone_is_not_just_covered_by_another_finding(detector: str, shipped_engine: Engine) -> None:
    """Silent is silent before overlaps are settled, too."""
    table = TABLES[detector]
    found = [
        silent.text
        for silent in (*table.negative, *table.near)
        if any(candidate.spec.id == detector for candidate in shipped_engine.candidates(silent.text, Limits()))
    ]

    assert found == []


def test_every_detector_has_a_table_with_all_parts() -> None:
    """A positive, a negative, a near miss that says what is different, and the source of its numbers."""
    lacking: dict[str, tuple[str, ...]] = {
        path.stem: PARTS for path in SHIPPED.glob("*.yaml") if path.stem not in TABLES
    }
    lacking |= {name: tuple(table.lacks) for name, table in TABLES.items() if table.lacks}
    lacking |= {name: ("what differs",) for name, table in TABLES.items() if len(table.differs) < len(table.near)}

    assert lacking == {}


def test_no_table_outlives_its_detector() -> None:
    """A table of a detector that is not shipped tests nothing."""
    assert TABLES.keys() - {path.stem for path in SHIPPED.glob("*.yaml")} == set()


def test_wrong_mark_is_told(detector: str, stands_by: Callable[[str], Read]) -> None:
    """Of each positive: a mark one character off, one that is missing or too much, another confidence."""
    for marked in TABLES[detector].positive:
        findings = stands_by(detector)(marked.text)
        (start, end), *others = marked.spans
        for spans in ([(start + 1, end)], [(start, end - 1)], [(start - 1, end)], [(start, end + 1)], []):
            assert differences(replace(marked, spans=(*spans, *others)), findings)
        assert differences(replace(marked, spans=(*marked.spans, (0, 0))), findings)
        for other in {*Confidence} - {marked.confidence}:
            assert differences(replace(marked, confidence=other), findings)


WHOLE = """
some-number:
  source: ['made up here']
  positive: {'MRN [[12345]]': high}
  negative: ['MRN pending']
  near-miss: {'MRS 12345': another label}
"""


@pytest.mark.parametrize("part", PARTS)
def test_lack_of_a_part_is_told(part: str, tmp_path: Path) -> None:
    """Whichever of the four it is; a table that has them all lacks nothing."""
    (tmp_path / "whole.yaml").write_text(WHOLE)
    (tmp_path / "lacking.yaml").write_text("\n".join(line for line in WHOLE.splitlines() if f"  {part}:" not in line))
    if part == "positive":
        with pytest.raises(BadTable, match="differs from each positive"):
            tables_of(tmp_path / "lacking.yaml")
    else:
        assert [table.lacks for table in tables_of(tmp_path / "lacking.yaml")] == [[part]]
    assert [table.lacks for table in tables_of(tmp_path / "whole.yaml")] == [[]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[12345]]", "12345", "marks no value"),
        ("[[12345]]", "[[12345", "a bracket has no other"),
        ("high", "sure", "is no confidence"),
        ("MRN pending", "MRN [[pending]]", "where nothing is to be found"),
        ("MRS 12345", "MRS [[12345]]", "where nothing is to be found"),
        ("MRS 12345", "MRS 1234", "in more than one place"),
        ("MRS 12345", "MRN 12345", "in more than one place"),
        ("near-miss", "near", "is none of"),
        ("['MRN pending']", "MRN pending", "is not written as"),
        ("negative", "source", "source"),
    ],
)
def test_table_that_says_too_little_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    """No mark where one is needed, one where none belongs, a near miss that is far or the same, a wrong name."""
    (tmp_path / "bad.yaml").write_text(WHOLE.replace(old, new))

    with pytest.raises(BadTable, match=message):
        tables_of(tmp_path / "bad.yaml")


def test_two_tables_of_one_detector_are_refused(tmp_path: Path) -> None:
    """Nobody would see which of them counts."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(WHOLE)

    with pytest.raises(BadTable, match="has a table in another file too"):
        tables(tmp_path)


def test_marks_are_counted_without_brackets() -> None:
    """Several values in a text, and letters made for it."""
    assert row("a [[b]] and [[{alnum:4}]]!", Confidence.HIGH) == Row("a b and " + row("{alnum:4}").text + "!",
                                                                     ((2, 3), (8, 12)), Confidence.HIGH)  # fmt: skip
