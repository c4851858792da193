"""Files that hide the number from programs that look at names, at first pages, at visible cells."""

import bz2
import gzip
import lzma
import struct
import zipfile
import zlib

from PIL import Image, ImageOps

from tests.evasion.tricks.base import BASE64, COVER_PART, LINE, NUMBER, Trick, b64, multipart, part
from tests.makers.archives import rar
from tests.makers.office import cell, docx, odf, paragraph, pptx, sheet, xlsx, zipped
from tests.makers.ole import compound, doc, msg, native, ppt, tnef, wide, xls
from tests.makers.pdf import line, page, stream, updated
from tests.makers.pictures import coded, drawn, png, saved

WORDS = f"SSN {NUMBER}"
HEALTH = "diagnosis type 2 diabetes"


def attached(octets: bytes, name: str = "file.bin", kind: str = "application/octet-stream") -> bytes:
    """A letter with one file."""
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return multipart(COVER_PART, part(b64(octets), f"Content-Type: {kind}", BASE64, disposition))


def tar(name: str, octets: bytes) -> bytes:
    """A tar archive of one file, without what depends on the day."""
    head = bytearray(512)
    head[: len(name)] = name.encode()
    head[100:108], head[124:136] = b"0000644\0", f"{len(octets):011o}\0".encode()
    head[136:148], head[156], head[257:265] = b"00000000000\0", 0x30, b"ustar\00000"
    head[148:156] = b" " * 8
    head[148:156] = f"{sum(head):06o}\0 ".encode()
    return bytes(head) + octets.ljust(-(-len(octets) // 512) * 512, b"\0") + bytes(1024)


def unnamed(files: dict[str, bytes | str]) -> bytes:
    """A ZIP whose directory names the last file alone."""
    whole = zipped(files, method=zipfile.ZIP_STORED)
    directory, end = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    last = whole.rindex(b"PK\1\2")
    record = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, end - last, directory, 0)
    return whole[:directory] + whole[last:end] + record


def locked(octets: bytes) -> bytes:
    """A ZIP that says its first entry is encrypted."""
    changed = bytearray(octets)
    changed[6] |= 1
    changed[changed.index(b"PK\1\2") + 8] |= 1
    return bytes(changed)


def beside(code: Image.Image) -> Image.Image:
    """A code in a letter, below words that tell nothing."""
    letter = drawn("Dear patient, please find your appointment below.", (900, 600)).convert("L")
    letter.paste(code, (500, 200))
    return letter


def scan(words: str, extra: str = "") -> bytes:
    """A page that is a picture."""
    image = drawn(words, (800, 200)).convert("L")
    picture = "/Type /XObject /Subtype /Image /Width 800 /Height 200 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return page(
        "q 400 0 0 100 50 600 cm /I Do Q",
        f"/Resources << /XObject << /I 6 0 R >> >> {extra}",
        more=[stream(zlib.compress(image.tobytes(), 9), f"{picture} /Filter /FlateDecode")],
    )


def with_file(octets: bytes) -> bytes:
    """A document with a file in it."""
    return page(
        line("See the file"),
        root_extra="/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>",
        more=[
            "<< /Type /Filespec /F (a.csv) /UF (a.csv) /EF << /F 7 0 R >> >>",
            stream(octets, "/Type /EmbeddedFile"),
        ],
    )


def note(form: str, words: str) -> bytes:
    return page(line("hello"), "/Annots [6 0 R]", more=[f"<< /Type /Annot /Subtype /{form} /Rect [0 0 9 9] {words} >>"])


SPLIT = paragraph("SSN 219-", "<w:r><w:rPr><w:i/></w:rPr><w:t>09</w:t></w:r>", f"-9999, {HEALTH}")
FULL = paragraph(LINE)
HIDDEN = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>{}</w:t></w:r>"
MARKED = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
MASK = (
    '<numFmts><numFmt numFmtId="170" formatCode="000\\-00\\-0000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
)
HEADED = [cell("A1", "Name") + cell("B1", "SSN"), cell("A2", "Ann") + cell("B2", "219099999", "n", 1)]
EMF = struct.pack("<II", 1, 88) + bytes(32) + b" EMF" + bytes(44)
DRAWN = struct.pack("<II", 84, 76 + 2 * len(LINE)) + bytes(36) + struct.pack("<II", len(LINE), 76) + bytes(24)

