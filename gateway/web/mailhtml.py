"""HTML of a mail, made harmless: what is left can be looked at, and nothing else.

nh3 (ammonia) keeps tags for text and tables. Pictures, links, forms, frames, media and styles are gone, so nothing is
asked of any network, even before the frame's sandbox and policy forbid it.
"""

import nh3

TAGS = frozenset(
    {"abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div"}
    | {"dfn", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins"}
    | {"kbd", "li", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup"}
    | {"table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr"}
)
ATTRIBUTES = {
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "ol": {"start", "type"},
    "col": {"span"},
}
GONE = frozenset({"script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object", "textarea"})
STYLE = (
    ":root{color-scheme:light}body{margin:1rem;background:#fff;color:#1b1f24;font:16px/1.5 system-ui,sans-serif;"
    "overflow-wrap:anywhere}table{border-collapse:collapse}td,th{border:1px solid #d0d5dc;padding:.2rem .5rem}"
    "blockquote{margin:0 0 0 .5rem;padding-left:.75rem;border-left:3px solid #d0d5dc}pre{white-space:pre-wrap}"
)


def cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(GONE),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        strip_comments=True,
        link_rel=None,
        generic_attribute_prefixes=set(),
        url_schemes=set(),
    )


def framed(html: str) -> str:
    """A whole document around the cleaned mark-up."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Message</title>'
        f"<style>{STYLE}</style></head><body>{cleaned(html)}</body></html>"
    )
