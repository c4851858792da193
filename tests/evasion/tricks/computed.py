"""What a program works out or numbers by itself when it opens a file or a page: formulas, formats, repeats, lists."""

from xml.sax.saxutils import escape, quoteattr

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import Trick
from tests.makers.office import ODF, S, cell, sheet, xlsx, zipped

LABEL = "SSN of the patient with diabetes"


def formula(written: str, *more: str, attributes: str = "") -> bytes:
    """A sheet with a formula of which the file does not know the value."""
    row = f'{cell("A1", LABEL)}<c r="B1"><f{attributes}>{escape(written)}</f></c>'
    return xlsx([sheet([row]), *more])


def formatted(code: str, value: str, more: str = "") -> bytes:
    """A number that its format shows as another."""
    styles = (
        f'<numFmts><numFmt numFmtId="170" formatCode={quoteattr(code)}/></numFmts>{more}'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
    )
    return xlsx([sheet([cell("A1", LABEL) + cell("B1", value, "n", 1)])], styles=styles)


_NUMBERS = 'xmlns:number="urn:n" xmlns:style="urn:s"'


def open_sheet(cells: str, styles: str = "") -> bytes:
    """A sheet of OpenDocument of one row."""
    row = f"<table:table-row>{words(LABEL)}{cells}</table:table-row>"
    table = f'<table:table table:name="T">{row}</table:table>'
    content = (
        f"<office:document-content {ODF} {_NUMBERS}>{styles}"
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def words(said: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{said}</text:p></table:table-cell>"


def open_formula(written: str) -> bytes:
    return open_sheet(f"<table:table-cell table:formula={quoteattr(written)}/>")


_OTHER = f'<worksheet {S}><sheetData><row r="7">{cell("A7", "219099999", "n")}</row></sheetData></worksheet>'
_NAMED = zipped(
    {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {S}><definedNames><definedName name="area">219</definedName></definedNames></workbook>',
        "xl/worksheets/sheet1.xml": sheet([f'{cell("A1", LABEL)}<c r="B1"><f>area&amp;"-09-9999"</f></c>']),
    }
)
_CONDITIONAL = '<dxfs><dxf><numFmt numFmtId="171" formatCode="&quot;219-09-&quot;0000"/></dxf></dxfs>'
_LITERAL = (
    '<office:automatic-styles><number:number-style style:name="N"><number:text>219-09-</number:text>'
    '<number:number number:min-integer-digits="4"/></number:number-style>'
    '<style:style style:name="c" style:data-style-name="N"/></office:automatic-styles>'
)
_EMBEDDED = (
    '<office:automatic-styles><number:number-style style:name="N"><number:number number:min-integer-digits="7">'
    '<number:embedded-text number:position="4">-09-</number:embedded-text></number:number></number:number-style>'
    '<style:style style:name="c" style:data-style-name="N"/></office:automatic-styles>'
)
_REPEATED = "".join(map(words, "2190")) + words("9", 'table:number-columns-repeated="5"')
_FORMULAS = {
    "choose": ("chosen by its place", 'CHOOSE(2,"x","219-"&"09-9999")'),
    "switch": ("chosen by a value", 'SWITCH(2,1,"x",2,"219-"&"09-9999")'),
    "condition": ("a comparison", 'IF(2>1,"219"&"-09-9999","")'),
    "truth": ("a condition of several", 'IF(AND(TRUE,NOT(FALSE)),"219"&"-09-9999",1)'),
    "list": ("a list that is joined", '_xlfn.CONCAT({2,1,9,0,9,9,9,9,9})'),
    "division": ("a division", "2190999990/10"),
    "power": ("a power", "219*10^6+99999"),
    "percent": ("a percentage", "21909999900%"),
    "rounding": ("a fraction cut off", "INT(219099999.7)"),
    "base": ("a number of another base", "BASE(219099999,10)"),
    "hex": ("hexadecimal digits", 'HEX2DEC("D0F335F")'),
    "padded": ("a group with its nought", '219&"-"&TEXT(9,"00")&"-"&RIGHT(19999,4)'),
    "replace": ("digits put in", 'REPLACE("219-XX-9999",5,2,"09")'),
    "before": ("the text before a sign", '_xlfn.TEXTBEFORE("219-09-|","|")&9999'),
    "found": ("a place that is looked for", 'MID("ab219-09-9999",FIND("2","ab219"),3)&"-09-9999"'),
    "index": ("an element of a list", 'INDEX({"x","219-"},2)&"09-9999"'),
    "link": ("the words of a link", 'HYPERLINK("#A1","219"&"-09-9999")'),
    "long": ("more than 400 characters", '"219"' + '&""' * 150 + '&"-09-9999"'),
}  # fmt: skip
_FORMATS = {
    "bare-digits": ("digits of a format without quotes", "219-00-0000", "99999"),
    "currency": ("digits in place of the sign of a currency", "[$219-]00-0000", "99999"),
    "condition": ("digits for numbers of some size", '[<100]0;"219-09-"0', "9999"),
    "general": ("digits behind the number as it is", 'General"-09-9999"', "219"),
    "thousands": ("a number that is shown in thousands", "000-00-0000,", "219099999000"),
    "percent": ("a number that is shown a hundredfold", "000-00-0000%", "2190999.99"),
    "date": ("digits around a day", '"219-0"d"-9999"', "45025"),
}
_OPEN_FORMULAS = {
    "joined": ("strings joined", 'of:="219"&"-09-"&"9999"'),
    "semicolons": ("arguments with semicolons", 'of:=CONCATENATE("219-";"09-";"9999")'),
    "old-prefix": ("the prefix of OpenOffice", "oooc:=219*1000000+99999"),
    "literal": ("a string alone", 'of:="219-09-9999"'),
}
_OPEN = {
    "repeated": ("cells that stand for several", open_sheet(_REPEATED)),
    "cells": ("cells of the sheet joined", open_sheet(
        '<table:table-cell table:formula="of:=[.C1]&amp;&quot;-09-&quot;&amp;[.$D$1]"/>' + words("219") + words("9999"))),
    "value": ("a value without words", open_sheet(
        '<table:table-cell table:formula="of:=1" office:value-type="float" office:value="219099999"/>')),
    "other-words": ("words beside another value", open_sheet(words("0", 'office:value="2.19099999E8"'))),
    "format": ("digits of its format", open_sheet(words("9999", 'table:style-name="c" office:value="9999"'), _LITERAL)),
    "format-within": ("digits of its format within it", open_sheet(
        words("2199999", 'table:style-name="c" office:value="2199999"'), _EMBEDDED)),
}  # fmt: skip
TRICKS = (
    *(Trick(f"xlsx-{name}", what, attached(formula(said))) for name, (what, said) in _FORMULAS.items()),
    *(Trick(f"xlsx-format-{name}", what, attached(formatted(*rest))) for name, (what, *rest) in _FORMATS.items()),
    *(Trick(f"ods-{name}", what, attached(open_formula(said))) for name, (what, said) in _OPEN_FORMULAS.items()),
    *(Trick(f"ods-{name}", what, attached(octets)) for name, (what, octets) in _OPEN.items()),
    Trick("xlsx-other-sheet", "a cell of another sheet", attached(formula("S2!A7", _OTHER))),
    Trick("xlsx-named", "a name of the workbook", attached(_NAMED)),
    Trick("xlsx-array", "a formula for several cells", attached(
        formula('IF(1,"219-"&"09-9999")', attributes=' t="array" ref="B1"'))),
    Trick("xlsx-reference-as-text", "a reference that is a text", attached(formula('INDIRECT("Z"&9)')), "held"),
    Trick("xlsx-lambda", "a function of its own", attached(formula('LAMBDA(a,a&"-09-9999")(219)')), "held"),
    Trick("xlsx-format-elsewhere", "digits of a format that a condition gives", attached(
        formatted("0", "9999", _CONDITIONAL)), "held"),
)  # fmt: skip
