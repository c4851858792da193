"""Redaction of generated messages: nothing planted is left, and nothing else is touched."""

import base64
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.actions import apply_edits
from gateway.actions.draft import draft_of, edits
from gateway.actions.notice import append_notice
from gateway.actions.redact import redact
from gateway.actions.subject import tag
from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Content, Message, Span
from gateway.extract import extract
from gateway.parse import parse
from gateway.parse.transfer import decoded_octets, decoded_text

LABEL = "[REDACTED:US_SSN]"
SOFT = b"(?:=\r\n)?"  # soft line breaks of quoted-printable may come before, inside and behind
WRITTEN = SOFT + SOFT.join(re.escape(bytes([octet])) for octet in LABEL.encode()) + SOFT
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# No digit outside of values, so that none comes about by chance; no character that raw bytes would have to escape.
ASCII = "abc XYZ,.;:!?'\"()/*+-_~\t"
LATIN = ASCII + "äöüßéÑ£"
WIDE = LATIN + "患者Жד€😀"

values = st.from_regex(r"[1-8][0-9]{2}-[0-9]{2}-[0-9]{4}", fullmatch=True)


def pieces(alphabet: str) -> st.SearchStrategy[list[str]]:
    """Lines of text between values, at least one value."""
    line = st.text(alphabet, max_size=90).map(str.rstrip)
    text = st.lists(line, min_size=1, max_size=4).map("\r\n".join)
    return st.lists(text, min_size=2, max_size=5).map(apart)


def apart(texts: list[str]) -> list[str]:
    """Something between any two values; at the ends there may be nothing."""
    return [text if n in (0, len(texts) - 1) else text or "." for n, text in enumerate(texts)]


@dataclass(frozen=True)
class Body:
    """Text between values, in one charset and transfer encoding."""

    texts: list[str]
    charset: str
    encoding: str

    def raw_pieces(self) -> list[bytes]:
        octets = [text.encode(self.charset) for text in self.texts]
        return [quoted(piece) for piece in octets] if self.encoding == "quoted-printable" else octets

    def octets(self, filling: str) -> bytes:
        return filling.join(self.texts).encode(self.charset)

    def raw(self, value: str) -> bytes:
        if self.encoding == "base64":
            return base64.encodebytes(self.octets(value)).replace(b"\n", b"\r\n")
        return value.encode().join(self.raw_pieces())

    def head(self, subtype: str = "plain") -> bytes:
        return (
            f"Content-Type: text/{subtype}; charset={self.charset}\r\n"
            f"Content-Transfer-Encoding: {self.encoding}\r\n\r\n"
        ).encode()


def quoted(octets: bytes) -> bytes:
    """Quoted-printable with CRLF line ends."""
    return quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


@st.composite
def bodies(draw: st.DrawFn, alphabets: tuple[str, str, str] = (ASCII, LATIN, WIDE)) -> Body:
    kind = draw(st.sampled_from(["ascii", "latin", "utf-8"]))
    charset, alphabet = {
        "ascii": ("us-ascii", alphabets[0]),
        "latin": ("iso-8859-1", alphabets[1]),
        "utf-8": ("utf-8", alphabets[2]),
    }[kind]
    identity = "7bit" if kind == "ascii" else "8bit"
    texts = draw(pieces(alphabet))
    assume(charset != "iso-8859-1" or not is_utf_8_too("x".join(texts).encode(charset)))
    return Body(texts, charset, draw(st.sampled_from([identity, "quoted-printable", "base64"])))


def is_utf_8_too(octets: bytes) -> bool:
    """By chance: then it is read so as well, and what is found there is held, since it has no place to be edited at."""
    try:
        return not octets.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def found_in(content: Content, value: str) -> Iterator[Finding]:
    for number, segment in enumerate(content.segments):
        for found in re.finditer(re.escape(value), segment.text):
            yield Finding(
                "US_SSN", frozenset(), "property", Confidence.HIGH, 0.9, segment.part_path, segment.place, number,
                Span(*found.span()), "***-**-" + value[-4:], value,
            )  # fmt: skip


def redacted(raw: bytes, value: str) -> bytes:
    message = parse(raw, Limits())
    content = extract(message, Limits())
    findings = list(found_in(content, value))
    assert findings
    done = redact(draft_of(message), content, [(finding, True) for finding in findings])
    assert done.kept == ()
    assert len(done.redacted) == len(findings)
    return apply_edits(raw, edits(done.draft))


