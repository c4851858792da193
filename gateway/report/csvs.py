"""Tables as CSV (RFC 4180) for spreadsheets, without anything that a spreadsheet would take for a formula."""

import csv
import io
from datetime import datetime

from gateway.report.document import Document, Kind, Table, Value

# What makes a cell a formula in Excel, LibreOffice or Google's (OWASP, CSV injection), wide forms too.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def as_csv(table: Table) -> bytes:
    """All rows, with a line of titles, UTF-8 with a byte order mark: without one Excel reads another charset."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([safe(column.title) for column in table.columns])
    for row in table.rows:
        writer.writerow([cell(value, column.kind) for value, column in zip(row, table.columns, strict=True)])
    return text.getvalue().encode("utf-8-sig", "replace")


def csv_files(document: Document) -> dict[str, bytes]:
    """Each table of a report, by the name of its file."""
    return {f"{table.name}.csv": as_csv(table) for table in document.tables}


def cell(value: Value, kind: Kind) -> str:
    """A value for programs: times as ISO 8601, shares and seconds as plain numbers; text made harmless."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if kind == "day" else value.isoformat(timespec="seconds")
    if isinstance(value, str):
        return safe(value)
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def safe(text: str) -> str:
    """Text that no spreadsheet computes: an apostrophe before what would be a formula, no control characters."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"'{plain}" if text.lstrip(" ").startswith(_STARTS) or plain.lstrip(" ").startswith(_STARTS) else plain
