"""Loading what reading files needs, before workers are forked: they share it, and their sandbox has to load less."""

import importlib

from gateway.extract import signs, woven
from gateway.extract.inner import blobs, readings
from gateway.extract.ocr import READER
from gateway.parse import enclosed, ends, multipart

_READERS = tuple(f"gateway.extract.formats.{name}" for name in ("pdf", "ole", "picture"))
_LIBRARIES = ("pypdfium2", "pdf_oxide", "libarchive.ffi", "olefile", "python_calamine", "zxingcpp")
_PICTURES = ("Bmp", "Gif", "Jpeg", "Png", "Tiff", "WebP")


def warm() -> None:
    """Import the libraries, compile signs, and load Tesseract's data where they are installed."""
    for name in (*_READERS, *_LIBRARIES, *(f"PIL.{kind}ImagePlugin" for kind in _PICTURES)):
        importlib.import_module(name)
    compile_signs()
    for glance in readings.GLANCES:
        glance.of(b"")
    _ = READER.is_ready


def compile_signs() -> None:
    """Those that are looked for in every message."""
    for glance in (*enclosed.GLANCES, *blobs.GLANCES, ends.GLANCE, signs.GLANCE, woven.CONTROLS):
        glance.of(b"")
    multipart.DASHES.of(b"")
