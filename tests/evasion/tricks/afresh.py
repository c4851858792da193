"""What somebody tried who had not seen the other tricks: layouts of text, pages, forms and records."""

from tests.evasion.tricks.attachments import attached
from tests.evasion.tricks.base import NUMBER, Trick, html, mail, text
from tests.makers.office import cell, docx, paragraph, sheet, xlsx
from tests.makers.pdf import document

_TEXTS = {
    "label-other-script": ("a label in letters of two other scripts", "ЅЅΝ 219099999"),
    "label-slang": ("a word for it that people say", "Her sosh: 219099999"),
    "letters-latin": ("letters for digits without an illness beside them", "SSN 2l9-O9-9999", "held"),
    "letters-bang": ("an exclamation mark for a one", "SSN 2!9-09-9999", "held"),
    "letters-more": ("Z, S, g for digits", "SSN Z1g-0g-gggg", "held"),
    "ring-for-nought": ("a circle for a nought", "SSN 219-○9-9999"),
    "stroke-for-nought": ("a letter of Danish for a nought", "SSN 219-Ø9-9999"),
    "digits-garay": ("digits of Unicode 16", "SSN 𐵂𐵁𐵉-𐵀𐵉-𐵉𐵉𐵉𐵉"),
    "digits-nag-mundari": ("digits of Unicode 15", "SSN 𞓲𞓱𞓹-𞓰𞓹-𞓹𞓹𞓹𞓹"),
    "digits-han-apart": ("digits of Chinese with spaces", "SSN 二 一 九 〇 九 九 九 九 九"),
    "digits-korean": ("digits of Korean", "SSN 이일구-영구-구구구구"),
    "thousands": ("as a count, with commas", "SSN 219,099,999"),
    "thousands-spaces": ("as a count, with spaces", "SSN: 219 099 999"),
    "glued-behind": ("a letter right behind it", "SSN 219-09-9999x"),
    "three-labels": ("a label for each group", "SSN, first three: 219\nSSN, middle two: 09\nSSN, last four: 9999"),
    "parts-told": ("the groups in a sentence", "SSN part one is 219, part two is 09 and part three is 9999."),
    "begins-and-ends": ("how it begins and ends", "His SSN starts with 219-09 and ends in 9999."),
    "words-between": ("a remark behind each group", "SSN 219 (home) 09 (work) 9999 (cell)"),
    "lines-between": ("sentences between the groups", "SSN 219\nThanks for the call.\n09\nSee you soon.\n9999"),
    "lettered-items": ("a list with letters", "SSN:\na) 219\nb) 09\nc) 9999"),
    "ruled-off": ("lines drawn between the groups", "SSN 219\n-----\n09\n-----\n9999"),
    "links": ("each group a link", "SSN [219](http://a.example)-[09](http://b.example)-[9999](http://c.example)"),
    "elements": ("an element for each group", "<ssn><area>219</area><group>09</group><serial>9999</serial></ssn>"),
    "thousand-said": (
        "thousands in words",
        "SSN two hundred nineteen, oh nine, nine thousand nine hundred ninety-nine",
    ),
    "words-joined-by-lines": ("words with underscores", "SSN two_one_nine_zero_nine_nine_nine_nine_nine"),
    "words-german": ("digits in words of German", "SSN: zwei eins neun, null neun, neun neun neun neun"),
    "words-french": ("of French", "SSN deux un neuf, zéro neuf, neuf neuf neuf neuf"),
    "words-italian": ("of Italian", "SSN due uno nove zero nove nove nove nove nove"),
    "words-portuguese": ("of Portuguese", "SSN dois um nove zero nove nove nove nove nove"),
    "words-dutch": ("of Dutch", "SSN twee een negen nul negen negen negen negen negen"),
    "words-polish": ("of Polish", "SSN dwa jeden dziewięć zero" + " dziewięć" * 5),
    "words-russian": ("of Russian", "SSN два один девять ноль" + " девять" * 5),
    "words-vietnamese": ("of Vietnamese", "SSN hai một chín không chín chín chín chín chín"),
    "words-tagalog": ("of Tagalog", "SSN dalawa isa siyam sero siyam siyam siyam siyam siyam"),
    "words-pinyin": ("of Chinese in Latin letters", "SSN èr yī jiǔ líng jiǔ jiǔ jiǔ jiǔ jiǔ"),
    "words-arabic": ("of Arabic", "SSN اثنان واحد تسعة صفر" + " تسعة" * 5),
    "words-hindi": ("of Hindi", "SSN दो एक नौ शून्य नौ नौ नौ नौ नौ"),
    "words-korean": ("of Korean", "SSN 둘 하나 아홉 영 아홉 아홉 아홉 아홉 아홉"),
    "asked-below": (
        "the label in the question below the answer",
        "219099999\n\nOn Mon, Mar 2, 2026 at 10:00 AM Bo <bo@partner.example> wrote:\n\n> What is her social security number?",
    ),
}
_BEFORE = ".a:before{content:'219-'}.a:after{content:'-9999'}"
_GENERATED = {
    "content-around": ("content of the style sheet before and behind", _BEFORE, "SSN <p class=a>09</p>"),
    "content-joined": ("of several strings", ".a:after{content:'219' '-' '09' '-' '9999'}", "SSN <i class=a></i>"),
    "content-remarks": ("with remarks", ".a::after{content/**/:'219'/*x*/'-09'/**/'-9999'}", "SSN <i class=a></i>"),
    "content-escaped": (
        "in escapes",
        r".a::after{content:'\000032\000031\000039\00002d\000030\000039\00002d\000039\000039\000039\000039'}",
        "SSN <i class=a></i>",
    ),
    "content-attributes": (
        "of attributes",
        ".a:before{content:attr(data-a)}",
        "SSN " + "".join(f"<b class=a data-a={sign}></b>" for sign in NUMBER),
    ),
    "content-variables": (
        "of variables",
        ":root{--x:'219-';--y:'09-9999'}.a:before{content:var(--x) var(--y)}",
        "SSN <i class=a></i>",
    ),
    "content-counters": (
        "of counters",
        ".a{counter-reset:x 219 y 9 z 9999}.a:before{content:counter(x) '-0' counter(y) '-' counter(z)}",
        "SSN <i class=a></i>",
    ),
    "content-elements": (
        "of three elements",
        '.a::before{content:"219-"} .b::before{content:"09-"} .c::before{content:"9999"}',
        "SSN: <i class=a></i><i class=b></i><i class=c></i>",
    ),
    "content-in-media": (
        "in a rule for screens",
        "@media screen{@supports (display:block){.a::after{content:'219\\-09\\-9999'}}}",
        "SSN <i class=a></i>",
    ),
    "quotes": ("as marks of a quotation", "q{quotes:'219-' '-9999'}", "SSN <q>09</q>"),
    "list-marker": ("as the sign of an item", "ul{list-style-type:'219-09'}", "SSN <ul><li>-9999</ul>"),
    "item-marker": ("as the marker of an item", "li::marker{content:'219-09-9999'}", "SSN <ul><li></ul>"),
    "list-start": ("as the number of an item", "", "SSN <ol start=219><li>-09-9999</ol>"),
    "several-alternatives": (
        "the words for pictures in a row",
        "",
        "SSN " + "".join(f'<img src="cid:{n}" alt="{sign}">' for n, sign in enumerate(NUMBER)),
    ),
    "struck-kinds": ("two ways to strike out", "", "SSN 2<del>7</del><ins>1</ins>9-0<s>8</s>9-9999"),
    "row-from-the-end": (
        "a row from its end, with a dash first",
        "",
        "SSN <div style='display:flex;flex-direction:row-reverse'><b>9999</b><b>-09-</b><b>219</b></div>",
    ),
    "mirrored": ("a mirror", "", "SSN <span style='display:inline-block;transform:scaleX(-1)'>9999-90-912</span>"),
    "cells-unended": (
        "hidden cells that nobody ends",
        "",
        "<table><tr><td>SSN<td>219<td style='display:none'>77<td>09<td style='display:none'>1<td>9999</table>",
    ),
}
_PATIENT = "<name><family value='Roe'/></name><identifier><value value='219099999'/></identifier>"
_HL7 = "MSH|^~\\&|A|B|C|D|20260302||ADT^A01|1|P|2.5\rPID|1||4471902^^^H^MR||ROE^JANE||19700101|F\r"
_RECORDS = {
    "fhir-quotes": ("FHIR in other quotes", f"<Patient xmlns='http://hl7.org/fhir'>{_PATIENT}</Patient>"),
    "fhir-loose": ("FHIR as JSON5", "{resourceType:'Patient', identifier:[{value:'219099999'}],}"),
    "fhir-turtle": ("FHIR in Turtle", '<x> a fhir:Patient; fhir:name [ fhir:family [ fhir:v "Roe" ] ] .'),
    "hl7-own-marks": ("HL7 with other separators", _HL7.replace("|", "#").replace("^", "*")),
    "hl7-indented": ("HL7, indented", "  " + _HL7.replace("\r", "\r  ")),
    "hl7-xml": ("HL7 2 as XML", "<ADT_A01 xmlns='urn:hl7-org:v2xml'><PID><PID.3>4471902</PID.3></PID></ADT_A01>"),
    "ccr": ("a continuity of care record", "<ContinuityOfCareRecord xmlns='urn:astm-org:CCR'><Patient/>"),
    "script": ("a prescription of NCPDP", "<NewRx><Patient><HumanPatient><Name>Roe</Name></HumanPatient></Patient>"),
    "dicom-json": ("DICOM as JSON", '{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Roe^Jane"}]}}'),
    "dicom-xml": ("DICOM as XML", "<NativeDicomModel><DicomAttribute tag='00100010' keyword='PatientName'/>"),
}


