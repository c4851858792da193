"""Pictures with words in them."""

import io
from typing import Any

import zxingcpp
from PIL import Image, ImageDraw, ImageFont, ImageOps
from PIL.PngImagePlugin import PngInfo


def drawn(words: str, size: tuple[int, int] = (640, 120), ink: str = "black", paper: str = "white") -> Image.Image:
    """Words on paper, in a font that comes with Pillow."""
    image = Image.new("RGB", size, paper)
    ImageDraw.Draw(image).text((20, 40), words, fill=ink, font=ImageFont.load_default(28))
    return image


def coded(words: str, kind: str = "QRCode", scale: int = 4) -> Image.Image:
    """Words in a code, with the quiet zone around it; so many pixels for each module."""
    made: Any = zxingcpp.create_barcode(words, getattr(zxingcpp.BarcodeFormat, kind))
    shades: Any = memoryview(made.to_image(scale=scale, add_hrt=False))
    height, width = shades.shape
    image = Image.frombytes("L", (width, height), shades.tobytes())
    return ImageOps.expand(image, 4 * scale, 255)


def saved(image: Image.Image, form: str = "PNG", **more: object) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **more)
    return target.getvalue()


def png(words: str, comment: str = "") -> bytes:
    """A PNG of words; `comment` stands in a chunk that no program shows."""
    info = PngInfo()
    if comment:
        info.add_itxt("Comment", comment)
    return saved(drawn(words), pnginfo=info)
