"""Files made to exhaust whoever opens them: seconds, memory and outcome of each, in a worker as the gateway runs it.

    python bench/bombs.py [NAME ...]

Every bomb has a process of its own under the sandbox and limits of a worker. Its memory is the most that it used beyond
what it had before the message came. Seconds of the processor are what count: wall time depends on who else runs.
"""

import bz2
import gzip
import io
import lzma
import os
import resource
import struct
import sys
import time
import zlib
from base64 import encodebytes
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.verdict import Disposition
from gateway.ruleset import load_ruleset
from gateway.workers.nursery import Setup
from gateway.workers.pool import Pace, Workers
from tests.makers.office import TYPES, docx, paragraph, zipped
from tests.makers.ole import compound, doc
from tests.makers.pdf import document, page, stream

MIB = 1 << 20
SECONDS, MEMORY = 20.0, 512 * MIB
RULES = Path(__file__).resolve().parents[1] / "rules" / "policy.yaml"
NOTICES = Notices("gatepost@clinic.example", "Clinic", "")
ENVELOPE = Envelope("a@clinic.example", (Recipient("b@x.example"),))


def zeros(size: int) -> bytes:
    return bytes(size)


def nested(depth: int, width: int = 1) -> bytes:
    inner = zipped({"a.txt": "x" * 100})
    for _ in range(depth):
        inner = zipped({f"{number}.zip": inner for number in range(width)})
    return inner


