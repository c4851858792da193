"""Mark-up that splits, hides, encodes or draws the number."""

from tests.evasion.tricks.base import (
    BASE64,
    COVER,
    HTML,
    LINE,
    NUMBER,
    PLAIN,
    Trick,
    b64,
    html,
    mail,
    multipart,
    part,
    text,
)

_ENTITIES = "".join(f"&#{ord(c)};" for c in NUMBER)


def _page(name: str, what: str, inside: str, expect: str = "found") -> Trick:
    return Trick(name, what, html(inside), expect)


def _number(name: str, what: str, written: str, expect: str = "found") -> Trick:
    """The number alone is written in another way; the words around it stay."""
    return _page(name, what, f"<p>Intake form: SSN {written}, diagnosis type 2 diabetes.</p>", expect)


def _line(name: str, what: str, before: str, after: str = "") -> Trick:
    """The whole line is within something."""
    return _page(name, what, f"<p>{COVER}</p>{before}{LINE}{after}")


SPLIT = [
    _number("split-tags", "tags within the number", "219<b>-09-</b>9999"),
    _number("split-every-digit", "tags around every digit", "".join(f"<span>{c}</span>" for c in NUMBER)),
    _number("split-comments", "comments within the number", "219<!-- x -->-09<!---->-9999"),
    _number("split-empty-comment", "an odd empty comment within the number", "219<!>-09<!-->-9999"),
    _number("split-unknown-tags", "tags that nobody knows", "219<x-y>-09</x-y>-<zz>9999"),
    _number("split-attributes", "tags with a long attribute", f'219<b title="{"x" * 500}">-09-</b>9999'),
    _number("split-nul", "NULs within the number", "219\0-09\0-9999"),
    _number("split-nul-in-tag", "NULs within tags", "219<b\0>-09-</b\0>9999"),
    _number("split-wbr", "places where a line may break", "219<wbr>-09<wbr/>-9999"),
    _number("split-shy", "soft hyphens", "219&shy;-09&shy;-9&shy;9&shy;99"),
    _number("split-zwsp", "spaces without width", "2&#8203;19-0&ZeroWidthSpace;9-99&zwnj;99"),
    _number("split-nbsp", "spaces that do not break", "219&nbsp;09&nbsp;9999"),
    _number("split-thin", "thin spaces", "219&thinsp;09&thinsp;9999"),
    _number("split-processing", "processing instructions within the number", "219<?x y?>-09<?z?>-9999"),
    _number("split-cdata", "CDATA within the number", "219<![CDATA[x]]>-09-9999"),
    _number(
        "split-table",
        "a cell for every digit",
        "<table><tr>" + "".join(f"<td>{c}</td>" for c in NUMBER) + "</tr></table>",
    ),
    _number(
        "split-table-groups", "a cell for every group", "<table><tr><td>219</td><td>09</td><td>9999</td></tr></table>"
    ),
    _number("split-blocks", "a line for every group", "<div>219-</div><div>09-</div><div>9999</div>"),
    _number(
        "split-inline-blocks",
        "blocks that stand in one line",
        "".join(f'<div style="display:inline-block">{c}</div>' for c in NUMBER),
    ),
    _number(
        "split-floats",
        "blocks that float beside one another",
        "".join(f'<div style="float:left">{c}</div>' for c in NUMBER),
    ),
    _number("split-list", "an item for every group", "<ul><li>219</li><li>09</li><li>9999</li></ul>"),
    _number("split-ruby", "small writing above the digits", "<ruby>219<rt>x</rt></ruby>-09-9999"),
    _number("split-unclosed-tag", "a tag that never ends", "219<b -09-9999, diabetes SSN 219-09-9999"),
    _number(
        "split-attribute-quote",
        "an attribute whose quote never ends",
        '219<b title="x>-09-9999, diabetes SSN 219-09-9999',
    ),
    _number("split-button", "a button within the number", "219<button></button>-09-9999"),
    _number("split-script", "a script within the number", "219<script>x()</script>-09-9999"),
    _number("split-style", "a style sheet within the number", "219<style>p{}</style>-09-9999"),
    _number("split-img", "pictures within the number", '219<img src="cid:x" alt="">-09<img src="cid:y">-9999'),
]

