"""Changing text in the original message changes that text and nothing else."""

import quopri
import re
from base64 import encodebytes

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.core.limits import Limits
from gateway.core.message import Part, Span
from gateway.core.plan import Splice
from gateway.parse import parse
from gateway.parse.transfer import decoded_text, rewrite_text

CHARSETS = ("us-ascii", "utf-8", "iso-8859-1", "windows-1252", "koi8-r", "shift_jis", "gb18030", "utf-16-le", "utf-16")
STATEFUL = ("iso-2022-jp", "utf-7")
LETTERS = st.sampled_from(
    ["a", "B", "4", "1", "=", " ", "\t", "-", "--", ".", "é", "я", "日本", "😀", "\r\n", "\n", "=\r\n", "x" * 70]
)
WORDS = st.lists(LETTERS, max_size=40).map("".join)
BYTES = st.lists(
    st.sampled_from([b"a", b"=", b"4", b"1", b"=41", b"=\r\n", b"= \n", b"\r", b"\n", b" ", b"-", b"\xe9", b"=C3=A9"]),
    max_size=60,
).map(b"".join)

FAST = settings(max_examples=80, deadline=None)


def encoded(encoding: str, octets: bytes) -> bytes:
    """Octets as a mail program would write them."""
    if encoding == "quoted-printable":
        return quopri.encodestring(octets)
    if encoding == "base64":
        return encodebytes(octets).replace(b"\n", b"\r\n")
    return octets


def message(encoding: str, charset: str, body: bytes) -> bytes:
    head = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def applied(raw: bytes, splices: tuple[Splice, ...]) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for splice in splices:
        assert position <= splice.start <= splice.end
        pieces += [raw[position : splice.start], splice.octets]
        position = splice.end
    return b"".join([*pieces, raw[position:]])


def changed(text: str, changes: list[tuple[Span, str]]) -> str:
    for span, new in reversed(changes):
        text = text[: span.start] + new + text[span.end :]
    return text


def root(raw: bytes) -> Part:
    return parse(raw, Limits()).root


@st.composite
def cuts(draw: st.DrawFn, text: str, news: st.SearchStrategy[str]) -> list[tuple[Span, str]]:
    """Sorted spans that are apart, with new texts."""
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    spans = [Span(start, end) for start, end in zip(edges[0::2], edges[1::2], strict=True)]
    apart = [span for index, span in enumerate(spans) if index == 0 or span.start > spans[index - 1].end]
    return [(span, draw(news)) for span in apart]


def line_end(text: str) -> str:
    return "\n" if "\n" in text and "\r\n" not in text else "\r\n"


@FAST
@given(
    st.data(),
    st.sampled_from(["7bit", "8bit", "quoted-printable", "base64", "x-uuencode"]),
    st.sampled_from(CHARSETS),
    WORDS,
)
def test_text_after_rewriting_has_exactly_the_changes(
    data: st.DataObject, encoding: str, charset: str, text: str
) -> None:
    """Whatever the encoding and charset, the new text is the old one with the spans replaced."""
    raw = message(encoding, charset, encoded(encoding, text.encode(charset, "replace")))
    part = root(raw)
    before = decoded_text(part)
    changes = data.draw(cuts(before.text, st.sampled_from(["", "[SSN]", "*" * 80, "a=b -", "one\ntwo "])))

    splices = rewrite_text(part, changes)

    wanted = changed(before.text, [(span, new.replace("\n", line_end(before.text))) for span, new in changes])
    assert decoded_text(root(applied(raw, splices))).text == wanted
    assert all(part.body.start <= splice.start <= splice.end <= part.body.end for splice in splices)


@FAST
@given(st.data(), st.sampled_from(["8bit", "quoted-printable"]), BYTES)
def test_broken_bodies_are_rewritten_exactly_too(data: st.DataObject, encoding: str, body: bytes) -> None:
    """Dangling "=", bare CR and octets outside the charset do not move or merge with a replacement."""
    raw = message(encoding, "utf-8", body)
    part = root(raw)
    before = decoded_text(part).text
    changes = data.draw(cuts(before, st.sampled_from(["", "1F", "[SSN]", "=", "41", "x" * 90])))

    splices = rewrite_text(part, changes)

    assert decoded_text(root(applied(raw, splices))).text == changed(before, changes)


@FAST
@given(st.data(), st.sampled_from(STATEFUL), st.sampled_from(["7bit", "quoted-printable", "base64"]), WORDS)
def test_charsets_with_shift_states_are_rewritten_line_by_line(
    data: st.DataObject, charset: str, encoding: str, text: str
) -> None:
    """An ASCII label inside Japanese text neither becomes nor makes gibberish."""
    raw = message(encoding, charset, encoded(encoding, text.encode(charset, "replace")))
    part = root(raw)
    before = decoded_text(part).text
    changes = data.draw(cuts(before, st.sampled_from(["", "[SSN]", "日"])))

    splices = rewrite_text(part, changes)

    assert decoded_text(root(applied(raw, splices))).text == changed(before, changes)


@FAST
@given(st.data(), st.sampled_from(["7bit", "8bit", "quoted-printable"]), WORDS)
def test_raw_octets_outside_the_spans_stay(data: st.DataObject, encoding: str, text: str) -> None:
    """A replacement takes the raw octets of its span away and no others."""
    raw = message(encoding, "utf-8", encoded(encoding, text.encode()))
    part = root(raw)
    before = decoded_text(part).text
    changes = data.draw(cuts(before, st.just("[SSN]")))

    splices = rewrite_text(part, changes)

    assert len(splices) == len(changes)
    for splice, (span, _) in zip(splices, changes, strict=True):
        alone = message(encoding, "utf-8", raw[splice.start : splice.end])
        assert decoded_text(root(alone)).text.rstrip("=") == before[span.start : span.end].rstrip("=")


@FAST
@given(st.data(), WORDS)
def test_quoted_printable_lines_stay_short(data: st.DataObject, text: str) -> None:
    """Soft line breaks keep every line within 76 octets; a full line that goes on needs one octet more for its "="."""
    lines = encoded("quoted-printable", text.replace("\r\n", "\n").encode()).replace(b"\n", b"\r\n")
    raw = message("quoted-printable", "utf-8", lines)
    part = root(raw)
    before = decoded_text(part).text
    changes = data.draw(cuts(before, st.sampled_from(["[removed: US_SSN]", "é" * 50, ""])))
    assume(all(before[edge - 1 : edge + 1] != "\r\n" for span, _ in changes for edge in (span.start, span.end) if edge))

    body = applied(raw, rewrite_text(part, changes))[part.body.start :]

    longest = max(len(line) for line in re.split(rb"\r?\n", lines))
    assert max(len(line) for line in re.split(rb"\r?\n", body)) <= max(76, longest + 1)
