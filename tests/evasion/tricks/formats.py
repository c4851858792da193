"""Formats of text that fold, escape or mark up what they hold."""

import json

from tests.evasion.tricks.base import BASE64, COVER_PART, LINE, NUMBER, Trick, b64, mail, multipart, part, text

_FLOWED = "Content-Type: text/plain; charset=utf-8; format=flowed"
_ESCAPED = "".join(f"\\u{ord(c):04x}" for c in NUMBER)


def _file(name: str, what: str, body: str | bytes, kind: str, filename: str, expect: str = "found") -> Trick:
    """As an attachment."""
    encoded = part(
        b64(body),
        f'Content-Type: {kind}; name="{filename}"',
        BASE64,
        f'Content-Disposition: attachment; filename="{filename}"',
    )
    return Trick(name, what, multipart(COVER_PART, encoded), expect)


TRICKS = [
    Trick(
        "flowed",
        "a line that flows within the number",
        mail("Intake form: SSN 219-09- \n9999, diagnosis diabetes.", _FLOWED),
    ),
    Trick(
        "flowed-spaces",
        "a number with spaces over flowed lines",
        mail("Intake form: SSN 219 09 \n9999, diagnosis diabetes.", _FLOWED),
    ),
    Trick(
        "flowed-delsp",
        "flowed lines whose spaces go",
        mail("Intake form: SSN 219-0 \n9-99 \n99, diagnosis diabetes.", _FLOWED + "; delsp=yes"),
    ),
    Trick(
        "flowed-quoted",
        "flowed lines in a reply",
        mail("> Intake form: SSN 219-0 \n> 9-9999, diagnosis diabetes.", _FLOWED + "; delsp=yes"),
    ),
    Trick(
        "flowed-stuffed",
        "lines that are space-stuffed",
        mail("Intake form: SSN 219-0 \n 9-9999, diagnosis diabetes.", _FLOWED + "; delsp=yes"),
    ),
    Trick(
        "flowed-upper",
        "the parameters in capitals",
        mail(
            "Intake form: SSN 219-0 \n9-9999, diagnosis diabetes.", _FLOWED.replace("flowed", "FLOWED") + "; DelSp=Yes"
        ),
    ),
    Trick(
        "flowed-unlabelled",
        "flowed lines without the parameter",
        text("Intake form: SSN 219-09- \n9999, diagnosis diabetes."),
    ),
    Trick(
        "reply", "the number over two lines of a reply", text("> Intake form: SSN 219-09-\n> 9999, diagnosis diabetes.")
    ),
    _file(
        "vcard-folded",
        "a folded line of a card",
        "BEGIN:VCARD\nVERSION:3.0\nFN:A\nNOTE:SSN 219-0\n 9-9999 diabetes\nEND:VCARD",
        "text/vcard",
        "a.vcf",
    ),
    _file(
        "vcard-escapes",
        "escapes of a card",
        "BEGIN:VCARD\nVERSION:3.0\nNOTE:SSN\\, 219\\-09\\-9999\\, diabetes\nEND:VCARD",
        "text/vcard",
        "a.vcf",
    ),
    _file(
        "vcard-base64",
        "base64 within a card",
        f"BEGIN:VCARD\nVERSION:2.1\nNOTE;ENCODING=BASE64:{b64(LINE, 300)}\nEND:VCARD",
        "text/vcard",
        "a.vcf",
    ),
    _file(
        "vcard-quoted-printable",
        "quoted-printable within a card",
        "BEGIN:VCARD\nVERSION:2.1\nNOTE;ENCODING=QUOTED-PRINTABLE:SSN 219=2D09=2D9999 diabetes\nEND:VCARD",
        "text/x-vcard",
        "a.vcf",
    ),
    _file(
        "vcard-quoted-printable-folded",
        "soft line breaks within a card",
        "BEGIN:VCARD\nVERSION:2.1\nNOTE;ENCODING=QUOTED-PRINTABLE:SSN 219-0=\n9-9999 diabetes\nEND:VCARD",
        "text/x-vcard",
        "a.vcf",
    ),
    _file(
        "vcard-as-octets",
        "a card as a file of octets",
        "BEGIN:VCARD\nNOTE:SSN 219-0\n 9-9999 diabetes\nEND:VCARD",
        "application/octet-stream",
        "a.vcf",
    ),
    _file(
        "vcard-unnamed",
        "a card under another name",
        "BEGIN:VCARD\nNOTE:SSN 219-0\n 9-9999 diabetes\nEND:VCARD",
        "application/octet-stream",
        "a.dat",
    ),
    _file(
        "calendar-folded",
        "a folded line of a calendar",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:SSN 219-0\n\t9-9999 diabetes\nEND:VEVENT\nEND:VCALENDAR",
        "text/calendar",
        "a.ics",
    ),
    _file(
        "calendar-html",
        "HTML within a calendar",
        "BEGIN:VCALENDAR\nX-ALT-DESC;FMTTYPE=text/html:<p>SSN 219<b>-09-</b>9999\\, diabetes</p>\nEND:VCALENDAR",
        "text/calendar",
        "a.ics",
    ),
    _file(
        "calendar-attachment",
        "base64 within a calendar",
        f"BEGIN:VCALENDAR\nATTACH;ENCODING=BASE64;VALUE=BINARY:{b64(LINE, 300)}\nEND:VCALENDAR",
        "text/calendar",
        "a.ics",
    ),
    _file(
        "calendar-x-lines",
        "a calendar whose line breaks are escaped",
        "BEGIN:VCALENDAR\nDESCRIPTION:SSN: 219-09-\\n9999\\, diabetes\nEND:VCALENDAR",
        "text/calendar",
        "a.ics",
    ),
    _file("json", "plain JSON", json.dumps({"note": LINE}), "application/json", "a.json"),
    _file("json-escapes", "escapes of JSON", f'{{"note": "SSN {_ESCAPED}, diabetes"}}', "application/json", "a.json"),
    _file(
        "json-escapes-surrogates",
        "escapes of JSON in surrogates",
        '{"note": "SSN \\ud835\\udfd0\\ud835\\udfcf9-09-9999, diabetes"}',
        "application/json",
        "a.json",
    ),
    _file(
        "json-escapes-as-text",
        "escapes of JSON in a text file",
        f'{{"note": "SSN {_ESCAPED}, diabetes"}}',
        "text/plain",
        "a.txt",
    ),
    _file(
        "json-twice",
        "JSON within JSON",
        json.dumps({"note": json.dumps({"a": "SSN 219\u201309\u20139999, diabetes"})}),
        "application/json",
        "a.json",
    ),
    _file("json-base64", "base64 within JSON", json.dumps({"data": b64(LINE, 300)}), "application/json", "a.json"),
    _file(
        "json-escaped-slash",
        "needless escapes of JSON",
        '{"ssn": "219-09-9999\\/diabetes\\/\\u0053SN"}',
        "application/json",
        "a.json",
    ),
    _file(
        "xml",
        "tags of XML within the number",
        "<a><n>SSN 219<i>-09-</i>9999, diabetes</n></a>",
        "application/xml",
        "a.xml",
    ),
    _file(
        "xml-entities", "character references of XML", "<a>SSN &#x32;&#49;9-09-9999, diabetes</a>", "text/xml", "a.xml"
    ),
    _file("xml-cdata", "CDATA within the number", "<a>SSN 219<![CDATA[-09]]>-9999, diabetes</a>", "text/xml", "a.xml"),
    _file(
        "xml-comment", "comments within the number", "<a>SSN 219<!-- x -->-09-9999, diabetes</a>", "text/xml", "a.xml"
    ),
    _file("xml-attribute", "the number in an attribute", f'<a note="{LINE}"/>', "text/xml", "a.xml"),
    _file(
        "xml-declared-entity",
        "an entity that the document declares",
        '<!DOCTYPE a [<!ENTITY n "219-09-9999">]><a>SSN &n;, diabetes</a>',
        "text/xml",
        "a.xml",
    ),
    _file(
        "xml-declared-entity-parts",
        "entities that split the number",
        '<!DOCTYPE a [<!ENTITY x "219-0"><!ENTITY y "9-9999">]><a>SSN &x;&y;, diabetes</a>',
        "text/xml",
        "a.xml",
    ),
    _file(
        "xml-as-octets",
        "XML as a file of octets",
        '<?xml version="1.0"?><a>SSN 219<i>-09-</i>9999, diabetes</a>',
        "application/octet-stream",
        "a.dat",
    ),
    _file(
        "xml-utf-16",
        "XML in UTF-16",
        '<?xml version="1.0" encoding="utf-16"?><a>SSN 219<i>-09-</i>9999, diabetes</a>'.encode("utf-16"),
        "application/xml",
        "a.xml",
    ),
    _file("rtf", "plain RTF", "{\\rtf1\\ansi " + LINE + "}", "application/rtf", "a.rtf"),
    _file(
        "rtf-split",
        "formatting of RTF within the number",
        "{\\rtf1\\ansi SSN 219{\\b -09}-99{\\i 99}, diabetes}",
        "application/rtf",
        "a.rtf",
    ),
    _file(
        "rtf-hex",
        "RTF in hexadecimal escapes",
        "{\\rtf1\\ansi SSN " + "".join(f"\\'{ord(c):02x}" for c in NUMBER) + ", diabetes}",
        "application/rtf",
        "a.rtf",
    ),
    _file(
        "rtf-unicode",
        "RTF in Unicode escapes",
        "{\\rtf1\\ansi\\uc1 SSN " + "".join(f"\\u{ord(c)}?" for c in NUMBER) + ", diabetes}",
        "application/rtf",
        "a.rtf",
    ),
    _file(
        "rtf-hidden", "hidden text in RTF", "{\\rtf1\\ansi Hello {\\v " + LINE + "} there}", "application/rtf", "a.rtf"
    ),
    _file(
        "rtf-as-text",
        "RTF labelled as plain text",
        "{\\rtf1\\ansi SSN 219{\\b -09}-9999, diabetes}",
        "text/plain",
        "a.txt",
    ),
    _file(
        "rtf-line-ends",
        "line ends of RTF within the number",
        "{\\rtf1\\ansi SSN 219\n-09\n-9999, diabetes}",
        "application/msword",
        "a.doc",
    ),
    Trick("rtf-body", "a body of RTF", text("{\\rtf1\\ansi SSN 219{\\b -09}-9999, diabetes}", kind="rtf")),
    _file(
        "csv-columns",
        "a column for every group",
        "ssn_area,ssn_group,ssn_serial,illness\n219,09,9999,diabetes",
        "text/csv",
        "a.csv",
        "found",
    ),
    _file("csv-quotes", "needless quotes", '"SSN","Diagnosis"\n"219-09-9999","type 2 diabetes"', "text/csv", "a.csv"),
    _file(
        "tsv-label",
        "tabs, labelled as octets",
        "SSN\tDiagnosis\n219-09-9999\ttype 2 diabetes",
        "application/octet-stream",
        "a.tsv",
    ),
    _file(
        "csv-bare-digits",
        "digits without hyphens under their heading",
        "SSN,Diagnosis\n219099999,type 2 diabetes",
        "text/csv",
        "a.csv",
    ),
    _file(
        "csv-padded",
        "digits that a spreadsheet keeps as text",
        'SSN,Diagnosis\n="219099999",type 2 diabetes',
        "text/csv",
        "a.csv",
    ),
    _file(
        "sql",
        "a statement of a database",
        "INSERT INTO t VALUES ('SSN', '219' || '-09-' || '9999', 'diabetes');",
        "application/sql",
        "a.sql",
    ),
    _file("yaml-folded", "a folded text of YAML", 'note: "SSN 219-0\\\n  9-9999, diabetes"', "text/yaml", "a.yaml"),
    _file(
        "ldif", "base64 in a directory's entries", f"dn: cn=a\ndescription:: {b64(LINE, 300)}", "text/plain", "a.ldif"
    ),
    _file(
        "eml-in-text",
        "a message in a text file",
        mail(b64(LINE), "Content-Type: text/plain", BASE64),
        "text/plain",
        "a.txt",
    ),
    _file(
        "url-shortcut",
        "a shortcut with the number in its address",
        "[InternetShortcut]\nURL=https://x.example/?q=SSN%20219%2D09%2D9999%20diabetes",
        "application/octet-stream",
        "a.url",
    ),
    _file(
        "form",
        "the fields of a form",
        "note=SSN+219%2D09%2D9999+diabetes&x=1",
        "application/x-www-form-urlencoded",
        "a.txt",
    ),
    _file(
        "postscript",
        "a drawing of PostScript",
        "%!PS\n(SSN 219-09-9999, diabetes) show",
        "application/postscript",
        "a.ps",
    ),
    _file(
        "postscript-kerned",
        "a drawing of PostScript, letter by letter",
        "%!PS\n" + "\n".join(f"({c}) show" for c in "SSN 219-09-9999, diabetes"),
        "application/postscript",
        "a.ps",
        "held",
    ),
]
