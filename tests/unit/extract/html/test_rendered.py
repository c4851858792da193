"""HTML as a person sees it, and all of it."""

import time

import pytest

from gateway.core.message import Place, Run, Segment, Span
from gateway.extract.html import render

VISIBLE = [
    ("123-<b>45</b>-6789", "123-45-6789"),
    ("<p>one</p><p>two", "one\ntwo"),
    ("a<br>b<BR/>c", "a\nb\nc"),
    ("<table><tr><td>MRN</td><td>00123</td></tr><tr><td>x</table>", "MRN\t00123\nx"),
    ("1&#50;3&#x34;5&amp;&nbsp;6&eacute;", "12345& 6é"),
    ("  a \r\n\t b&nbsp;c ", "a b c "),
    ("<pre>a\n  b</pre>", "a\n  b"),
    ("123\u200b45\u00ad67&shy;89&#8203;0", "1234567890"),
    ("<head><title>t</title><style>s</style></head><body>x<script>y</script>z", "xz"),
    ("a<span style='display: none'>b<span>c</span>d</span>e", "ae"),
    ("a<div STYLE='font-size:0px'>b</div>c<p hidden>d</p>e", "a\nc\ne"),
    ("a<div style='font-size:10px'>b</div>", "a\nb"),
    ("a<i style='max-height:0; overflow:hidden'>b</i>c", "ac"),
    ("a<!-- b -->c<!d>e<?f?>g", "aceg"),
    ("a<!--[if mso]><p>b</p><![endif]-->c", "ac"),
    ("a<!--[if !mso]><!-->b<!--<![endif]-->c", "abc"),
    ('a<i title="x>y">b</i>', "ab"),
    ("a<i title=x'y>b</i>", "ab"),
    ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
    ("a<b unclosed", "a<b unclosed"),
    ("a <b x='1 c <i>d</i> e", "a d e"),
    ("<p>one </p><p>two", "one \ntwo"),
    ("<script>never closed <p>x", ""),
    ("", ""),
]


@pytest.mark.parametrize(("source", "text"), VISIBLE)
def test_visible_text_is_what_a_screen_shows(source: str, text: str) -> None:
    """Mark-up joins or breaks lines as in a browser; what is hidden is left out."""
    assert render(source).visible.text.rstrip("\n\t") == text


HIDDEN = [
    ("a<!-- 123-45-6789 -->", "123-45-6789"),
    ("<img alt='123-45-6789'>", "123-45-6789"),
    ("<a href='https://x.example/?q=123-45-6789&amp;a'>x</a>", "https://x.example/?q=123-45-6789&a"),
    ("<p data-ssn=123-45-6789>", "123-45-6789"),
    ("<input value='&#49;23'>", "123"),
    ("<span style=display:none>12<b>3</b></span>", "123"),
    ("<script>var x = '123'</script>", "var x = '123'"),
    ("<title>123</title>x", "123"),
    ("<!--[if mso]>1<b>2</b><![endif]-->", "12"),
    ("<!--unclosed 123", "unclosed 123"),
    ("<![CDATA[123]]>", "123"),
    ("<p 123=x>", "123"),
    ("<b x='1 123 <i>d", "123"),
    ("<mrn123@x.example>", "mrn123@x.example"),
]


@pytest.mark.parametrize(("source", "text"), HIDDEN)
def test_hidden_text_is_in_the_other_view(source: str, text: str) -> None:
    """Comments, attributes, scripts and invisible elements are read, too."""
    rendered = render(source)

    assert rendered.everything is not None
    assert text in rendered.everything.text
    assert text not in rendered.visible.text


@pytest.mark.parametrize(
    "source", ["<p class=a style='color:red'>x</p>", "<!DOCTYPE html><html lang=en>x", "<p align=left>&amp;"]
)
def test_nothing_hidden_gives_one_view(source: str) -> None:
    """Layout attributes and declarations are no text."""
    assert render(source).everything is None


CARD = "card 4111 1111 1111 1111"
SPLIT = "card 4111<b> 1111</b> 1111 1111"


@pytest.mark.parametrize(
    "source",
    [
        f"<!--[if mso]>{CARD}<![endif]--><!--[if !mso]><!-->{CARD}<!--<![endif]-->",
        f"<!--[if mso]>{CARD}<![endif]-->card",
        f'x<span style="display:none">{CARD}</span>x',
        f'1<span style="display:none">{SPLIT}</span>1',
    ],
)
def test_hidden_text_was_joined_to_shown_text(source: str) -> None:
    """Lines of its own in the view of everything."""
    everything = render(source).everything

    assert everything is not None
    assert CARD in everything.text.split("\n")


