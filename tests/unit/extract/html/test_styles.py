"""Styles that leave text which nobody sees, however they are written."""

import pytest

from gateway.extract.html import render
from gateway.extract.html.styles import sheet_of

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
