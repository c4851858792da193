"""What a file is, by its first octets, of the formats whose readers are loaded when the first such file comes."""

import re

PDF_MARK = re.compile(rb"%PDF-\d")
PDF_PREFIX = 1024  # octets before it that programs skip (annex H.3.4.1)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"II*\0", b"MM\0*")


def is_pdf(octets: bytes) -> bool:
    found = PDF_MARK.search(octets, 0, PDF_PREFIX)
    return found is not None and (b"obj" in octets or found.start() == 0)


def is_picture(octets: bytes) -> bool:
    if octets.startswith(_PICTURES) or (octets.startswith(b"RIFF") and octets[8:12] == b"WEBP"):
        return True
    return (
        octets.startswith(b"BM")
        and octets[14:15] in (b"\x0c", b"\x28", b"\x6c", b"\x7c")
        and octets[15:18] == b"\0\0\0"
    )


def is_ole(octets: bytes) -> bool:
    return octets.startswith(_OLE)