def test_shown_and_hidden_text_read_as_one_value() -> None:
    """A program without styles shows them so; this view is there where it makes a difference."""
    source = 'card 4111<span style="display:none"> 1111 1111</span> 1111'

    assert [CARD in view.text for view in render(source).others] == [False, True]
    assert len(render("<p>a</p><p hidden>b</p>").others) == 1


@pytest.mark.parametrize(
    "source",
    [
        f"<!--><p>{SPLIT}",
        f"<!---><p>{SPLIT}",
        f"<!-- x --!><p>{SPLIT}",
        f"<textarea><!--</textarea>{SPLIT}",
        f"<xmp><!--</xmp>{SPLIT}",
        f"<title><!--</title>{SPLIT}",
        f"<noembed><!--</noembed>{SPLIT}",
        f"<noframes><!--</noframes>{SPLIT}",
        f"<template><!--</template>{SPLIT}",
        f"<plaintext><!--{CARD}",
        f'<p =">{SPLIT}<i b=">',
        f'<p a=x=">{SPLIT}<i b=">',
        f"<p a=x'>{SPLIT}<i b='>",
        f'<!--[if mso]><p title="-->{SPLIT}">',
        f"</3>{SPLIT}<!-- x -->",
        f"<textarea>{CARD}</textarea>",
        "<textarea>card &#52;111 1111 1111 1111</textarea>",
        f"<xmp>{CARD}</xmp>",
    ],
)
def test_text_that_browsers_show_was_not_read(source: str) -> None:
    """Where a comment, a tag or an element of raw text ends is what the HTML Standard says."""
    assert CARD in render(source).visible.text


@pytest.mark.parametrize("name", ["textarea", "xmp", "title", "noframes", "noembed", "iframe", "template"])
def test_mark_up_in_raw_text_split_a_value(name: str) -> None:
    """Programs that do not know the element read tags in it."""
    everything = render(f"<{name}>{SPLIT}</{name}>x").everything

    assert everything is not None
    assert CARD in everything.text


def sources(source: str, text: str) -> list[str]:
    """What of the source a text came from."""
    view = render(source).visible
    start = view.text.index(text)
    segment = Segment("1", Place.BODY, view.text, runs=view.runs)
    return [source[span.start : span.end] for span in segment.origin(Span(start, start + len(text)))]


def test_split_value_leads_back_to_its_pieces() -> None:
    """Redaction needs the three source spans and nothing of the tags."""
    assert sources("x 123-<b>45</b>-6789 y", "123-45-6789") == ["123-", "45", "-6789"]


def test_entity_maps_as_a_whole() -> None:
    """Half an entity cannot be replaced."""
    assert sources("a&#49;23", "1") == ["&#49;"]
    assert sources("a&#49;23", "12") == ["&#49;", "2"]


def test_collapsed_white_space_maps_as_a_whole() -> None:
    """A line break in the source is the one space of the text."""
    assert sources("a 1\r\n   2", "1 2") == ["1", "\r\n   ", "2"]


def test_runs_are_values_when_they_are_asked_for() -> None:
    """Thousands of them are kept as bare numbers."""
    runs = render("a<b>bc</b>").visible.runs

    assert runs == (Run(Span(0, 1), Span(0, 1)), Run(Span(1, 3), Span(4, 6)))
    assert runs[1:] == (runs[1],) == (runs[-1],)
    assert runs[:0] == ()
    assert [runs.first_beyond(position) for position in range(4)] == [0, 1, 1, 2]


HOSTILE = [
    "<",
    "<a ",
    '<a x="',
    "<!--",
    "<!--[if ",
    "<script>",
    "&#",
    "&amp",
    "<p style='height:0;",
    "<![CDATA[",
    "=\"'<x ",
    "--!",
    "<pre>",
    "<!--[if x]>",
    "<textarea>",
    "<style ",
    "<style>a{color:white",
    "<style>a{left:-1}/*",
    "<style>a:not([b",
    "<xmp>&amp;",
    "<title></title>",
    '<p =">',
    "<p a=x='",
    "<plaintext ",
    "</3",
    "<b hidden>1</b>2",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_only(piece: str) -> None:
    """No repeated unclosed construct makes it quadratic: 16 times the text, far less than 256 times the time."""
    short, long = piece * 2_000, piece * 32_000
    render(short)

    started = time.process_time()
    render(short)
    middle = time.process_time()
    render(long)
    ended = time.process_time()

    assert ended - middle < 100 * (middle - started) + 0.2


def test_tag_with_more_attributes_than_anybody_writes_is_read_as_a_whole() -> None:
    """Each of them by itself would take seconds; none is lost."""
    rendered = render("<a " + "b=c " * 3_000 + "title='219-09-9999'>x</a>")

    assert rendered.everything is not None
    assert "219-09-9999" in rendered.everything.text
