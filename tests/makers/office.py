"""Office documents that are ZIP archives."""

import io
import zipfile
from collections.abc import Mapping, Sequence

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
P = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
MOMENT = (2026, 1, 2, 3, 4, 6)


def zipped(files: Mapping[str, bytes | str], comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = method
            archive.writestr(info, content)
        archive.comment = comment
    return target.getvalue()


def paragraph(*runs: str) -> str:
    """A paragraph of runs; one that starts with a tag is taken as it is."""
    made = (run if run.startswith("<") else f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>' for run in runs)
    return f"<w:p>{''.join(made)}</w:p>"


def docx(body: str, **parts: str | bytes) -> bytes:
    """A text document; `parts` by their path, "/" written as "__"."""
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
    }
    files |= {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in parts.items()}
    return zipped(files)


def cell(reference: str, value: str, kind: str = "inlineStr", style: int = 0) -> str:
    inside = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"<v>{value}</v>"
    return f'<c r="{reference}" t="{kind}" s="{style}">{inside}</c>'


def sheet(rows: Sequence[str]) -> str:
    return f"<worksheet {S}><sheetData>{''.join(f'<row>{row}</row>' for row in rows)}</sheetData></worksheet>"


def xlsx(sheets: Sequence[str], strings: Sequence[str] = (), styles: str = "", state: str = "visible") -> bytes:
    """A workbook of sheets."""
    names = "".join(f'<sheet name="S{n}" sheetId="{n}" state="{state}"/>' for n in range(1, len(sheets) + 1))
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": f"<workbook {S}><sheets>{names}</sheets></workbook>",
    }
    files |= {f"xl/worksheets/sheet{number}.xml": made for number, made in enumerate(sheets, 1)}
    if strings:
        files["xl/sharedStrings.xml"] = f"<sst {S}>{''.join(f'<si><t>{s}</t></si>' for s in strings)}</sst>"
    if styles:
        files["xl/styles.xml"] = f"<styleSheet {S}>{styles}</styleSheet>"
    return zipped(files)


def pptx(slide: str, notes: str = "") -> bytes:
    """A presentation of one slide."""

    def shape(words: str) -> str:
        return f"<p:sp><p:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>"

    files: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "ppt/slides/slide1.xml": f"<p:sld {P}><p:cSld><p:spTree>{shape(slide)}</p:spTree></p:cSld></p:sld>",
    }
    if notes:
        files["ppt/notesSlides/notesSlide1.xml"] = f"<p:notes {P}><p:cSld>{shape(notes)}</p:cSld></p:notes>"
    return zipped(files)


def odf(body: str, kind: str = "text", manifest: str = "") -> bytes:
    """An OpenDocument file."""
    files: dict[str, bytes | str] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {ODF}><office:body>{body}</office:body></office:document-content>",
    }
    if manifest:
        files["META-INF/manifest.xml"] = manifest
    return zipped(files)
