"""The report of a quarter: what it says, on a page, on paper and in tables."""

import csv
import io
import re
from datetime import UTC, datetime

import pypdfium2
import pytest

from gateway.audit.reading import read_lines
from gateway.core.verdict import Disposition
from gateway.report.csvs import as_csv, csv_files
from gateway.report.document import Column, Document, Table, Words, duration, shown
from gateway.report.html import as_html
from gateway.report.pdf import as_pdf
from gateway.report.quarterly import Surroundings, quarterly
from gateway.report.tally import count, quarter
from tests.makers.ledger import Ledger
from tests.makers.quarter import made_up_quarter

MADE = datetime(2027, 1, 4, 7, tzinfo=UTC)


def report(ledger: Ledger, around: Surroundings | None = None) -> Document:
    tally = count(read_lines(ledger.folder), quarter(2026, 4))
    return quarterly(tally, tally.read.source("the chain is whole"), around or Surroundings("Clinic"), MADE)


def table(document: Document, name: str) -> Table:
    return next(table for table in document.tables if table.name == name)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Of a small made-up quarter."""
    ledger = Ledger(tmp_path_factory.mktemp("quarter") / "audit")
    around = made_up_quarter(ledger, a_day=8)
    made = report(ledger, around)
    ledger.log.close()
    return made


def test_its_tables_agree_with_one_another(document: Document) -> None:
    """Weeks add up to the whole, fates to all, and the rules to their fates."""
    *weeks, whole = table(document, "volume").rows
    for column in range(1, len(whole)):
        assert sum(int(str(row[column])) for row in weeks) == whole[column]
    assert sum(int(str(value)) for value in whole[1:-1]) == whole[-1]
    for row in table(document, "rules").rows:
        assert sum(int(str(value)) for value in row[3:]) == row[2]
    assert len(weeks) == 14


def test_a_board_is_told_in_words_what_it_should_ask_about(document: Document) -> None:
    """What waits, exceptions that ended or end soon; figures in the sentences are those of the tables."""
    words = [w for section in document.sections for w in section.blocks if isinstance(w, Words)]
    said = " ".join(line for each in words for line in each.paragraphs)
    whole = table(document, "volume").rows[-1]
    assert f"{whole[-1]:,} messages left the organization" in said
    assert "1 exception ended and still stands on a list." in said
    assert "1 exception ends within 90 days." in said
    states = [row[4] for row in table(document, "exceptions").rows]
    assert states == ["ended", "ends in 27 days", "in force"]
    assert [row[3] for row in table(document, "keys").rows] == ["ends in 47 days", "ends in 56 days"]


def test_an_empty_period_is_a_report_too(ledger: Ledger) -> None:
    """It says that there was nothing, and draws nothing."""
    ledger.message()
    ledger.at = datetime(2027, 2, 1, tzinfo=UTC)
    tally = count(read_lines(ledger.folder), quarter(2020, 1))

    page = as_html(quarterly(tally, tally.read.source("whole"), Surroundings("Clinic"), MADE))

    assert "No message went through the filter" in page
    assert "<svg" not in page


def test_a_broken_log_is_said_on_the_cover_and_in_the_summary(ledger: Ledger) -> None:
    """Never only on the last page."""
    ledger.message()
    tally = count(read_lines(ledger.folder), quarter(2026, 4))
    source = tally.read.source("broken at audit-000001.jsonl:7", is_whole=False)

    page = as_html(quarterly(tally, source, Surroundings("Clinic"), MADE))

    assert '<dd class="bad">broken at audit-000001.jsonl:7</dd>' in page
    assert 'class="box bad"' in page.split("2. Mail and what became of it")[1]


def test_the_page_runs_nothing_and_loads_nothing(ledger: Ledger) -> None:
    """Whatever stands in addresses, names and reasons of the log is text."""
    evil = '"><script>alert(1)</script>@x.example'
    ledger.message(evil, sender=evil, outcome=Disposition.QUARANTINE, rule="<img src=//evil.example>")
    ledger.review("release", "20261005-0000000001", by="<b onload=x>", reason="=1+1")

    page = as_html(report(ledger, Surroundings("<i>Clinic</i>")))

    assert not re.search(r"<(script|img|b |i>)", page)
    assert "default-src 'none'" in page
    assert "//evil.example&gt;" in page


def test_the_pdf_is_tagged_titled_and_has_the_digest_on_every_page(document: Document) -> None:
    """PDF/UA with bookmarks, so that a screen reader finds its way; the same input gives the same title."""
    octets = as_pdf(document)

    assert octets.startswith(b"%PDF-1.7")
    pdf = pypdfium2.PdfDocument(octets)
    assert pdf.get_metadata_dict()["Title"] == "Compliance report on outbound mail: Quarter 4 of 2026"
    assert pdf.is_tagged()
    assert [item.get_title() for item in pdf.get_toc() if item.level == 0] == [
        f"{number}. {section.title}" for number, section in enumerate(document.sections, 1)
    ]
    digest = document.source.digest
    for number, page in enumerate(pdf, 1):
        said = re.sub(r"\s", "", page.get_textpage().get_text_range())
        assert digest in said
        assert number == 1 or f"Page{number}of{len(pdf)}" in said


def test_every_table_is_a_csv_file_that_a_spreadsheet_takes_for_data(document: Document) -> None:
    """With a line of titles, all rows, and numbers as numbers."""
    files = csv_files(document)

    assert set(files) == {f"{table.name}.csv" for table in document.tables}
    rows = list(csv.reader(io.StringIO(files["volume.csv"].decode("utf-8-sig"))))
    assert rows[0][0] == "From"
    assert len(rows) == 1 + len(table(document, "volume").rows)
    assert all(value.isdigit() for value in rows[1][1:])


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "|x", "%x", "\x00=1", "=cmd|' /C'!A0"]
)
def test_no_cell_is_a_formula(evil: str) -> None:
    """However it is introduced: an apostrophe stands in front, and nothing that breaks the row is left."""
    octets = as_csv(Table("t", "", (Column(evil), Column("n", "number")), ((evil, -1),)))

    titles, row = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline="")))
    assert titles[0].startswith("'")
    assert row[0].startswith("'")
    assert row[1] == "-1"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5_400, "1.5 h"), (36_000, "10 h"), (200_000, "2.3 days")],
)
def test_a_duration_is_said_in_the_unit_that_fits(seconds: float, said: str) -> None:
    """Nobody reads 200,000 seconds."""
    assert duration(seconds) == said
    assert shown(seconds, "seconds") == said
