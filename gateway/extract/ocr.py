"""Text in pictures, read by Tesseract in this process: no other program is started, so the sandbox can forbid that.

Its language data come from Debian's tesseract-ocr-eng. Where they are missing pictures stay unread, which is said.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget, Unreadable
from gateway.extract.codes import said_in_codes

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
_THRESHOLD, _GLOBAL, _LOCAL = "thresholding_method", "0", "2"  # Otsu's for the whole, Sauvola's for each place
_LITTLE = 50  # characters
_PIECE, _LAP = 2_000, 120  # pixels
_SURE = 60  # of a hundred: less, and the words are chance, or stand on their side
_QUARTERS = (90, 270, 180)
_HALF = (180,)
_SHORT, _NUMBER = 300, 4  # characters, digits
# A number in three groups with gaps between letters that stand close: Tesseract sees some where there are none.
_GAPS = re.compile(r"\b\d(?: ?\d){2}-\d ?\d-\d(?: ?\d){3}\b")
_DIGIT = re.compile(r"\d")
_FAINT = 24  # shades of grey between which nobody sees a letter
_SPARE = 2 / 3  # of the time for a message
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
        """The text of a grey picture, and what codes in it say. Raises Unreadable: no data, or no time left."""
        if not self.is_ready or self._engine is None:
            raise Unreadable(OpaqueReason.UNSUPPORTED_FORMAT)
        budget.check_time()
        whole, image = image, _at_size(image)
        digest = hashlib.sha256(repr(whole.size).encode() + image.tobytes()).digest()
        known = self._known.pop(digest, None)
        if known is None:
            known = self._recognised(image, whole, budget)
            if whole.width * whole.height > 2 * _LARGE and len(known) < _LITTLE:
                known = "\n".join(filter(None, (known, *self._in_pieces(whole, budget))))
            known = _GAPS.sub(_closed, known)
            known = "\n".join(filter(None, (known, said_in_codes(whole, budget))))
        self._known[digest] = known
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _recognised(self, image: "Image", whole: "Image", budget: Budget) -> str:
        """The text; where it may stand on its side or head, and there is time, that of the picture turned as well.

        `whole`: the picture as it came.
        """
        text, sure = self._once(image, budget)
        if not _is_drawn(image):
            return text
        if sure < _SURE and (better := self._put_right(whole if _is_workable(whole) else image, budget)):
            return "\n".join(filter(None, (text, better)))
        return "\n".join(filter(None, (text, *self._read_otherwise(image, budget, text, sure))))

    def _put_right(self, image: "Image", budget: Budget) -> str:
        """The text of a sheet that was stretched, sprinkled with dots or blurred; "" where it was not."""
        from gateway.extract.paper import is_paper
        from gateway.extract.restored import restored

        said: list[str] = []
        for right in restored(image) if _has_spare(budget) and is_paper(image) else ():
            if not _has_spare(budget):
                break
            text, sure = self._once(_at_size(right), budget)
            if sure >= _SURE:
                said.append(text)
        return "\n".join(said)

    def _read_otherwise(self, image: "Image", budget: Budget, text: str, sure: int) -> Iterator[str]:
        """The text of a picture as a sheet of paper, and turned."""
        on_paper = False
        if _has_spare(budget):
            better, surer = self._on_paper(image, budget, sure)
            if surer >= _SURE:
                yield better
                text, sure, on_paper = better, surer, True
        for quarter in _QUARTERS if sure < _SURE else _HALF if _may_be_turned(text) else ():
            if not _has_spare(budget):
                break
            whole = image.rotate(quarter, expand=True)
            turned, surer = self._on_paper(whole, budget, 0) if on_paper else self._once(whole, budget)
            if surer >= _SURE:
                yield turned

    def _on_paper(self, image: "Image", budget: Budget, sure: int) -> tuple[str, int]:
        """The text of a sheet turned level, each place of it judged by the light around it, and how sure that is.

        Nothing for a picture of something else than a sheet of paper, nor for a sheet in even light whose text is sure.
        """
        from gateway.extract.paper import is_paper, is_shaded, level

        if not (sure < _SURE or is_shaded(image)) or not is_paper(image):
            return "", 0
        assert self._engine is not None, "asked after is_ready"
        self._engine.SetVariable(_THRESHOLD, _LOCAL)
        try:
            return self._once(level(image), budget)
        finally:
            self._engine.SetVariable(_THRESHOLD, _GLOBAL)

    def _in_pieces(self, image: "Image", budget: Budget) -> Iterator[str]:
        """The text of parts of a picture so large that small letters are lost when it is read as a whole."""
        for top in range(0, image.height, _PIECE - _LAP):
            for left in range(0, image.width, _PIECE - _LAP):
                piece = image.crop((left, top, min(left + _PIECE, image.width), min(top + _PIECE, image.height)))
                if _is_drawn(piece) and _has_spare(budget):
                    yield self._once(piece, budget)[0]

    def _once(self, image: "Image", budget: Budget) -> tuple[str, int]:
        """The text of a picture as it stands, and how sure Tesseract is of its words, of a hundred."""
        engine = self._engine
        assert engine is not None, "asked after is_ready"
        engine.SetImage(image)
        engine.SetSourceResolution(200)
        left = int(budget.seconds_left * 1000 * _PATIENCE)
        if left <= 0 or not engine.Recognize(left):
            engine.Clear()
            raise Unreadable(OpaqueReason.LIMIT_SECONDS)
        text: str = engine.GetUTF8Text()
        sure = engine.MeanTextConf() if text.strip() else 0
        engine.Clear()
        return text.strip(), sure


def _closed(found: re.Match[str]) -> str:
    return found[0].replace(" ", "")


def _is_drawn(image: "Image") -> bool:
    """Whether anything stands on the paper."""
    shades = [shade for shade, count in enumerate(image.histogram()) if count]
    return shades[-1] - shades[0] >= _FAINT if shades else False


def _is_workable(image: "Image") -> bool:
    return image.width * image.height <= 2 * _LARGE


def _may_be_turned(text: str) -> bool:
    """Whether a short text has a number: on their head digits are digits, too."""
    return len(text) < _SHORT and len(_DIGIT.findall(text)) >= _NUMBER


def _has_spare(budget: Budget) -> bool:
    """Whether there is time for what is hardly ever needed."""
    return budget.seconds_left > budget.limits.seconds * _SPARE


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