def gzip_of(size: int) -> bytes:
    """Gzip of zeros, without having them in memory."""
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(machine.compress(bytes(MIB)) for _ in range(size // MIB)) + machine.flush()


def gzip_deep() -> bytes:
    """Two hundred layers of gzip, each twice what is within."""
    inner = b"x" * 1000
    for _ in range(200):
        inner = gzip.compress(inner * 2, mtime=0)
    return inner


def overlapping(copies: int) -> bytes:
    """A ZIP whose directory names the same data many times over (a zip bomb of D. Fifield's kind)."""
    whole = zipped({"a": zeros(8 * MIB)})
    directory, end = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    entry = whole[directory:end]
    size = len(entry) * copies
    record = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, copies, copies, size, directory, 0)
    return whole[:directory] + entry * copies + record


def png(width: int, height: int) -> bytes:
    """A PNG of one colour whose pixels would fill memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    machine = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    rows = min(height, 200 * MIB // len(row))
    data = b"".join(machine.compress(row) for _ in range(rows)) + machine.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def xml_entities() -> bytes:
    lines = ["<!DOCTYPE a [<!ENTITY a0 'lol'>"]
    lines += [f"<!ENTITY a{number} '{f'&a{number - 1};' * 10}'>" for number in range(1, 12)]
    return docx(paragraph("x"), word__x_xml="".join(lines) + "]><a><b>&a11;</b></a>")


def xml_deep() -> bytes:
    return docx("<w:p>" * 400_000 + "</w:p>" * 400_000)


def pdf_loop() -> bytes:
    """Pages that are their own parents, forms that draw themselves."""
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>",
            "<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 1000000 /Parent 2 0 R >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
            stream(b"/X Do " * 1000),
            stream(
                b"/X Do /X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
            ),
            "<< /First 6 0 R /Next 6 0 R /Title (x) >>",
        ]
    )


def pdf_stream(size: int, layers: int = 1) -> bytes:
    data = zeros(size).replace(b"\0", b" ")
    for _ in range(layers):
        data = zlib.compress(data, 9)
    filters = "/FlateDecode " * layers
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
            stream(data, f"/Filter [{filters}]"),
        ]
    )


def pdf_picture(side: int) -> bytes:
    data = zlib.compress(zeros(side * side // 8), 9)
    shape = f"/Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray /BitsPerComponent 1"
    return page(
        "q 500 0 0 500 50 100 cm /I Do Q",
        "/Resources << /XObject << /I 6 0 R >> >>",
        more=[stream(data, f"{shape} /Filter /FlateDecode")],
    )


def pdf_pages(count: int) -> bytes:
    kids = " ".join("3 0 R" for _ in range(count))
    return document(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
            stream(b"0 0 m 9 9 l S " * 2000),
        ]
    )


def sheet(rows: int) -> bytes:
    row = "<row>" + '<c t="inlineStr"><is><t>a</t></is></c>' * 200 + "</row>"
    return zipped(
        {
            "[Content_Types].xml": TYPES,
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="s"><sheetData>{row * rows}</sheetData></worksheet>',
        }
    )


def mails(count: int) -> bytes:
    mail = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: x\r\nDate: x\r\n\r\nx\r\n"
    return zipped({f"{number}.eml": mail for number in range(count)})


def deep_mail(depth: int) -> bytes:
    mail = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: x\r\nDate: x\r\n\r\nx\r\n"
    for _ in range(depth):
        mail = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: x\r\nContent-Type: message/rfc822\r\n\r\n" + mail
    return zipped({"a.eml": mail})


def scans(count: int) -> bytes:
    """Pages of marks that look like letters and are none: the slowest thing to read."""
    from random import Random

    from PIL import Image

    files = {}
    for number in range(count):
        target = io.BytesIO()
        small = Image.frombytes("L", (400, 300), Random(number).randbytes(120_000))
        small.resize((2400, 1800)).save(target, "PNG")
        files[f"{number}.png"] = target.getvalue()
    return zipped(files)


def png_with_text(size: int) -> bytes:
    """A PNG with a deflated comment."""
    whole = png(10, 10)
    data = b"Comment\0\0" + zlib.compress(zeros(size), 9)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return whole[:33] + chunk + whole[33:]


def tiff_loop() -> bytes:
    """A TIFF whose only page is followed by itself."""
    tags = [(256, 4, 1, 60), (257, 4, 1, 60), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    tags += [(277, 3, 1, 1), (278, 4, 1, 60), (279, 4, 1, 3600)]
    pages = (
        struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + struct.pack("<I", 3608)
    )
    return b"II*\0" + struct.pack("<I", 3608) + bytes(3600) + pages


def gif_frames(count: int) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    frames = [Image.new("P", (200, 200), number % 2) for number in range(count)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


def ole_loop() -> bytes:
    """A compound file whose table of sectors leads in a circle."""
    whole = bytearray(compound(doc("x" * 5000)))
    table = int.from_bytes(whole[0x4C:0x50], "little")
    place = 512 * (table + 1)
    for number in range(2, 100):
        whole[place + 4 * number : place + 4 * number + 4] = (number - 1).to_bytes(4, "little")
    return bytes(whole)


def pdf_tables_loop() -> bytes:
    """A table of objects that names itself as the one before."""
    whole = page("q Q")
    start = whole.rindex(b"xref\n0")
    return whole.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % start)


def base64_deep(layers: int) -> bytes:
    inner = b"SSN of nobody"
    for _ in range(layers):
        inner = encodebytes(inner)
    return inner


def whole_message(fields: str, body: bytes) -> bytes:
    return f"From: a@clinic.example\r\nSubject: x\r\n{fields}\r\n".encode() + body


def deep_parts(depth: int) -> bytes:
    opened = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(depth)
    )
    return whole_message("Content-Type: multipart/mixed; boundary=b0\r\n", opened)


WHOLE: Mapping[str, Callable[[], bytes]] = {
    "parts-100000": lambda: whole_message(
        "Content-Type: multipart/mixed; boundary=b\r\n", b"--b\r\n\r\nx\r\n" * 100_000
    ),
    "parts-deep-20000": lambda: deep_parts(20_000),
    "headers-200000": lambda: whole_message("X-A: b\r\n" * 200_000, b"x"),
    "header-of-20-mib": lambda: whole_message(f"X-A: {'(' * (20 * MIB)}\r\n", b"x"),
    "encoded-words-200000": lambda: whole_message("X-A:" + " =?utf-8?q?a=20b?=\r\n" * 50_000, b"x"),
    "html-deep-500000": lambda: whole_message("Content-Type: text/html\r\n", b"<div>" * 500_000),
    "html-attributes": lambda: whole_message("Content-Type: text/html\r\n", b"<a " + b"b=c " * 1_000_000 + b">"),
    "html-open-tags": lambda: whole_message("Content-Type: text/html\r\n", b"<" * 5_000_000),
    "base64-40-deep": lambda: whole_message("Content-Type: text/plain\r\n", base64_deep(40)),
    "text-30-mib-of-digits": lambda: whole_message("Content-Type: text/plain\r\n", b"219-09-9999 \r\n" * (2 * MIB)),
}
BOMBS: Mapping[str, Callable[[], bytes]] = {
    "zip-300-mib": lambda: zipped({"a": gzip.decompress(gzip_of(300 * MIB))}),
    "zip-overlapping-1000": lambda: overlapping(1000),
    "zip-10000-entries": lambda: zipped({f"{number}": b"x" for number in range(10_000)}),
    "zip-deep-500": lambda: nested(500),
    "zip-tree-16^4": lambda: nested(4, 16),
    "gzip-1-gib": lambda: gzip_of(1_024 * MIB),
    "gzip-of-gzip": lambda: gzip.compress(gzip_of(512 * MIB), mtime=0),
    "gzip-200-deep": gzip_deep,
    "bz2-256-mib": lambda: bz2.compress(zeros(256 * MIB)),
    "xz-512-mib": lambda: lzma.compress(zeros(512 * MIB), preset=1),
    "xml-entities": xml_entities,
    "xml-deep": xml_deep,
    "xlsx-million-cells": lambda: sheet(8_000),
    "png-30000x30000": lambda: png(30_000, 30_000),
    "png-7900x8000": lambda: png(7_900, 8_000),
    "pictures-of-noise": lambda: scans(30),
    "pdf-loops": pdf_loop,
    "pdf-stream-512-mib": lambda: pdf_stream(512 * MIB),
    "pdf-stream-layers": lambda: pdf_stream(256 * MIB, 4),
    "pdf-picture-60000x60000": lambda: pdf_picture(60_000),
    "png-comment-300-mib": lambda: png_with_text(300 * MIB),
    "tiff-loop": tiff_loop,
    "gif-2000-frames": lambda: gif_frames(2_000),
    "ole-loop": ole_loop,
    "pdf-tables-loop": pdf_tables_loop,
    "pdf-20000-pages": lambda: pdf_pages(20_000),
    "mails-4000": lambda: mails(4_000),
    "mails-deep-300": lambda: deep_mail(300),
    "rtf-deep": lambda: b"{\\rtf1" + b"{" * 2_000_000 + b"x",
}


def message(octets: bytes) -> bytes:
    head = (
        b"From: a@clinic.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head + encodebytes(octets)


def measured(names: list[str]) -> Iterator[tuple[str, int, float, float, int, str, str]]:
    """Name, bytes, seconds of processor and wall, most memory, outcome and reasons of each bomb."""
    pace = Pace(1, recycle_after=1, progress=0.02, patience=0.02, deadline=120)
    with Workers(Setup(load_ruleset(RULES), Limits(), NOTICES), pace) as workers:
        for name in names:
            raw = message(BOMBS[name]()) if name in BOMBS else WHOLE[name]()
            pid = workers.pids[0]
            before, watch = memory(pid), Watch(pid)
            start = time.monotonic()
            inspection = workers.inspect(Transaction(Session(), ENVELOPE, raw), progress=watch.look)
            wall, seconds = time.monotonic() - start, watch.cpu
            reasons = {opaque.reason.value for opaque in inspection.opaque}
            reasons |= {failure.kind.value for failure in inspection.failures}
            held = "held" if inspection.verdict.disposition is not Disposition.DELIVER else "DELIVERED"
            if held == "DELIVERED" and all(line.complete for line in inspection.ledger):
                held = "read"  # all of it: there is nothing left to be wary of
            yield name, len(raw), seconds, wall, max(watch.most - before, 0), held, ", ".join(sorted(reasons))


class Watch:
    """The most memory of a process, as the kernel counts it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.most = memory(pid)
        self._before = spent(pid)
        self.cpu = 0.0

    def look(self) -> None:
        self.most = max(self.most, memory(self._pid))
        self.cpu = max(self.cpu, spent(self._pid) - self._before)


def spent(pid: int) -> float:
    """Seconds of processor time; 0 where the process is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Most resident bytes so far; 0 where the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def main() -> int:
    names = sys.argv[1:] or [*BOMBS, *WHOLE]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    worst = 0
    print(f"{'bomb':<26}{'bytes':>12}{'cpu s':>8}{'wall s':>8}{'MiB':>7}  outcome")
    for name, size, seconds, wall, most, held, reasons in measured(names):
        fits = seconds <= SECONDS and most <= MEMORY and held != "DELIVERED"
        worst += not fits
        print(
            f"{name:<26}{size:>12,}{seconds:>8.1f}{wall:>8.1f}{most / MIB:>7.0f}  {held}: {reasons}{'' if fits else '   <<<'}",
            flush=True,
        )
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
