"""All formats, in the order in which they are asked. A file that fits several is read as each of them."""

from gateway.extract.formats.items import Format
from gateway.extract.formats.package import is_package, read_package
from gateway.extract.formats.pdf import is_pdf, read_pdf
from gateway.extract.formats.picture import is_picture, read_picture
from gateway.extract.formats.zipped import is_zip, read_zip

FORMATS: tuple[Format, ...] = (
    Format("pdf", is_pdf, read_pdf),
    Format("office", is_package, read_package),
    Format("zip", is_zip, read_zip),
    Format("picture", is_picture, read_picture),
)
_INSTEAD = {"zip": "office"}  # the second says all that the first would


def formats_of(octets: bytes) -> tuple[Format, ...]:
    """The formats that the octets fit; empty for text and for what is not known."""
    fitting = tuple(form for form in FORMATS if form.fits(octets))
    names = {form.name for form in fitting}
    return tuple(form for form in fitting if _INSTEAD.get(form.name) not in names)