DECOYS = [
    _number(
        f"decoy-{name}",
        f"digits within the number that are not seen: {what}",
        f"219<span {attribute}>77</span>-09<span {attribute}>8</span>-9999",
    )
    for name, what, attribute in [
        ("display", "not displayed", 'style="display:none"'),
        ("display-important", "not displayed, importantly", 'style="color:red; DISPLAY : none !important"'),
        ("display-comment", "a comment of CSS in the declaration", 'style="display:/**/none"'),
        ("display-escape", "an escape of CSS in the declaration", 'style="d\\69splay:none"'),
        ("display-entity", "a character reference in the attribute", 'style="display&#58;none"'),
        ("display-unquoted", "an attribute without quotes", "style=display:none"),
        ("visibility", "not visible", 'style="visibility:hidden"'),
        ("visibility-collapse", "collapsed", 'style="visibility:collapse"'),
        ("size-zero", "letters of no size", 'style="font-size:0"'),
        ("size-tiny", "letters of one pixel", 'style="font-size:1px"'),
        ("size-zero-shorthand", "letters of no size in the short form", 'style="font:0/0 a"'),
        ("opacity", "transparent", 'style="opacity:0"'),
        ("opacity-small", "nearly transparent", 'style="opacity:0.01"'),
        ("color-white", "white on white", 'style="color:#ffffff"'),
        ("color-white-word", "white by its name", 'style="color: White"'),
        ("color-white-rgb", "white by its parts", 'style="color:rgb(255, 255, 255)"'),
        ("color-same", "the colour of its ground", 'style="color:#123456;background:#123456"'),
        ("color-transparent", "no colour at all", 'style="color:transparent"'),
        ("hidden", "the attribute hidden", "hidden"),
        ("off-screen", "far to the left", 'style="position:absolute;left:-9999px"'),
        ("indent", "indented out of sight", 'style="display:inline-block;text-indent:-9999px"'),
        ("clip", "clipped to nothing", 'style="position:absolute;clip:rect(0,0,0,0)"'),
        ("height", "no height", 'style="display:inline-block;overflow:hidden;height:0;width:0"'),
        ("height-max", "no greatest height", 'style="display:inline-block;overflow:hidden;max-height:0"'),
        ("scale", "scaled to nothing", 'style="display:inline-block;transform:scale(0)"'),
        ("mso", "hidden from Word", 'style="mso-hide:all"'),
        ("class", "a class of the style sheet", 'class="q"'),
        ("id", "an identifier of the style sheet", 'id="q"'),
    ]
]
DECOYS = [
    Trick(
        trick.name,
        trick.what,
        trick.raw.replace(b"<html>", b"<html><head><style>.q, #q { display: none }</style></head>"),
    )
    if trick.name in ("decoy-class", "decoy-id")
    else trick
    for trick in DECOYS
]
DECOYS += [
    _number("decoy-font-tag", "digits in a font of white", '219<font color="#FFFFFF">77</font>-09-9999'),
    _number(
        "decoy-font-size", "digits in a font of no size", '219<font size="-7" style="font-size:0px">77</font>-09-9999'
    ),
    _number(
        "decoy-element-rule",
        "an element that the style sheet hides",
        "<style>x-q{display:none}</style>219<x-q>77</x-q>-09-9999",
    ),
    _number("decoy-object", "an element whose inside is not shown", "219<object>77</object>-09<video>8</video>-9999"),
    _number("decoy-noscript", "what only programs without scripts show", "219<noscript>77</noscript>-09-9999"),
    _number("decoy-template", "a template within the number", "219<template>77</template>-09-9999"),
]