def fields(*values: str) -> bytes:
    """A form of PDF in which each field holds a part of the number."""
    made = [f"<< /FT /Tx /T (ssn{place}) /V ({value}) >>" for place, value in enumerate(values, 1)]
    named = " ".join(f"{4 + place} 0 R" for place in range(len(made)))
    return document(
        [
            f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{named}] >> >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
            *made,
        ]
    )


def boxed(words: str) -> str:
    """A text box of Word."""
    return f"<w:r><w:pict><w:txbxContent>{paragraph(words)}</w:txbxContent></w:pict></w:r>"


_SPARSE = [cell("A1", "Name") + cell("F1", "SSN"), *(cell(f"A{n}", "Doe") for n in range(2, 30))]
_SCALED = '<cellXfs><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs>'
_MARGIN = "<headerFooter><oddHeader>&amp;LSSN 219-&amp;C09-&amp;R9999</oddHeader></headerFooter>"
_FILES = {
    "pdf-boxes": ("a field for each digit", fields(*"219099999")),
    "pdf-groups": ("a field for each group", fields("219", "09", "9999")),
    "docx-boxes": (
        "a text box for each group",
        docx(f"<w:p>{boxed('SSN')}{boxed('219')}{boxed('09')}{boxed('9999')}</w:p>"),
    ),
    "xlsx-sparse": ("a column with gaps below its heading", xlsx([sheet([*_SPARSE, cell("F30", "219099999", "n")])])),
    "xlsx-margin": (
        "the three zones of a page's header",
        xlsx([sheet([cell("A1", "x")]).replace("</worksheet>", f"{_MARGIN}</worksheet>")]),
    ),
    "xlsx-percent": (
        "a number that its format shows a hundredfold",
        xlsx([sheet([cell("A1", "SSN") + cell("B1", "2190999.99", "n", 1)])], styles=_SCALED),
    ),
}
TRICKS = (
    *(Trick(name, what, text(said), *rest) for name, (what, said, *rest) in _TEXTS.items()),
    *(Trick(name, what, html(f"<style>{style}</style>{body}")) for name, (what, style, body) in _GENERATED.items()),
    *(Trick(name, what, attached(said.encode()), "held") for name, (what, said) in _RECORDS.items()),
    *(Trick(name, what, attached(octets)) for name, (what, octets) in _FILES.items()),
    Trick("subject-label", "the label in the Subject alone", mail("219099999", subject="Subject: SSN of Jane Roe")),
    Trick("subject-half", "a half in the Subject", mail("9999", subject="Subject: SSN 219-09-")),
    Trick("subject-begins", "the Subject begins it", mail("-09-9999", subject="Subject: her SSN begins with 219")),
    Trick(
        "subject-folded", "a Subject folded within it", mail("See above.", subject="Subject: SSN 2\n 1\n 9-09\n -9999")
    ),
)
