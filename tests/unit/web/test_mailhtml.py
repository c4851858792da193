"""HTML of a mail in a frame: cleaned in a process of its own, and as text where that takes too long."""

import resource
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.web.mailhtml import framed

INTRICATE = [
    "".join(f"<font a{number}>" for number in range(20_000)) + "<p>the end",
    "".join("<font " + " ".join(f"a{i}x{number}" for i in range(20)) + ">" for number in range(2_500)) + "<p>the end",
]


def test_mark_up_is_kept_where_it_is_harmless() -> None:
    """Tags for text stay, what asks for anything goes; letters that no encoding has do no harm."""
    page = framed("<p>one <b>two</b> \ud800</p><script>no</script><img src=https://e.example/x>")

    assert "<p>one <b>two</b> ?</p></body>" in page


@pytest.mark.parametrize("markup", INTRICATE)
def test_intricate_mark_up_is_shown_as_text(markup: str) -> None:
    """It takes seconds of another process, hardly any of ours, and is not lost."""
    before, children = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    page = framed(f"&lt;i&gt;{markup}")

    assert time.process_time() - before < 3
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - children < 5
    assert "too intricate" in page
    assert "&lt;i&gt;\nthe end</pre>" in page


def test_no_more_than_some_are_cleaned_at_once() -> None:
    """Others wait for a turn and get their page too."""
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(framed, [f"<b>page {number}</b>" for number in range(6)]))

    assert all(f"page {number}" in page for number, page in enumerate(pages))
