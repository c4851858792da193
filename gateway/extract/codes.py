"""Codes in pictures (QR, Data Matrix, Aztec, PDF417, bars of labels), read by ZXing in this process.

Any telephone reads what they say, so it is text like any other. Left out are bars that need no check digit (ITF,
Codabar), since photographs are full of them, and those of goods in shops.
"""

from typing import TYPE_CHECKING

from gateway.core.message import OpaqueReason
from gateway.extract.budget import Budget, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

_KINDS = ("AllMatrix", "PDF417", "MicroPDF417", "Code128", "Code93", "Code39")
_LARGE = 4_000_000  # pixels: a larger picture is made smaller, since noise takes a second for so many
_MOST = 100


def said_in_codes(image: "Image", budget: Budget) -> str:
    """What the codes in a grey picture say, a line each; "" where there are none.

    Raises Unreadable: no time left, or more codes than anybody reads, of which ZXing gives some.
    """
    budget.check_time()
    import zxingcpp  # 2 MB that only pictures need

    kinds = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, kind) for kind in _KINDS])
    found = zxingcpp.read_barcodes(_at_most(image), formats=kinds, text_mode=zxingcpp.TextMode.Plain)
    if len(found) > _MOST:
        raise Unreadable(OpaqueReason.LIMIT_ENTRIES)
    return "\n".join(code.text for code in found if code.text)


def _at_most(image: "Image") -> "Image":
    pixels = image.width * image.height
    if pixels <= _LARGE:
        return image
    scale = (_LARGE / pixels) ** 0.5
    return image.resize((max(int(image.width * scale), 1), max(int(image.height * scale), 1)))
