"""Photographs and scans of paper."""

import pytest
from PIL import Image, ImageChops

from gateway.extract.paper import is_paper, is_shaded, level, slant
from tests.makers.pictures import drawn

WORDS = "The order for the second ward went out on Monday"


def sheet(degrees: float = 0) -> Image.Image:
    lines = Image.new("L", (1000, 1000), 255)
    for top in range(200, 800, 60):
        lines.paste(drawn(WORDS, (800, 50)).convert("L"), (100, top))
    return lines.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("degrees", [-40, -8, 3, 20, 44])
def test_a_sheet_that_lies_aslant_is_turned_level(degrees: int) -> None:
    """To within a degree, which is all that reading needs."""
    assert slant(sheet(degrees)) == pytest.approx(-degrees, abs=1)


def test_a_level_sheet_is_left_as_it_is() -> None:
    """Turning blurs."""
    straight = sheet()

    assert level(straight) is straight


def test_a_sheet_is_told_from_other_pictures() -> None:
    """In whatever light; a picture of something has few places as light as what is around them."""
    light = Image.linear_gradient("L").resize((1000, 1000)).point(lambda shade: 80 + shade * 2 // 3)
    things = Image.effect_noise((60, 60), 120).resize((1000, 1000), Image.Resampling.NEAREST)

    assert (is_paper(ImageChops.multiply(sheet(), light)), is_paper(things)) == (True, False)


def test_a_shadow_is_told_from_a_panel() -> None:
    """The one grows darker little by little, the other, of a program's window, all at once."""
    light = Image.linear_gradient("L").resize((1000, 1000)).point(lambda shade: 80 + shade * 2 // 3)
    window = sheet()
    window.paste(60, (0, 0, 300, 1000))

    assert [is_shaded(image) for image in (ImageChops.multiply(sheet(), light), window, sheet())] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (30, 8)])
def test_no_picture_is_too_small(size: tuple[int, int]) -> None:
    """Nor too narrow."""
    image = Image.new("L", size, 255)

    assert is_paper(image)
    assert slant(image) == 0
