"""How much of the text of real files is recovered: a folder of files, some with the expected text beside them.

    python bench/recovery.py FOLDER

`NAME.txt` or `NAME.md` beside `NAME.EXT`, or in a folder `expected_outputs` there, is what should be found: the share of its
words that are among the words read. Of an office document the expected text is what the standard library's XML parser finds in
the elements of its pages, slides and sheets. For the others: what was read, and why not.
"""

import re
import sys
import time
import zipfile
from base64 import encodebytes
from collections import Counter
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

from gateway.core.limits import Limits
from gateway.core.message import Content, Place
from gateway.extract import extract
from gateway.extract.warm import warm
from gateway.parse import parse

_WORD = re.compile(r"\w{2,}")
_NOTES = {".txt", ".md"}
_OFFICE = {".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"}
_TEXT = re.compile(r"word/document\.xml|ppt/(?:slides|notesSlides)/\w+\.xml|xl/sharedStrings\.xml|content\.xml")


def read(octets: bytes) -> Content:
    """The file as an attachment of a message that says nothing of it."""
    head = b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a\r\n"
    raw = head + b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(octets)
    limits = Limits(seconds=120)
    return extract(parse(raw, limits), limits, time.process_time)


def expected(path: Path) -> str | None:
    """What should be found in the file; None where nobody says, or several files have the name."""
    if sum(one.suffix not in _NOTES for one in path.parent.glob(f"{path.stem}.*")) > 1:
        return None
    for folder in (path.parent, path.parent / "expected_outputs"):
        for suffix in _NOTES:
            beside = folder / f"{path.stem}{suffix}"
            if beside != path and beside.is_file():
                return beside.read_text(encoding="utf-8", errors="replace")
    return written(path)


def written(path: Path) -> str | None:
    """The text of an office document, by the standard library; None for other files and locked ones."""
    if path.suffix not in _OFFICE:
        return None
    with suppress(zipfile.BadZipFile, ElementTree.ParseError, RuntimeError, NotImplementedError):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if _TEXT.fullmatch(name)]
            trees = [ElementTree.fromstring(archive.read(name)) for name in names]
        return "\n".join(" ".join(element.text or "" for element in tree.iter()) for tree in trees)
    return None


def share(wanted: str, content: Content) -> float:
    """Of the wanted words, so many are among those read."""
    words = Counter(_WORD.findall(wanted.lower()))
    text = "\n".join(one.text for one in content.segments if one.place is Place.ATTACHMENT)
    there = set(_WORD.findall(text.lower()))
    return sum(count for word, count in words.items() if word in there) / max(words.total(), 1)


def main() -> int:
    """One line a file, then how many there were, how many were unread and why."""
    warm()
    reasons: Counter[str] = Counter()
    shares: list[float] = []
    count = 0
    for path in sorted(Path(sys.argv[1]).rglob("*")):
        if not path.is_file():
            continue
        count += 1
        start = time.process_time()
        content = read(path.read_bytes())
        seconds = time.process_time() - start
        found = sorted({one.reason.value for one in content.opaque})
        reasons.update(found)
        wanted = expected(path) if path.suffix not in _NOTES else None
        wanted = wanted if wanted and _WORD.search(wanted) else None
        recovered = f"{share(wanted, content):7.1%}" if wanted else " " * 7
        shares += [share(wanted, content)] if wanted else []
        print(f"{path.name[:50]:<52}{seconds * 1e3:>9.0f} ms {recovered}  {', '.join(found)}", flush=True)
    print(f"\n{count} files; unread: {dict(reasons)}")
    if shares:
        print(f"expected text: {len(shares)} files, mean {sum(shares) / len(shares):.1%}, least {min(shares):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
