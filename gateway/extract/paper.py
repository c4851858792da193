"""Photographs and scans of paper: whether a picture is one, and at which angle its lines stand.

Both work on a small copy, since they are asked of every picture that could not be read well.
"""

import math

from PIL import Image, ImageChops, ImageFilter, ImageStat

_SMALL = 300  # pixels of the longer side
_COARSE = 50
_NEAR = 40  # shades from the paper around: light and shadow, no letters
_SHARE = 0.7  # of a sheet is bare
_SHADE = 70  # shades that are lost where one limit is drawn for all of it
_SUDDEN = 0.3  # of the shades, from one place to the next
_STEEPEST = 45  # degrees
_CLEARLY = 1.3  # times as clear as without turning
_LEAST = 2  # degrees that Tesseract minds


def is_paper(image: Image.Image) -> bool:
    """Whether most of a grey picture is as light as what is around it: a sheet, in whatever light."""
    small = _reduced(image)
    paper = _background(small).resize(small.size, Image.Resampling.BILINEAR)
    near = ImageChops.subtract(paper, small).histogram()[:_NEAR]
    return sum(near) >= _SHARE * small.width * small.height


def is_shaded(image: Image.Image) -> bool:
    """Whether a picture grows darker from one place to another, little by little, as a sheet does in a room."""
    background = _background(_reduced(image))
    width, height = background.size
    shades = _range(background)
    if shades < _SHADE or min(width, height) < 2:
        return False
    right = ImageChops.difference(background.crop((1, 0, width, height)), background.crop((0, 0, width - 1, height)))
    below = ImageChops.difference(background.crop((0, 1, width, height)), background.crop((0, 0, width, height - 1)))
    return max(_lightest(right), _lightest(below)) < _SUDDEN * shades


def _range(image: Image.Image) -> int:
    return _lightest(image) + _lightest(ImageChops.invert(image)) - 255


def _lightest(image: Image.Image) -> int:
    return max(shade for shade, count in enumerate(image.histogram()) if count)


def _background(small: Image.Image) -> Image.Image:
    """The shade of the paper in each place, coarsely."""
    return small.resize(_size(small, _COARSE), Image.Resampling.BOX).filter(ImageFilter.MaxFilter(5))


def slant(image: Image.Image) -> int:
    """By how many degrees a sheet is to be turned to the left so that its lines lie level; 0 where they do."""
    small = ImageChops.invert(_reduced(image))
    clearness = {angle: _clearness(small, angle) for angle in range(-_STEEPEST, _STEEPEST + 1)}
    best = max(clearness, key=lambda angle: clearness[angle])
    return best if abs(best) >= _LEAST and clearness[best] > _CLEARLY * clearness[0] else 0


def level(image: Image.Image) -> Image.Image:
    """A sheet with its lines level; the shade of its corner goes on around it."""
    turn = slant(image)
    if not turn:
        return image
    shade = image.getpixel((0, 0))
    around = int(shade) if isinstance(shade, int | float) else 255
    return image.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=around)


def _clearness(image: Image.Image, angle: int) -> float:
    """How much the rows of a picture differ when it is turned: the most where lines of text are rows."""
    turned = image.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    column = turned.resize((1, turned.height), Image.Resampling.BOX)
    above = ImageChops.offset(column, 0, 1)
    return float(ImageStat.Stat(ImageChops.difference(column, above)).rms[0]) * turned.width * math.sqrt(turned.height)


def _reduced(image: Image.Image) -> Image.Image:
    return image.resize(_size(image, _SMALL), Image.Resampling.BOX)


def _size(image: Image.Image, longest: int) -> tuple[int, int]:
    scale = longest / max(image.size)
    return max(round(image.width * scale), 1), max(round(image.height * scale), 1)
