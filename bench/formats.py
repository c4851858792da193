"""What reading a file of each format costs: milliseconds and bytes a second, beside the standard library's parser.

    python bench/formats.py [--rounds N]

CPU time of one process. `stdlib` is email.message_from_bytes with each payload decoded: what any filter has to do at least.
"""

import argparse
import bz2
import email
import email.policy
import gzip
import sys
import time
from base64 import encodebytes
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.core.limits import Limits
from gateway.extract import extract
from gateway.extract.warm import warm
from gateway.parse import parse
from tests.makers.archives import packed, rar
from tests.makers.office import cell, docx, odf, paragraph, pptx, sheet, xlsx, zipped
from tests.makers.ole import compound, doc, msg, ppt, tnef, xls
from tests.makers.pdf import line, page
from tests.makers.pictures import drawn, saved

LETTER = (
    "The order for the second ward went out on Monday, forty boxes, and the rest will follow by the end of the month. "
)
LONG = LETTER * 40
ROWS = [cell(f"A{n}", f"Item {n}") + cell(f"B{n}", str(n * 7), "n") + cell(f"C{n}", "in stock") for n in range(1, 500)]


def files() -> Mapping[str, bytes]:
    """One ordinary small file of each format."""
    lines = "\n".join(line(LETTER[:90], y=780 - 12 * number) for number in range(60))
    text = LONG.encode()
    return {
        "txt": text,
        "docx": docx("".join(paragraph(LETTER) for _ in range(40))),
        "xlsx 500 rows": xlsx([sheet(ROWS)]),
        "pptx": pptx(LONG, notes=LONG),
        "odt": odf(f"<text:p>{LETTER}</text:p>" * 40),
        "pdf one page": page(lines),
        "pdf with a scan": scan(),
        "doc": compound(doc(LONG)),
        "xls": compound(xls(LONG[:900], 1.0)),
        "ppt": compound(ppt(LONG)),
        "msg": compound(msg("Order", LONG)),
        "rtf": b"{\\rtf1\\ansi " + b"\\par ".join(LETTER.encode() for _ in range(40)) + b"}",
        "winmail.dat": tnef(LONG, "a.txt", text),
        "zip": zipped({"a.txt": text, "b.txt": text}),
        "7z": packed({"a.txt": text}, "7zip"),
        "rar": rar({"a.txt": text}),
        "tar.gz": packed({"a.txt": text}, "gnutar", "gzip"),
        "gz": gzip.compress(text),
        "bz2": bz2.compress(text),
        "png logo 320x60": saved(drawn("Example Clinic", (320, 60))),
        "png screen 1280x800": saved(drawn(LETTER[:60], (1280, 800))),
    }


def scan() -> bytes:
    from tests.evasion.tricks.attachments import scan as page_of

    return page_of("Order of Monday")


def message(octets: bytes) -> bytes:
    head = (
        b"From: a@clinic.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Disposition: attachment; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head + encodebytes(octets)


def stdlib(raw: bytes) -> None:
    for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
        part.get_payload(decode=True)


def ours(raw: bytes) -> None:
    limits = Limits()
    extract(parse(raw, limits), limits, time.perf_counter)


def seconds(work: Callable[[bytes], None], raw: bytes, rounds: int) -> float:
    """The least of so many rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work(raw)
        best = min(best, time.process_time() - start)
    return best


def first(raw: bytes) -> float:
    start = time.process_time()
    ours(raw)
    return time.process_time() - start


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    warm()
    ours(message(page(line("x"))))
    print(f"{'file':<22}{'bytes':>9}{'first ms':>10}{'ms':>8}{'MB/s':>8}{'stdlib ms':>11}{'times':>7}")
    for name, octets in files().items():
        raw = message(octets)
        once = first(raw)
        cost, base = seconds(ours, raw, rounds), seconds(stdlib, raw, rounds)
        speed = len(octets) / max(cost, 1e-6) / 1e6
        print(
            f"{name:<22}{len(octets):>9,}{once * 1e3:>10.2f}{cost * 1e3:>8.2f}{speed:>8.2f}{base * 1e3:>11.3f}"
            f"{cost / max(base, 1e-6):>7.0f}"
        )


if __name__ == "__main__":
    main()
