"""Names of HTML that decide what is shown (WHATWG HTML Standard, sections 13.1.2 and 15.3)."""

import re

from gateway.extract.caseless import Caseless

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "textarea",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
CELLS = frozenset({"td", "th"})
# Not shown by programs that know what they are for; the small writing of ruby breaks what it stands above.
# Elements that end where one of these begins, when nobody ended them, and what keeps that from the elements around.
_CELL_ENDS = frozenset({"td", "th", "tr", "tbody", "tfoot"})
ENDED_BY = {
    "td": _CELL_ENDS,
    "th": _CELL_ENDS,
    "tr": frozenset({"tr", "tbody", "tfoot"}),
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "p": frozenset({"p", "div", "h1", "h2", "h3", "h4", "pre", "form", "hr", "address", "blockquote", "section"}),
}
ENCLOSING = frozenset({"table", "ul", "ol", "dl"})

UNSEEN_ELEMENTS = frozenset({"datalist", "dialog", "object", "audio", "video", "canvas", "noscript", "rt", "rp"})

# Attributes that say how something looks or works, not what it says.
QUIET_ATTRIBUTES = frozenset(
    [
        "style",
        "class",
        "id",
        "width",
        "height",
        "align",
        "valign",
        "border",
        "cellpadding",
        "cellspacing",
        "bgcolor",
        "color",
        "face",
        "size",
        "lang",
        "xml:lang",
        "dir",
        "target",
        "rel",
        "type",
        "role",
        "nowrap",
        "colspan",
        "rowspan",
        "background",
        "hspace",
        "vspace",
        "link",
        "vlink",
        "alink",
        "text",
        "clear",
        "noshade",
        "http-equiv",
        "charset",
        "language",
        "media",
        "method",
        "enctype",
        "tabindex",
        "usemap",
        "shape",
        "coords",
        "leftmargin",
        "topmargin",
        "marginwidth",
        "marginheight",
        "bordercolor",
        "rules",
        "frame",
        "loading",
        "aria-hidden",
        "xmlns",
        "xmlns:o",
        "xmlns:v",
        "xmlns:w",
        "xmlns:m",
        "start",
        "compact",
        "scope",
    ]
)

# Attributes of HTML whose values may be text or addresses. Of others the name is read as well.
TELLING_ATTRIBUTES = frozenset(
    {
        "abbr",
        "action",
        "alt",
        "aria-label",
        "cite",
        "content",
        "data",
        "href",
        "label",
        "longdesc",
        "name",
        "placeholder",
        "src",
        "srcset",
        "summary",
        "title",
        "value",
    }
)
# What stands for a character.
REFERENCE = r"(?:\#[0-9]{1,8};?|\#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};?)"
REFERENCES = re.compile("&" + REFERENCE)
# What the name of an element looks like; another one may be text in angle brackets.
ELEMENT = re.compile(r"[a-z:-]{1,24}[0-9]?")


# A declaration, or the hidden attribute, that keeps an element from being seen.
_HIDING = Caseless(
    r"""display\s*+:\s*+none|visibility\s*+:\s*+hidden|mso-hide\s*+:\s*+all
    |font-size\s*+:\s*+0++(?>(?:\.0*+)?)(?>(?:px|pt|em|rem|%)?)\s*+(?:[;"'!]|\Z)
    |opacity\s*+:\s*+0++(?>(?:\.0*+)?)%?+\s*+(?:[;"'!]|\Z)
    |h(?<=\sh)idden(?:[\s=>/]|\Z)"""
)
_NO_SIZE = Caseless(r"""(?:height|width)\s*+:\s*+0++(?>(?:px|pt|em)?)\s*+(?:[;"'!]|\Z)""")
_CLIPPED = Caseless(r"overflow\s*+:\s*+hidden")


def hides(attributes: str) -> bool:
    """Whether attributes or declarations keep their element from being seen."""
    if _HIDING.search(attributes):
        return True
    return _CLIPPED.search(attributes) is not None and _NO_SIZE.search(attributes) is not None
