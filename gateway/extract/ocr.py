"""Text in pictures, read by Tesseract in this process: no other program is started, so the sandbox can forbid that.

Its language data come from Debian's tesseract-ocr-eng. Where they are missing pictures stay unread, which is said.
"""

import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

    # a tenth of a second that commands without pictures save
    from tesserocr import PyTessBaseAPI

LANGUAGE = "eng"
FOLDERS = tuple(
    Path(folder)
    for folder in (
        "/usr/share/tesseract-ocr/5/tessdata",
        "/usr/share/tesseract-ocr/4.00/tessdata",
        "/usr/share/tessdata",
        "/usr/share/tesseract/tessdata",
    )
)
_SMALL = 700_000  # pixels: such a picture is enlarged, since its letters are
_LARGE = 4_000_000  # pixels: such a one is made smaller
_PATIENCE = 1.25  # seconds by the clock on the wall, which Tesseract goes by, for one of the processor
_REMEMBERED = 256  # pictures, so that the logo of every mail is read once


class Reader:
    """Tesseract with its data loaded, and the texts of the pictures that it met last."""

    def __init__(self) -> None:
        self._engine: PyTessBaseAPI | None = None
        self._looked = False
        self._known: OrderedDict[bytes, str] = OrderedDict()

    @property
    def is_ready(self) -> bool:
        """Whether pictures can be read. The data are loaded by the first call."""
        if not self._looked:
            self._looked = True
            self._engine = _load()
        return self._engine is not None

    def read(self, image: "Image", budget: Budget) -> str:
        """The text of a grey picture. Raises Unreadable: no data, or no time left."""
        if not self.is_ready or self._engine is None:
            raise Unreadable(OpaqueReason.UNSUPPORTED_FORMAT)
        budget.check_time()
        image = _at_size(image)
        digest = hashlib.sha256(repr(image.size).encode() + image.tobytes()).digest()
        known = self._known.pop(digest, None)
        if known is None:
            known = self._recognised(image, budget)
        self._known[digest] = known
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _recognised(self, image: "Image", budget: Budget) -> str:
        engine = self._engine
        assert engine is not None, "asked after is_ready"
        engine.SetImage(image)
        engine.SetSourceResolution(200)
        left = int(budget.seconds_left * 1000 * _PATIENCE)
        if left <= 0 or not engine.Recognize(left):
            engine.Clear()
            raise Unreadable(OpaqueReason.LIMIT_SECONDS)
        text: str = engine.GetUTF8Text()
        engine.Clear()
        return text.strip()


def data_folder() -> Path | None:
    """Where Tesseract's language data are; None where they are not installed."""
    return next((place for place in FOLDERS if (place / f"{LANGUAGE}.traineddata").is_file()), None)


def _load() -> "PyTessBaseAPI | None":
    folder = data_folder()
    if folder is None:
        return None
    # a tenth of a second that commands without pictures save
    from tesserocr import PSM, PyTessBaseAPI

    engine = PyTessBaseAPI(path=str(folder), lang=LANGUAGE, psm=PSM.AUTO)
    engine.SetVariable("debug_file", "/dev/null")
    return engine


def _at_size(image: "Image") -> "Image":
    pixels = image.width * image.height
    if pixels < _SMALL and image.width < 3 * 1024:
        return image.resize((image.width * 2, image.height * 2))
    if pixels > _LARGE:
        scale = (_LARGE / pixels) ** 0.5
        return image.resize((max(int(image.width * scale), 1), max(int(image.height * scale), 1)))
    return image


READER = Reader()  # one for the process: the nursery loads it before it forks
