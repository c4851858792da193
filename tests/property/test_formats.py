"""Files that are not as their readers expect: nothing is raised, and nothing is passed over in silence."""

import bz2
import gzip
from base64 import encodebytes

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.limits import Limits
from gateway.extract import extract
from gateway.parse import parse
from tests.makers.archives import packed, rar
from tests.makers.office import cell, docx, odf, paragraph, sheet, xlsx, zipped
from tests.makers.ole import compound, doc, msg, native, ppt, tnef, xls
from tests.makers.pdf import line, page

SMALL = Limits(unpacked_bytes=1 << 22, pages=5, pixels=100_000, entries=60, text_bytes=1 << 20)
FILES = (
    docx(paragraph("words")),
    xlsx([sheet([cell("A1", "words"), cell("B2", "12", "n")])], strings=["a"]),
    odf("<text:p>words</text:p>"),
    zipped({"a.txt": "words", "b.zip": zipped({"c": "words"})}),
    compound(doc("words")),
    compound(xls("words", 1.0)),
    compound(ppt("words")),
    compound(msg("a", "words", "a.txt", b"words") | {"X/\x01Ole10Native": native("a", b"words")}),
    tnef("words", "a.txt", b"words"),
    b"{\\rtf1{\\*\\objdata 0105000002000000}words\\'41\\u50?{\\pict 8950}}",
    page(line("words"), "/Annots [6 0 R]", more=["<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (a) >>"]),
    packed({"a.txt": b"words"}, "7zip"),
    packed({"a.txt": b"words"}, "gnutar"),
    rar({"a.txt": b"words"}),
    gzip.compress(b"words"),
    bz2.compress(b"words"),
)
CHANGES = st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(max_size=8), st.integers(0, 12)), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FILES), CHANGES, st.integers(0, 1 << 20))
def test_changed_file_is_read_or_named(octets: bytes, changes: list[tuple[int, bytes, int]], cut: int) -> None:
    """Every file gives a line of the ledger; one that was not read whole says why."""
    for place, new, gone in changes:
        at = place % (len(octets) + 1)
        octets = octets[:at] + new + octets[at + gone :]
    octets = octets[: max(len(octets) - cut % 200, 1)] if cut % 3 == 0 else octets
    head = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    content = extract(parse(head + encodebytes(octets), SMALL), SMALL)
    lines = [one for one in content.ledger if one.reader != "fields"]

    assert lines
    assert all(one.unread for one in lines if one.read < one.octets)
