"""PDF files written by hand, so that each trick is in the bytes."""

import zlib
from collections.abc import Sequence

START = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def line(words: str, x: int = 72, y: int = 700, more: str = "") -> str:
    """A line of text in a content stream."""
    safe = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 12 Tf {more} {x} {y} Td ({safe}) Tj ET"


def stream(content: bytes, extra: str = "") -> bytes:
    return f"<< /Length {len(content)} {extra} >>\nstream\n".encode() + content + b"\nendstream"


def document(objects: Sequence[bytes | str], root: int = 1, extra: str = "") -> bytes:
    """Objects numbered from 1 as a file with its table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root {root} 0 R {extra} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def page(content: str, page_extra: str = "", root_extra: str = "", more: Sequence[bytes | str] = ()) -> bytes:
    """A document of one page; `more` are objects from number 6 on."""
    return document(
        [
            f"<< /Type /Catalog /Pages 2 0 R {root_extra} >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"{START} /Resources << /Font << /F1 5 0 R >> >> {page_extra} >>",
            stream(zlib.compress(content.encode("latin-1")), "/Filter /FlateDecode"),
            FONT,
            *more,
        ]
    )


def updated(original: bytes, number: int, body: bytes | str, size: int = 6) -> bytes:
    """The document with one object replaced by an incremental update (ISO 32000-1 section 7.5.6)."""
    out = bytearray(original)
    before = int(original.rsplit(b"startxref\n", 1)[1].split(b"\n", 1)[0])
    place = len(out)
    out += f"{number} 0 obj\n".encode() + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(out)
    out += f"xref\n{number} 1\n{place:010d} 00000 n \n".encode()
    out += f"trailer\n<< /Size {size} /Root 1 0 R /Prev {before} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
