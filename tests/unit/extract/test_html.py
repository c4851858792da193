"""HTML as a person sees it, and all of it."""

import time

import pytest

from gateway.core.message import Place, Run, Segment, Span
from gateway.extract.html import render
from gateway.extract.styles import sheet_of

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


FAINT = [
    "display:none",
    "Visibility : Hidden",
    "mso-hide:all",
    "font-size:0",
    "FONT-SIZE: 1px",
    "font-size:.2em",
    "opacity:0",
    "opacity:.1",
    "color:#FFF",
    "color: White",
    "color:rgba(10, 10, 10, 0)",
    "background:#123456;color:#123456",
    "position:absolute;left:-9999px",
    "margin-top:-500px",
    "text-indent:-999em",
    "clip:rect(0,0,0,0)",
    "transform:scale(0)",
    "max-width:0",
    "overflow:hidden;height:0",
    "color:\u017fnow; display:none",
]


@pytest.mark.parametrize("declarations", FAINT)
def test_rule_of_a_sheet_that_leaves_nothing_to_read_is_found_among_others(declarations: str) -> None:
    """Rules that cannot hide are passed over quickly, and only those."""
    others = "".join(f".a{n}{{color:#1{n}2;margin:{n}px}}\r\n" for n in range(10, 40))
    sheet = sheet_of(
        f"<style type=text/css>{others}P .x, .y {{{declarations}}}{others}.z{{color:red}}</STYLE><p class=x>"
    )

    assert sheet.names == {".x", ".y"}


@pytest.mark.parametrize(
    "sheet",
    [
        "<Style>.h{display:none}</Style>",
        "<sTYLE type=text/css>.h{display:none}</STYLE>",
        "<style>.H{display:none}</style>",
        r"<style>.h{d\69 splay:none}</style>",
        r"<style>.\68{display:none}</style>",
        f"<style>.h{{display:/*{'x' * 300}*/none}}</style>",
        "<style>i{content:'/*'} .h{display:none} b{content:'*/'}</style>",
        "<style>span.h[title]:not(.z)::after{display:none}</style>",
        "<style>p :is(b, .h){display:none}</style>",
        "<style>p :where(.h){display:none}</style>",
        "<style>p *{display:none}</style>",
        "<style>a, p.none, p > * {font-size:0}</style>",
        "<style>.h{filter:opacity(0)}</style>",
        "<style>.h{opacity:0%}</style>",
        "<style>.h{opacity:1%}</style>",
    ],
)
def test_a_rule_of_a_sheet_hides_however_it_is_written(sheet: str) -> None:
    """Case, escapes, comments, conditions: none of them lets digits that nobody sees stand in a number."""
    rendered = render(f"{sheet}<p>SSN 219-<span class=h title=x>55</span>09-9999</p>")

    assert any("219-09-9999" in view.text for view in rendered.others)


def test_what_hides_all_within_an_element_ends_with_it() -> None:
    """The element itself is seen, and so is what comes after it."""
    number = "<span class=x>219-<b>1<i>2</i></b>55</span>-<b>09-9999</b>"
    rendered = render(f"<style>.x *{{opacity:0}}</style>SSN {number}")

    assert any("SSN 219-55-09-9999" in view.text for view in rendered.others)


@pytest.mark.parametrize(
    "attributes",
    [
        f"style='display:/*{'x' * 300}*/none'",
        "title='/*' style='display:/**/none'",
        f"style='font-size:/*{'x' * 300}*/0'",
    ],
)
def test_a_comment_in_a_style_hides_no_rule(attributes: str) -> None:
    """However long it is, and whatever stands in other attributes."""
    rendered = render(f"<p>SSN 219-<span {attributes}>55</span>09-9999</p>")

    assert "219-09-9999" in "".join(view.text for view in (rendered.visible, *rendered.others))


def test_a_class_written_with_references_is_that_class() -> None:
    """HTML undoes them in attributes."""
    rendered = render("<style>.h{display:none}</style><p>SSN 219-<span class='&#104;'>55</span>09-9999</p>")

    assert any("219-09-9999" in view.text for view in rendered.others)


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


_KINDS = ("b", "i", "u", "tt", "em", "var", "kbd", "sub")


def test_ways_to_put_numbers_together_are_few_for_the_size_of_the_page() -> None:
    """A page of long lines with numbers in many elements says that it was not read in every way."""
    row = "".join(f"<{tag}>219-09-999{number} </{tag}>" for number, tag in enumerate(_KINDS))
    page = f"<p>{'y' * 10_000} {row}<s hidden>n</s></p>"

    few, many = render(page.replace("y" * 10_000, "y")), render(page * 12)

    assert not few.cut
    assert many.cut
    assert sum(len(view.text) for view in many.others) < 20 * len(page * 12) + 100_000


def test_ways_to_put_numbers_together_look_at_the_lines_they_change() -> None:
    """A line with fewer of them than another stands in as many views as it has."""
    few = "<p>LINE <b>219</b>-<b>09</b>-<i>9999</i></p>"
    many = "<p>" + "".join(f"<{tag}>21909</{tag}>" for tag in _KINDS) + "</p>"
    apart = "<p>y</p>" * 60

    views = [view.text for view in render(few + apart + many).others]

    assert 0 < sum("LINE" in view for view in views) < len(views)