HIDDEN = [
    _line("hidden-display", "the line is not displayed", '<p style="display:none">', "</p>"),
    _line("hidden-size", "the line has no size", '<p style="font-size:0">', "</p>"),
    _line("hidden-white", "the line is white on white", '<p style="color:white">', "</p>"),
    _line("hidden-off-screen", "the line is out of sight", '<p style="position:absolute;left:-9999px">', "</p>"),
    _line("hidden-class", "a class hides the line", '<style>.q{display:none}</style><p class="q">', "</p>"),
    _line("comment", "the line in a comment", "<!-- ", " -->"),
    _line("comment-unclosed", "the line in a comment that never ends", "<!-- "),
    _line("comment-conditional", "the line for Outlook alone", "<!--[if mso]><p>", "</p><![endif]-->"),
    _line("comment-downlevel", "the line for all but Outlook", "<![if !mso]><p>", "</p><![endif]>"),
    _line("title", "the line as the title of the page", "<title>", "</title>"),
    _line("noscript", "the line for programs without scripts", "<noscript>", "</noscript>"),
    _line("template", "the line in a template", "<template>", "</template>"),
    _line("textarea", "the line in a field of a form", "<textarea>", "</textarea>"),
    _line("xmp", "the line as an example", "<xmp>", "</xmp>"),
    _line("plaintext", "the line as the plain rest of the page", "<plaintext>"),
    _line("script", "the line in a script", '<script>var x = "', '";</script>'),
    _line("script-json", "the line as data in a script", '<script type="application/ld+json">{"a": "', '"}</script>'),
    _line("style", "the line in a style sheet", "<style>/* ", " */</style>"),
    _line("style-content", "the line as generated content", '<style>p::before { content: "', '" }</style><p></p>'),
    _line("attribute-alt", "the line instead of a picture", '<img src="cid:x" alt="', '">'),
    _line("attribute-title", "the line as a tool tip", '<p title="', '">x</p>'),
    _line("attribute-data", "the line in an attribute of its own", '<p data-note="', '">x</p>'),
    _line("attribute-style", "the line in a style attribute", "<p style=\"--note: '", "'\">x</p>"),
    _line("attribute-class", "the line as names of classes", '<p class="', '">x</p>'),
    _line("attribute-value", "the line in a field of a form", '<input type="hidden" value="', '">'),
    _line("attribute-meta", "the line as a description of the page", '<meta name="description" content="', '">'),
    _line("attribute-after-body", "the line behind the end of the page", "</body></html><p>", "</p>"),
    _line("svg-text", "the line in a drawing", "<svg><text>", "</text></svg>"),
    _line("math", "the line in a formula", "<math><mtext>", "</mtext></math>"),
    _line("option", "the line as a choice", "<select><option>", "</option></select>"),
    _line("iframe", "the line within a frame", "<iframe>", "</iframe>"),
    _page(
        "iframe-srcdoc",
        "a page within an attribute",
        '<iframe srcdoc="&lt;p&gt;SSN 219&lt;b&gt;-09-&lt;/b&gt;9999, diabetes&lt;/p&gt;"></iframe>',
    ),
    _page(
        "href-percent",
        "an address with percent signs",
        '<a href="https://x.example/?q=SSN%20219%2D09%2D9999%20diabetes">x</a>',
    ),
    _page(
        "href-mailto",
        "the text of a message to be written",
        '<a href="mailto:a@b.example?body=SSN%20219%2D09%2D9999%20diabetes">x</a>',
    ),
    _page("href-data", "a data: address in base64", f'<a href="data:text/plain;base64,{b64(LINE, 300)}">x</a>'),
    _page(
        "href-data-html",
        "a data: address with a page",
        f'<iframe src="data:text/html;base64,{b64("<p>SSN 219<b>-09-</b>9999, diabetes</p>", 300)}"></iframe>',
    ),
    _page(
        "href-data-percent",
        "a data: address with percent signs",
        '<a href="data:text/plain,SSN%20219%2D09%2D9999%20diabetes">x</a>',
    ),
    _page(
        "href-javascript",
        "escapes of a script in an address",
        "<a href=\"javascript:alert('SSN \\x32\\x31\\x39-09-9999 diabetes')\">x</a>",
    ),
]

