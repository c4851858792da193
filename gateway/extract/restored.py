"""Sheets that were stretched, sprinkled with dots or blurred, put right as far as a person's eye does it.

What is wrong is measured first, since hardly any picture that cannot be read has anything of this.
"""

from collections.abc import Iterator

from PIL import Image, ImageChops, ImageFilter

_SPECK, _SPECKS = 60, 0.006  # shades from what is around a dot; share of the pixels that are such dots
_USUAL = (0.55, 1.6)  # how wide the strokes of print are for their height
_THINNEST, _WIDEST = 0.05, 20  # beyond these they are no letters
_SHARP = 0.28  # of the shades between ink and paper, from one pixel to the next
_FEW = 1_000  # one pixel in so many has the sharpest edge
_STEP = 0.4  # shades from pixel to pixel at the middle of an edge, times the width of the blur (Gauss)
_BLURRIEST, _WORKABLE = 30.0, 3.5  # pixels of blur: more hides everything; such blur is worked on
_MOST = 1_500_000  # pixels of a picture whose blur is taken away
# Shares of the width that was measured, which is rather too wide, and of noise in the signal, for Wiener's filter.
_WAYS = ((0.92, 1e-3), (0.85, 3e-3), (1.0, 3e-4))
_CUT = 0.2  # of a hundred pixels, at the darkest end of the shades


def restored(image: Image.Image) -> Iterator[Image.Image]:
    """A grey picture without what is wrong with it, in a few ways each; nothing where nothing is."""
    if min(image.size) < 3:
        return
    if _specks(image) > _SPECKS:
        yield _without_specks(image)
        yield image.filter(ImageFilter.GaussianBlur(2))
    sharpness = _sharpness(image)
    if sharpness < _SHARP:
        yield from _sharpened(image, sharpness)
        return
    shape = stroke_shape(image)
    if _THINNEST < shape < _WIDEST and not _USUAL[0] <= shape <= _USUAL[1]:
        root = shape**0.5
        yield image.resize((max(round(image.width / root), 1), max(round(image.height * root), 1)))


def _specks(image: Image.Image) -> float:
    """Which share of the pixels stands out from what is around them."""
    apart = ImageChops.difference(image, image.filter(ImageFilter.MedianFilter(3))).histogram()
    return sum(apart[_SPECK:]) / (image.width * image.height)


def _without_specks(image: Image.Image) -> Image.Image:
    median = ImageFilter.MedianFilter(3)
    return image.filter(median).filter(median)


def stroke_shape(image: Image.Image) -> float:
    """How wide the strokes are for their height: about 1 in print, more where it was stretched from side to side."""
    darkest, lightest = image.getextrema()
    middle = (float(darkest) + float(lightest)) / 2  # type: ignore[arg-type]  # one band, as it is grey
    ink = image.point([255 if shade < middle else 0 for shade in range(256)])
    if ink.histogram()[255] * 2 > ink.width * ink.height:  # light on dark
        ink = ImageChops.invert(ink)
    across = ImageChops.subtract(ink.crop((1, 0, *ink.size)), ink.crop((0, 0, ink.width - 1, ink.height)))
    down = ImageChops.subtract(ink.crop((0, 1, *ink.size)), ink.crop((0, 0, ink.width, ink.height - 1)))
    return down.histogram()[255] / max(across.histogram()[255], 1)  # the less strokes begin, the longer they are


def _sharpness(image: Image.Image) -> float:
    """The steepest step from pixel to pixel, as a share of the shades between ink and paper."""
    right = ImageChops.difference(image.crop((1, 0, *image.size)), image.crop((0, 0, image.width - 1, image.height)))
    below = ImageChops.difference(image.crop((0, 1, *image.size)), image.crop((0, 0, image.width, image.height - 1)))
    darkest, lightest = image.getextrema()
    return max(_steepest(right), _steepest(below)) / max(float(lightest) - float(darkest), 1.0)  # type: ignore[arg-type]


def _steepest(steps: Image.Image) -> int:
    counts = steps.histogram()
    few = sum(counts) // _FEW
    return next(shade for shade in range(255, -1, -1) if sum(counts[shade:]) > few)


def _sharpened(image: Image.Image, sharpness: float) -> Iterator[Image.Image]:
    """Without a blur of the width that the edges tell of."""
    width = _STEP / sharpness if sharpness else _BLURRIEST
    if width >= _BLURRIEST:
        return
    scale = min(1.0, _WORKABLE / width, (_MOST / (image.width * image.height)) ** 0.5)
    small = image.resize((max(round(image.width * scale), 1), max(round(image.height * scale), 1)))
    for share, noise in _WAYS:
        yield _unblurred(small, width * scale * share, noise)


def _unblurred(image: Image.Image, width: float, noise: float) -> Image.Image:
    """Wiener's filter for a blur of Gauss."""
    import numpy as np  # only pictures that are blurred need it

    margin = int(3 * width) + 1
    shades = np.pad(np.asarray(image, dtype=np.float32), margin, mode="edge")
    rows, columns = np.fft.fftfreq(shades.shape[0])[:, None], np.fft.rfftfreq(shades.shape[1])[None]
    blur = np.exp(-2 * np.pi**2 * width**2 * (rows**2 + columns**2)).astype(np.float32)
    sharp = np.fft.irfft2(np.fft.rfft2(shades) * blur / (blur**2 + noise), shades.shape)
    sharp = sharp[margin : margin + image.height, margin : margin + image.width]
    low, paper, high = np.percentile(sharp, (_CUT, 50, 100 - _CUT))
    low, high = (low, paper) if paper - low > high - paper else (paper, high)  # no ripples on the paper
    stretched = (sharp - low) * (255 / max(float(high - low), 1.0))
    return Image.fromarray(np.clip(stretched, 0, 255).astype(np.uint8))