def assert_gone(raw: bytes, value: str) -> Message:
    message = parse(raw, Limits())
    for segment in extract(message, Limits()).segments:
        assert value not in segment.text
    return message


@FEW
@given(bodies(), values)
def test_text_body_changes_at_the_values_alone(body: Body, value: str) -> None:
    """Raw bytes outside the spans are the same; for base64, decoded octets are."""
    head = b"Subject: x\r\n" + body.head()
    out = redacted(head + body.raw(value), value)

    message = assert_gone(out, value)
    assert out.startswith(head)
    assert decoded_octets(message.root).octets == body.octets(LABEL)
    if body.encoding != "base64":
        shape = WRITTEN.join(re.escape(piece) for piece in body.raw_pieces())
        assert re.fullmatch(shape, out[len(head) :])


@FEW
@given(bodies(("ab ,.", "ab ä.", "ab €患")), values, st.sampled_from(["b", "i", "span", "font"]))
def test_tags_inside_a_value_stay_and_the_value_goes(body: Body, value: str, name: str) -> None:
    """Mark-up outside of the value's characters is the same."""
    split = f"{value[:3]}<{name}>{value[3:6]}</{name}>{value[6:]}"
    texts = [f"<p>{text}x " if n else f"<html><body>{text}x " for n, text in enumerate(body.texts)]
    shaped = Body(texts, body.charset, body.encoding)
    out = redacted(b"Subject: x\r\n" + shaped.head("html") + shaped.raw(split), value)

    message = assert_gone(out, value)
    assert decoded_octets(message.root).octets == shaped.octets(f"{LABEL}<{name}></{name}>")


@FEW
@given(bodies(), bodies(("ab ,.", "ab ä.", "ab €患")), values, st.text("abc äß€", max_size=30))
def test_alternatives_and_subject_are_all_redacted(plain: Body, html: Body, value: str, words: str) -> None:
    """Every reading of the message is free of the value, and each part stays the rest it was."""
    subject = Header(f"{words}z {value} y", "utf-8").encode(linesep="\r\n").encode()
    raw = b"".join(
        (
            b"Subject: " + subject + b"\r\nContent-Type: multipart/alternative; boundary=xXx\r\n\r\n--xXx\r\n",
            plain.head() + plain.raw(value) + b"\r\n--xXx\r\n",
            html.head("html") + html.raw(value) + b"\r\n--xXx--\r\n",
        )
    )
    before = parse(raw, Limits())
    out = redacted(raw, value)

    after = assert_gone(out, value)
    assert after.root.header("subject") == (before.root.header("subject") or "").replace(value, LABEL).strip()
    for old, new in zip(before.root.children, after.root.children, strict=True):
        assert decoded_text(new).text == decoded_text(old).text.replace(value, LABEL)
        assert new.buffer[new.head.start : new.head.end] == old.buffer[old.head.start : old.head.end]


NOISE = st.lists(
    st.sampled_from(
        [
            *(b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b" ", b"=", b"text", b"--b", b"--b--", b"</body>", b"<!--"),
            *(b"219-09-9999", b"Subject: x\r\n", b"Subject: =?utf-8?q?=C3?=\r\n", b"Content-Type: text/html\r\n"),
            b"Content-Type: multipart/mixed; boundary=b\r\n",
            b"Content-Type: text/plain; charset=utf-16\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n",
        ]
    ),
    max_size=25,
).map(b"".join)


@FEW
@given(NOISE)
def test_no_message_breaks_the_renderers(raw: bytes) -> None:
    """Whatever the bytes are, edits come out and can be carried out; what was redacted can't be read any more."""
    message = parse(raw, Limits())
    content = extract(message, Limits())
    done = redact(draft_of(message), content, [(finding, True) for finding in found_in(content, "219-09-9999")])
    draft = append_notice(done.draft, "Sent by Example Clinic.")
    out = apply_edits(raw, edits(draft.with_fields(tag(draft.fields, "[External]"))))

    if not done.kept:
        assert_gone(out, "219-09-9999")


@FEW
@given(bodies(), values)
def test_tag_and_notice_are_put_once(body: Body, value: str) -> None:
    """A message that comes by again is not changed again."""
    raw = b"Subject: x\r\n" + body.head() + body.raw(value)

    def marked(raw: bytes) -> bytes:
        draft = append_notice(draft_of(parse(raw, Limits())), "Sent by Example Clinic.\nHandle with care.")
        return apply_edits(raw, edits(draft.with_fields(tag(draft.fields, "[External]"))))

    once = marked(raw)

    assert once != raw
    assert marked(once) == once
