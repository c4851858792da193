"""HTML of a mail, made harmless: what is left can be looked at, and nothing else.

nh3 (ammonia) keeps tags for text and tables. Pictures, links, forms, frames, media and styles are gone, so nothing is
asked of any network, even before the frame's sandbox and policy forbid it. It works in a process of its own with little
memory and time (gateway.web.cleaning); where that ends without an answer, the page is shown as text.
"""

import logging
import threading
import time
from html import escape

from gateway import logs
from gateway.extract.html import render
from gateway.processes.channel import ChannelClosed, receive, send
from gateway.processes.cradle import brief

COMMAND = "from gateway.web.cleaning import main; main({})"
AT_ONCE = 4  # such processes
SECONDS = 10.0  # for one of them, its start and the wait for a turn too
MOST_MARKUP = 2_000_000  # characters; no more is read
MOST_AS_TEXT = 500_000  # characters of mark-up that is read in this process
LARGEST_ANSWER = 4 << 20
STYLE = (
    ":root{color-scheme:light}body{margin:1rem;background:#fff;color:#1b1f24;font:16px/1.5 system-ui,sans-serif;"
    "overflow-wrap:anywhere}table{border-collapse:collapse}td,th{border:1px solid #d0d5dc;padding:.2rem .5rem}"
    "blockquote{margin:0 0 0 .5rem;padding-left:.75rem;border-left:3px solid #d0d5dc}pre{white-space:pre-wrap}"
)
CUT = "<p><em>It is longer than what is shown here: download the whole message to read the rest.</em></p>"
PLAIN = (
    "<p><em>It is too intricate to be shown formatted. This is its text; the whole message can be downloaded.</em></p>"
)
_turns = threading.BoundedSemaphore(AT_ONCE)


class _NotCleaned(Exception):
    """The process took more memory or time than it may, or there is none."""


def framed(html: str) -> str:
    """A whole document around the cleaned mark-up, or around its text where it cannot be cleaned in time."""
    page = html[:MOST_MARKUP]
    try:
        body = _cleaned_apart(page)
    except _NotCleaned:
        body = f"{PLAIN}<pre>{escape(render(page[:MOST_AS_TEXT]).visible.text)}</pre>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Message</title>'
        f"<style>{STYLE}</style></head><body>{CUT if len(html) > MOST_MARKUP else ''}{body}</body></html>"
    )


def _cleaned_apart(page: str) -> str:
    """Raises _NotCleaned."""
    until = time.monotonic() + SECONDS
    if not _turns.acquire(timeout=SECONDS / 2):
        raise _NotCleaned
    try:
        return _answer(page.encode("utf-8", "replace"), until).decode()
    except (ChannelClosed, TimeoutError, OSError, UnicodeDecodeError) as error:
        logs.event("html-not-cleaned", level=logging.WARNING, failure=error)
        raise _NotCleaned from None
    finally:
        _turns.release()


def _answer(page: bytes, until: float) -> bytes:
    """Of an interpreter of its own. Raises ChannelClosed, TimeoutError, OSError."""
    with brief(COMMAND, SECONDS) as cleaner:
        send(cleaner.channel, page, until=until)
        return receive(cleaner.channel, until=until, most=LARGEST_ANSWER)[0]
