"""The file formats that are read, told by what is in the file: names and declared types prove nothing."""

from gateway.extract.formats.registry import FORMATS, formats_of

__all__ = ["FORMATS", "formats_of"]
