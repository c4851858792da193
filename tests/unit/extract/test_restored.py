"""Pictures of text that were stretched, sprinkled or blurred."""

import pytest
from PIL import Image, ImageFilter

from gateway.extract.restored import restored, stroke_shape
from tests.makers.pictures import drawn

SHEET = drawn("The order for the ward: 219-09-9999").convert("L")


def scaled(across: float, down: float) -> Image.Image:
    return SHEET.resize((round(SHEET.width * across), round(SHEET.height * down)), Image.Resampling.BICUBIC)


@pytest.mark.parametrize(("across", "down"), [(5, 1), (1, 5), (2, 1), (1, 3)])
def test_a_stretched_sheet_gets_its_shape_back(across: float, down: float) -> None:
    """To within a third, which is all that reading needs."""
    (right,) = restored(scaled(across, down))

    assert right.width / right.height == pytest.approx(SHEET.width / SHEET.height, rel=0.35)


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_nothing_is_done_to_a_sheet_with_nothing_wrong(scale: int) -> None:
    """Whatever its size: each attempt at reading takes time."""
    assert list(restored(scaled(scale, scale))) == []


def test_dots_are_taken_off() -> None:
    """What is left is nearer to the sheet than what came."""
    dotted = SHEET.copy()
    for place in range(9_000):
        dotted.putpixel((place * 7_919 % SHEET.width, place * 104_729 // 640 % SHEET.height), 0)

    assert distance(next(restored(dotted)), SHEET) < distance(dotted, SHEET) / 2


def test_a_blur_is_taken_away() -> None:
    """The strokes come back, though not as black as they were."""
    blurred = SHEET.filter(ImageFilter.GaussianBlur(3))
    right = next(restored(blurred)).resize(SHEET.size)

    assert distance(right, SHEET) < distance(blurred, SHEET)


def test_light_letters_on_dark_have_the_shape_of_dark_ones_on_light() -> None:
    """Strokes are what there is less of."""
    assert stroke_shape(SHEET.point(lambda shade: 255 - shade)) == pytest.approx(stroke_shape(SHEET), rel=0.1)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 3), (40, 10)])
@pytest.mark.parametrize("shade", [0, 255])
def test_an_empty_picture_of_any_size_is_left_alone(size: tuple[int, int], shade: int) -> None:
    """Nothing is divided by nothing."""
    assert list(restored(Image.new("L", size, shade))) == []


def distance(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, in shades."""
    pairs = zip(one.tobytes(), other.tobytes(), strict=True)
    return sum(abs(first - second) for first, second in pairs) / len(one.tobytes())
