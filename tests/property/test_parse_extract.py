"""Parsing and extracting: never an exception, no byte in two places, no part lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.limits import Limits
from gateway.core.message import Content, Message, Part
from gateway.extract import extract
from gateway.extract.html import render
from gateway.parse import parse
from gateway.parse.multipart import outskirts
from gateway.parse.transfer import decoded_octets

FAST = settings(max_examples=150, deadline=None)
SMALL = Limits(depth=4, parts=12, header_bytes=300, headers=6, text_bytes=400)

PIECES = st.sampled_from(
    [
        b"Subject: =?utf-8?Q?a=20?= =?x?b?Zm9v?= \xe9\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b'Content-Type: multipart/digest; boundary="b"; boundary=c\n',
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: message/partial; id=1\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n",
        b"Content-Type: application/octet-stream; name*0*=utf-8''%e2; name*1=x.eml\r\n",
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n",
        b"Content-Type: text (comment\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable (x);\r\n",
        b"Content-Transfer-Encoding: x-uuencode\n",
        b"Content-Transfer-Encoding: rot13\r\n",
        b'Content-Disposition: attachment; filename="a\\"b.html\r\n',
        b"Bad Header\r\n",
        b" \r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"--b\r\n",
        b"\r\n--b--\r\n",
        b"--bb\n",
        b"text =3D= \xff",
        b"PHA+MTIz",
        b"begin 644 x\n#86)C\n`\nend\n",
        b"<p>a<b x='>'>&#49;</p><!--",
        b"PK\x03\x04\0\0\1\0",
        b"\xff\xfe",
        b"Content-Type: image/svg+xml\r\n",
        b"Content-Type: text/plain; format=flowed; delsp=yes; name=x.eml\r\n",
        b"> 1 \r\n> 2 \r\n",
    ]
)
MAIL = st.lists(PIECES, max_size=30).map(b"".join)
RAW = st.one_of(st.binary(max_size=300), MAIL)


def check_ranges(part: Part) -> None:
    """Head and body meet; children lie in order inside the body, or fill a buffer of their own."""
    assert part.head.end == part.body.start
    if part.children and part.children[0].buffer is not part.buffer:
        inner = part.children[0]
        assert (inner.head.start, inner.body.end, inner.is_original) == (0, len(inner.buffer), False)
        return
    position = part.body.start
    for child in part.children:
        assert position <= child.head.start <= child.body.end <= part.body.end
        position = child.body.end


def check_cover(part: Part) -> None:
    """Between the children stand boundary lines, and around them what `outskirts` names; nothing else."""
    if not part.content_type.startswith("multipart/") or not part.children:
        return
    boundary = part.parameters["boundary"].rstrip().encode()
    edges = [
        part.body.start,
        *[edge for child in part.children for edge in (child.head.start, child.body.end)],
        part.body.end,
    ]
    gaps = b"".join(part.buffer[start:end] for start, end in zip(edges[0::2], edges[1::2], strict=True))
    around = b"".join(part.buffer[found.start : found.end] for found in outskirts(part))
    left = (
        gaps.replace(b"--" + boundary, b"").replace(around, b"", 1) if around else gaps.replace(b"--" + boundary, b"")
    )
    assert not left.strip(b"-\r\n \t") or any(
        line in gaps for line in (b"--" + boundary + b"\r\n", b"--" + boundary + b"\n")
    )


def accounted_for(message: Message, content: Content) -> None:
    """The ledger has the header of every part and the body of every leaf; what it calls unread has an `Opaque`."""
    opaque = {o.part_path for o in content.opaque}
    lines = [line for line in content.ledger if not line.member]
    for line in content.ledger:
        assert 0 <= line.read <= line.octets
        path = f"{line.part_path}/{line.member}" if line.member else line.part_path
        assert line.complete or path in opaque
    for part in message.root.walk():
        own = [line for line in lines if line.part_path == part.part_path]
        assert [line.octets for line in own if line.reader == "fields"] == [len(part.head)]
        bodies = [line for line in own if line.reader != "fields"]
        assert bodies
        if not part.children:
            unopened = bodies[0].reader == "none"
            assert bodies[0].octets == (len(part.body) if unopened else len(decoded_octets(part).octets))


def read_or_named(message: Message, content: Content) -> None:
    """Every leaf has a segment of its body or a reason why not."""
    bodies = {s.part_path for s in content.segments if s.place in ("body", "attachment")}
    opaque = {o.part_path for o in content.opaque}
    for part in message.root.walk():
        assert part.children or part.part_path in bodies | opaque


@FAST
@given(RAW, st.sampled_from([Limits(), SMALL]))
def test_any_bytes_give_a_tree_that_covers_them(raw: bytes, limits: Limits) -> None:
    """The root covers the raw message and ranges nest, whatever the bytes."""
    message = parse(raw, limits)

    assert (message.root.head.start, message.root.body.end) == (0, len(raw))
    for part in message.root.walk():
        check_ranges(part)
    assert sum(1 for _ in message.root.walk()) <= max(limits.parts, 1)


@FAST
@given(MAIL)
def test_bytes_outside_the_parts_are_boundary_lines_preamble_or_epilogue(raw: bytes) -> None:
    """What belongs to no child is a boundary line or can be read as the outskirts of its multipart."""
    for part in parse(raw, Limits()).root.walk():
        check_cover(part)


@FAST
@given(RAW, st.sampled_from([Limits(), SMALL]))
def test_every_leaf_is_read_or_named_opaque(raw: bytes, limits: Limits) -> None:
    """No part is dropped in silence, and the ledger knows of each byte."""
    message = parse(raw, limits)

    content = extract(message, limits)
    read_or_named(message, content)
    accounted_for(message, content)


@FAST
@given(RAW)
def test_segments_can_be_written_down(raw: bytes) -> None:
    """No lone surrogate reaches detecting, and runs are sorted and inside their texts."""
    for segment in extract(parse(raw, Limits()), Limits()).segments:
        segment.text.encode("utf-8")
        position = 0
        for run in segment.runs or ():
            assert position <= run.text.start < run.text.end <= len(segment.text)
            position = run.text.end


HTML = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "<p>",
            "</p>",
            "<b ",
            "x='",
            '"',
            "=",
            "<!--",
            "-->",
            "<!--[if mso]>",
            "<![endif]-->",
            "<script>",
            "</script>",
            "&#49;",
            "&amp",
            "a",
            "1 ",
            "  ",
            "\n",
            "\u200b",
            "<td>",
            "<pre>",
            "<div style='display:none'>",
            "</div>",
            "<img alt=z>",
            "<textarea>",
            "</textarea>",
            "<xmp>",
            "<title>",
            "<plaintext>",
            "<!-->",
            '<p =">',
            "<![CDATA[",
            "]]>",
        ]
    ),
    max_size=40,
).map("".join)


@FAST
@given(HTML)
def test_runs_of_html_lead_back_to_the_source(source: str) -> None:
    """A run shows the source's characters, white space aside, or stands for an entity or white space."""
    rendered = render(source)

    for view in (rendered.visible, *rendered.others):
        end = 0
        for run in view.runs:
            text, origin = view.text[run.text.start : run.text.end], source[run.origin.start : run.origin.end]
            assert run.origin.start >= end
            end = run.origin.end
            assert text.split() == origin.split() or origin.startswith("&") or not origin.strip()