TRICKS = (
    Trick("docx-as-txt", "a document renamed to text", attached(docx(FULL), "a.txt", "text/plain")),
    Trick("docx-as-jpeg", "a document called a picture", attached(docx(FULL), "a.jpg", "image/jpeg")),
    Trick("docx-runs", "a number in several runs", attached(docx(SPLIT), "a.docx")),
    Trick("docx-vanish", "hidden text", attached(docx(paragraph("hello", HIDDEN.format(LINE))))),
    Trick("docx-vanish-within", "hidden text within the number", attached(
        docx(paragraph("SSN 219-", HIDDEN.format("abc"), "09-9999")))),
    Trick("docx-white", "white text", attached(docx(paragraph(
        f'<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>{LINE}</w:t></w:r>')))),
    Trick("docx-comment", "a comment", attached(docx(paragraph("x"), word__comments_xml=f"<w:x xmlns:w='w'>{FULL}</w:x>"))),
    Trick("docx-header", "the header of a page", attached(docx("", word__header1_xml=f"<w:hdr xmlns:w='w'>{FULL}</w:hdr>"))),
    Trick("docx-deleted", "a tracked deletion", attached(
        docx(f"<w:p><w:del><w:r><w:delText>{LINE}</w:delText></w:r></w:del></w:p>"))),
    Trick("docx-alt-text", "the text behind a picture", attached(
        docx(f'<w:p><wp:docPr xmlns:wp="w" id="1" descr="{LINE}"/></w:p>'))),
    Trick("docx-property", "a property", attached(docx("", docProps__custom_xml=f"<p><lpwstr>{LINE}</lpwstr></p>"))),
    Trick("docx-stray-part", "a part that nothing refers to", attached(docx("", stray_xml=f"<a><b>{LINE}</b></a>"))),
    Trick("docx-embedded", "a sheet within a document", attached(
        docx("", word__embeddings__a=xlsx([sheet([cell("A1", LINE)])])))),
    Trick("docx-ole", "a packed file within a document", attached(
        docx("", word__embeddings__o=compound({"\x01Ole10Native": native("a.txt", LINE.encode())})))),
    Trick("docx-picture", "a picture within a document", attached(docx("", word__media__i=png(WORDS)))),
    Trick("docx-link", "the address of a link", attached(docx("", word___rels__d_xml=(
        f'<Relationships><Relationship Target="https://x.example/?ssn={NUMBER}" TargetMode="External"/></Relationships>')))),
    Trick("docx-utf-16", "a part in UTF-16", attached(docx("", word__x_xml=f"<w:ftr xmlns:w='w'>{FULL}</w:ftr>".encode("utf-16")))),
    Trick("xlsx-hidden", "a very hidden sheet", attached(xlsx([sheet([cell("A1", LINE)])], state="veryHidden"))),
    Trick("xlsx-number", "a number under a mask", attached(xlsx([sheet(HEADED)], styles=MASK))),
    Trick("xlsx-unused", "a shared string that no cell shows", attached(
        xlsx([sheet([cell("A1", "0", "s")])], strings=["shown", LINE]))),
    Trick("xlsx-formula", "a text within a formula", attached(
        xlsx([sheet([f'<c r="A1" t="str"><f>IF(1,"","{LINE}")</f><v></v></c>'])]))),
    Trick("xlsx-footer", "the footer of a sheet", attached(
        xlsx([f"{MARKED}<sheetData/><headerFooter><oddFooter>{LINE}</oddFooter></headerFooter></worksheet>"]))),
    Trick("xlsx-prefixed", "elements with a prefix", attached(xlsx([
        '<x:worksheet xmlns:x="s"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>' + LINE
        + "</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"]))),
    Trick("pptx-notes", "the notes of a slide", attached(pptx("Quarter", notes=LINE))),
    Trick("odt-runs", "spans within the number", attached(
        odf("<text:p>SSN 219-<text:span>09</text:span>-9999</text:p>"))),
    Trick("ods-cells", "a spreadsheet", attached(odf(
        f"<table:table><table:table-row><table:table-cell><text:p>{LINE}</text:p></table:table-cell></table:table-row>"
        "</table:table>", "spreadsheet"))),
    Trick("odt-locked", "an encrypted document", attached(
        odf(FULL, manifest="<manifest><encryption-data/></manifest>")), "held"),
    Trick("doc", "old Word under another name", attached(compound(doc(LINE)), "a.dat")),
    Trick("doc-locked", "an encrypted old document", attached(compound(doc(LINE, flags=0x100))), "held"),
    Trick("xls", "old Excel", attached(compound(xls(LINE, 1.0)))),
    Trick("ppt", "old PowerPoint", attached(compound(ppt(LINE)))),
    Trick("office-locked", "an Office document under a password", attached(
        compound({"EncryptionInfo": b"x" * 40, "EncryptedPackage": b"\x91" * 400})), "held"),
    Trick("msg", "a message of Outlook", attached(compound(msg("Papers", LINE)))),
    Trick("msg-file", "an archive in a message of Outlook", attached(compound(msg("s", "b", "a.zip", zipped({"a": LINE}))))),
    Trick("msg-property", "a property of Outlook that it does not show", attached(
        compound(msg("s", "b") | dict([wide(0x8005, LINE)])))),
    Trick("winmail", "winmail.dat", attached(tnef("hello", "a.txt", LINE.encode()), "winmail.dat", "application/ms-tnef")),
    Trick("winmail-body", "the body of winmail.dat", attached(tnef(LINE, "a.txt", b"hello"), "a.bin")),
    Trick("rtf-file", "RTF as octets", attached(rb"{\rtf1 SSN 219-{\b 09}-9999}")),
    Trick("rtf-object", "a packed file in RTF", attached(
        rb"{\rtf1{\object{\*\objdata " + (struct.pack("<III", 0x501, 2, 8) + b"Package\0" + bytes(8)
        + native("a.txt", LINE.encode())).hex().encode() + b"}}}")),
    Trick("pdf", "a document under the name of a picture", attached(page(line(WORDS)), "a.png", "image/png")),
    Trick("pdf-invisible", "invisible text", attached(page(line(WORDS, more="3 Tr")))),
    Trick("pdf-white", "white text", attached(page(line(WORDS, more="1 1 1 rg")))),
    Trick("pdf-cropped", "text outside the crop box", attached(page(line(WORDS), "/CropBox [0 0 50 50]"))),
    Trick("pdf-off-page", "text beside the page", attached(page(line(WORDS, x=-900, y=2000)))),
    Trick("pdf-revision", "text painted over by a later revision", attached(
        updated(page(line(WORDS)), 4, stream(line("nothing").encode())))),
    Trick("pdf-note", "a note", attached(note("Text", f"/Contents ({LINE})"))),
    Trick("pdf-field", "the value of a field", attached(note("Widget", f"/FT /Tx /T (a) /V ({LINE})"))),
    Trick("pdf-file", "a file in a document", attached(with_file(LINE.encode()))),
    Trick("pdf-title", "the title of a document", attached(
        page(line("x"), more=[f"<< /Title ({LINE}) >>"]).replace(b"/Root 1 0 R", b"/Root 1 0 R /Info 6 0 R"))),
    Trick("pdf-scan", "a page that is a picture", attached(scan(WORDS))),
    Trick("pdf-scan-turned", "a scanned page under a rotation of the viewer", attached(scan(WORDS, "/Rotate 0"))),
    Trick("pdf-junk-before", "junk before the document", attached(b"hello\n" * 30 + page(line(WORDS)))),
    Trick("pdf-kerned", "letters placed one by one", attached(
        page("BT /F1 12 Tf 72 700 Td [(S) -5 (S) -5 (N) -5 ( 219) -5 (-09) -5 (-99) -5 (99)] TJ ET"))),
    Trick("png", "a picture", attached(png(WORDS), "logo.png", "image/png")),
    Trick("png-inverted", "white on black", attached(saved(drawn(WORDS, ink="white", paper="black")))),
    Trick("png-qr", "a code that telephones read", attached(saved(coded(LINE)))),
    Trick("png-qr-small", "the same, one pixel for a module", attached(saved(coded(LINE, scale=1)))),
    Trick("png-qr-inverted", "the same, white on black", attached(saved(ImageOps.invert(coded(LINE))))),
    Trick("png-qr-turned", "the same at an angle", attached(saved(coded(LINE).rotate(20, expand=True, fillcolor=255)))),
    Trick("png-qr-beside", "the same beside words", attached(saved(beside(coded(LINE))))),
    Trick("png-data-matrix", "a code of packages", attached(saved(coded(LINE, "DataMatrix")))),
    Trick("png-aztec", "a code of tickets", attached(saved(coded(LINE, "Aztec")))),
    Trick("png-pdf417", "a code of licences", attached(saved(coded(LINE, "PDF417", 3)))),
    Trick("png-code-128", "the bars of a label", attached(saved(coded(LINE, "Code128", 2)))),
    Trick("docx-qr", "a code within a document", attached(docx("", word__media__i=saved(coded(LINE))))),
    Trick("tiff", "a fax", attached(saved(drawn(WORDS).convert("1"), "TIFF"))),
    Trick("gif-as-text", "a picture labelled as text", attached(saved(drawn(WORDS), "GIF"), "a.txt", "text/plain")),
    Trick("png-chunk", "the comment of a picture", attached(png("hello", comment=LINE))),
    Trick("png-tail", "text behind the end of a picture", attached(png("hello") + LINE.encode() * 3)),
    Trick("png-zip", "an archive behind a picture", attached(png("hello") + zipped({"a.txt": LINE}), "a.png", "image/png")),
    Trick("png-rar", "a RAR behind a picture", attached(png("hello") + rar({"a.txt": LINE.encode()}))),
    Trick("emf", "a drawing of Windows", attached(EMF + DRAWN + LINE.encode("utf-16-le"))),
    Trick("zip", "an archive", attached(zipped({"a.txt": LINE}))),
    Trick("zip-nested", "archives in archives", attached(zipped({"a": zipped({"b": zipped({"c": LINE})})}))),
    Trick("zip-unnamed", "an entry that the directory does not name", attached(unnamed({"a.txt": LINE, "b.txt": "hello"}))),
    Trick("zip-junk", "junk before the archive", attached(b"MZ" + b"\0" * 300 + zipped({"a.txt": LINE}))),
    Trick("zip-comment", "the comment of an archive", attached(zipped({"a": "x"}, comment=LINE.encode()))),
    Trick("zip-name", "the name of an entry", attached(zipped({f"SSN {NUMBER} diabetes.txt": "x"}))),
    Trick("zip-path", "an entry with a path upwards", attached(zipped({"../../../etc/a": LINE}))),
    Trick("zip-locked", "an encrypted entry", attached(locked(zipped({"a.txt": LINE}))), "held"),
    Trick("zip-lzma", "an entry packed in a rare way", attached(zipped({"a.txt": LINE}, method=zipfile.ZIP_LZMA))),
    Trick("zip-in-text", "an archive labelled as text", attached(zipped({"a.txt": LINE}), "a.txt", "text/plain")),
    Trick("zip-mail", "a message in an archive", attached(zipped({"x": attached(LINE.encode(), "y.txt")}))),
    Trick("rar-in-zip", "a RAR in a ZIP", attached(zipped({"a.rar": rar({"a.txt": LINE.encode()})}))),
    Trick("rar-locked", "an encrypted RAR", attached(rar({"a.txt": LINE.encode()}, flags=4)), "held"),
    Trick("rar-volume", "a volume of several", attached(rar({"a.txt": LINE.encode()}, volume=1)), "found"),
    Trick("tar", "a tar", attached(tar("a.txt", LINE.encode()), "a.pdf")),
    Trick("tar-tail", "text behind the end of a tar", attached(tar("a.txt", b"x") + LINE.encode())),
    Trick("gz", "gzip", attached(gzip.compress(LINE.encode(), mtime=0))),
    Trick("gz-twice", "gzip within xz", attached(lzma.compress(gzip.compress(LINE.encode(), mtime=0)))),
    Trick("bz2-tar", "bzip2 of a tar", attached(bz2.compress(tar("a", LINE.encode())))),
    Trick("gz-members", "a second member of gzip", attached(
        gzip.compress(b"hello", mtime=0) + gzip.compress(LINE.encode(), mtime=0))),
)  # fmt: skip
