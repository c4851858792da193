"""The confined process that cleans HTML: the parser is native, and some mark-up takes it the square of its length.

It is a clean interpreter with one channel. What a stranger wrote comes in once nothing can be opened any more but the
libraries; one page, then it ends.
"""

import socket

import nh3

from gateway.processes.channel import ChannelClosed, receive, send
from gateway.processes.sandbox import confine, leave_no_core, limit_cpu

MEMORY_BYTES = 256 << 20
CPU_SECONDS = 2
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


def main(descriptor: int) -> None:
    """A page, and what is left of it, both in UTF-8."""
    channel = socket.socket(fileno=descriptor)
    leave_no_core()
    confine(MEMORY_BYTES)
    try:
        page, _ = receive(channel)
        limit_cpu(CPU_SECONDS)
        send(channel, cleaned(page.decode("utf-8", "replace")).encode())
    except ChannelClosed:
        return


def cleaned(html: str) -> str:
    """Tags for text and tables are kept, and nothing that asks for anything; for our own process only in tests."""
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
