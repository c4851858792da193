"""All formats, in the order in which they are asked. A file that fits several is read as each of them.

Readers with an engine behind them are imported when they are asked for, by `warm` or by the first such file.
"""

from collections.abc import Callable
from importlib import import_module

from gateway.extract.budget import Budget
from gateway.extract.formats.archives import is_archive, read_archive
from gateway.extract.formats.carrier import is_carrier, read_carrier
from gateway.extract.formats.dicom import is_dicom, read_dicom
from gateway.extract.formats.items import File, Format, Reading
from gateway.extract.formats.known import is_ole, is_pdf, is_picture
from gateway.extract.formats.mailbox import is_mail, read_mail
from gateway.extract.formats.metafile import is_metafile, read_metafile
from gateway.extract.formats.package import is_package, read_package
from gateway.extract.formats.rtf import is_rtf, read_rtf
from gateway.extract.formats.sealed import is_cms, is_pgp, read_cms, read_pgp
from gateway.extract.formats.tnef import is_tnef, read_tnef
from gateway.extract.formats.zipped import is_zip, read_zip
from gateway.extract.signs import is_clean


def _later(module: str, reader: str) -> Callable[[File, Budget], Reading]:
    def read(file: File, budget: Budget) -> Reading:
        found: Callable[[File, Budget], Reading] = getattr(import_module(f"gateway.extract.formats.{module}"), reader)
        yield from found(file, budget)

    return read


FORMATS: tuple[Format, ...] = (
    Format("pdf", is_pdf, _later("pdf", "read_pdf")),
    Format("office", is_package, read_package),
    Format("zip", is_zip, read_zip),
    Format("ole", is_ole, _later("ole", "read_ole")),
    Format("picture", is_picture, _later("picture", "read_picture")),
    Format("rtf", is_rtf, read_rtf),
    Format("archive", is_archive, read_archive),
    Format("tnef", is_tnef, read_tnef),
    Format("dicom", is_dicom, read_dicom),
    Format("metafile", is_metafile, read_metafile),
    Format("mail", is_mail, read_mail),
    Format("smime", is_cms, read_cms),
    Format("openpgp", is_pgp, read_pgp),
)
_CARRIER = Format("carrier", is_carrier, read_carrier)
_INSTEAD = {"zip": "office"}  # the second says all that the first would


def formats_of(octets: bytes) -> tuple[Format, ...]:
    """The formats that the octets fit; empty for text and for what is not known."""
    fitting = tuple(form for form in FORMATS if form.fits(octets))
    names = {form.name for form in fitting}
    if names <= {"picture"} and not is_clean(octets) and _CARRIER.fits(octets):
        return (*fitting, _CARRIER)
    return tuple(form for form in fitting if _INSTEAD.get(form.name) not in names)