ENCODED = [
    _number("entities", "character references", _ENTITIES),
    _number("entities-hex", "character references in hexadecimal", "".join(f"&#x{ord(c):X};" for c in NUMBER)),
    _number(
        "entities-zeros", "character references with zeros before them", "".join(f"&#000000{ord(c)};" for c in NUMBER)
    ),
    _number("entities-open", "character references without their semicolons", "&#50&#49&#57-09-&#57&#57&#57&#57"),
    _number("entities-named", "named character references", "219&hyphen;09&dash;9999"),
    _number("entities-named-minus", "a minus by its name", "219&minus;09&minus;9999"),
    _number("entities-twice", "character references twice over", _ENTITIES.replace("&", "&amp;")),
    _number("entities-thrice", "character references three times over", _ENTITIES.replace("&", "&amp;amp;")),
    _number(
        "entities-full-width",
        "references to digits of full width",
        "".join(f"&#{ord(c) + 0xFEE0};" if c.isdigit() else c for c in NUMBER),
    ),
    _number("entities-control", "references to controls within the number", "219&#1;-09&#8;-9999"),
    _number(
        "script-write", "a script that writes the number", r"<script>document.write('\x32\x31\x39-09-9999')</script>"
    ),
    _number(
        "content-escapes",
        "generated content in escapes of CSS",
        r"<style>b::after{content:'SSN \32\31\39-09-9999, diabetes'}</style><b></b>",
    ),
    _number("bdo", "digits in the other direction", '<bdo dir="rtl">9999-90-912</bdo>'),
    _number(
        "bidi-style",
        "digits in the other direction by style",
        '<span style="unicode-bidi:bidi-override;direction:rtl">9999-90-912</span>',
    ),
    _number("letters-spaced", "spaces between all digits", "2 1 9 - 0 9 - 9 9 9 9"),
]

WHOLE = [
    Trick(
        "page-in-plain",
        "a page within a plain text",
        text("<html><body>SSN 219<b>-09-</b>9999, diabetes</body></html>"),
    ),
    Trick("page-upper", "tags in capitals without quotes", html("<P ALIGN=LEFT>SSN 219<B>-09-</B>9999, diabetes</P>")),
    Trick(
        "page-xhtml",
        "XHTML",
        text(
            "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><p>SSN 219<b>-09-</b>9999, diabetes</p></body></html>",
            kind="xhtml+xml",
        ).replace(b"text/xhtml", b"application/xhtml"),
    ),
    Trick(
        "page-amp",
        "a page for mail programs with scripts",
        multipart(
            part(COVER, PLAIN),
            part("<html><body>SSN 219<b>-09-</b>9999, diabetes</body></html>", "Content-Type: text/x-amp-html"),
            subtype="alternative",
        ),
    ),
    Trick(
        "page-attached",
        "a page as a file",
        multipart(
            part(COVER, PLAIN),
            part(
                b64("<p>SSN 219<b>-09-</b>9999, diabetes</p>"),
                'Content-Type: application/octet-stream; name="a.htm"',
                BASE64,
            ),
        ),
    ),
    Trick(
        "page-attached-unnamed",
        "a page as a file under another name",
        multipart(
            part(COVER, PLAIN),
            part(
                b64("<!DOCTYPE html><p>SSN 219<b>-09-</b>9999, diabetes</p>"),
                'Content-Type: application/octet-stream; name="a.dat"',
                BASE64,
            ),
        ),
    ),
    Trick(
        "page-enriched",
        "enriched text",
        text("SSN 219<bold>-09-</bold>9999, <color><param>red</param>diabetes</color>", kind="enriched"),
    ),
    Trick(
        "page-richtext", "rich text of the first kind", text("SSN 219<bold>-09-</bold>9999, diabetes", kind="richtext")
    ),
    Trick(
        "page-svg",
        "a drawing",
        multipart(
            part(COVER, PLAIN),
            part("<svg><text>SSN 219<tspan>-09-</tspan>9999, diabetes</text></svg>", "Content-Type: image/svg+xml"),
        ),
    ),
    Trick(
        "page-quoted-printable",
        "tags that quoted-printable writes",
        mail("SSN 219=3Cb=3E-09-=3C/b=3E9999, diabetes", HTML, "Content-Transfer-Encoding: quoted-printable"),
    ),
    Trick(
        "page-markdown",
        "emphasis of Markdown within the number",
        text("SSN 219**-09-**9999, diabetes", kind="markdown"),
    ),
]

TRICKS = [*SPLIT, *DECOYS, *HIDDEN, *ENCODED, *WHOLE]
