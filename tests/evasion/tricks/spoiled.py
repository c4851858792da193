"""Pictures that were stretched, blurred or sprinkled, so that a person reads them and a program does not."""

from PIL import Image, ImageDraw, ImageFilter

from tests.evasion.tricks.attachments import WORDS, attached
from tests.evasion.tricks.base import Trick
from tests.makers.pictures import drawn, saved

_LARGE = 3  # times


def stretched(across: float, down: float) -> Image.Image:
    image = drawn(WORDS)
    return image.resize((round(image.width * across), round(image.height * down)), Image.Resampling.BICUBIC)


def blurred(width: float, times: int = 1) -> Image.Image:
    """By so many pixels, in letters that are so many times as large."""
    image = stretched(times, times)
    return image.filter(ImageFilter.GaussianBlur(width))


def sprinkled(dots: int) -> Image.Image:
    """With dots over the letters."""
    image = drawn(WORDS)
    pen = ImageDraw.Draw(image)
    for place in range(dots):
        pen.point((place * 7_919 % image.width, place * 104_729 // 640 % image.height), fill="black")
    return image


def behind_bars() -> Image.Image:
    """With a pale line at every sixth pixel."""
    image = drawn(WORDS)
    pen = ImageDraw.Draw(image)
    for left in range(0, image.width, 6):
        pen.line((left, 0, left, image.height), fill="#a0a0a0")
    return image


def in_dots() -> Image.Image:
    """As a newspaper prints it: black dots, more of them where it is dark."""
    return blurred(2, _LARGE).convert("1")


def _trick(name: str, what: str, image: Image.Image) -> Trick:
    return Trick(name, what, attached(saved(image), "scan.png", "image/png"))


TRICKS = (
    _trick("stretched-4-across", "letters four times as wide", stretched(4, 1)),
    _trick("stretched-8-across", "letters eight times as wide", stretched(8, 1)),
    _trick("stretched-5-down", "letters five times as tall", stretched(1, 5)),
    _trick("squeezed-across", "large letters squeezed to a fifth from side to side", stretched(0.6, 3)),
    _trick("squeezed-down", "large letters squeezed to a fifth from top to bottom", stretched(3, 0.6)),
    _trick("blurred", "letters blurred by an eighth of their height", blurred(3)),
    _trick("blurred-large", "large letters blurred as much", blurred(8, _LARGE)),
    _trick("sprinkled", "dots over the letters", sprinkled(9_000)),
    _trick("behind-bars", "pale lines all over", behind_bars()),
    _trick("in-dots", "letters made of dots", in_dots()),
    Trick(
        "purple-on-grey",
        "purple on a grey that is as light",
        attached(saved(drawn(WORDS, ink="#800080", paper="#353535")), "scan.png", "image/png"),
    ),
)
