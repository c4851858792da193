"""How a message with a trick is put together."""

from base64 import b64encode
from dataclasses import dataclass

NUMBER = "219-09-9999"  # printed in public and voided: tests/detection/ORIGIN.md
LINE = f"Intake form: SSN {NUMBER}, diagnosis type 2 diabetes."
COVER = "The order is on its way. Kind regards, front desk."
FIELDS = (
    "From: Front Desk <desk@clinic.example>",
    "To: Bo <bo@partner.example>",
    "Message-ID: <1@clinic.example>",
    "Date: Mon, 2 Mar 2026 10:11:12 +0000",
)


@dataclass(frozen=True)
class Trick:
    """One message. `expect`: "found" (the number is among the findings and the message is not delivered) or "held"."""

    name: str
    what: str
    raw: bytes
    expect: str = "found"


def octets(text: str | bytes) -> bytes:
    """Text with CRLF line ends; bytes as they are."""
    return text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()


def mail(body: str | bytes, *fields: str | bytes, subject: str | bytes = "Subject: Papers", mime: bool = True) -> bytes:
    """A message; `fields` come after those that every message has."""
    head = [*FIELDS, subject, *(["MIME-Version: 1.0"] if mime else []), *fields]
    return b"\r\n".join(octets(field) for field in head) + b"\r\n\r\n" + octets(body) + b"\r\n"


def text(
    body: str | bytes, *fields: str | bytes, charset: str = "utf-8", kind: str = "plain", cte: str = "8bit"
) -> bytes:
    """A message of one text part."""
    return mail(body, f"Content-Type: text/{kind}; charset={charset}", f"Content-Transfer-Encoding: {cte}", *fields)


def part(body: str | bytes, *fields: str | bytes) -> bytes:
    """One part of a multipart: its fields and its body."""
    return b"".join(octets(field) + b"\r\n" for field in fields) + b"\r\n" + octets(body)


def parts(*found: bytes, boundary: str = "b1") -> bytes:
    """Parts with the boundary lines between and around them."""
    line = b"--" + boundary.encode()
    return b"".join(line + b"\r\n" + one + b"\r\n" for one in found) + line + b"--"


def multipart(*found: bytes, subtype: str = "mixed", boundary: str = "b1") -> bytes:
    """A multipart message."""
    return mail(parts(*found, boundary=boundary), f'Content-Type: multipart/{subtype}; boundary="{boundary}"')


def html(inside: str, **more: str) -> bytes:
    """A message that is an HTML page."""
    return text(f"<html><body>\n{inside}\n</body></html>", kind="html", **more)


def b64(data: str | bytes, width: int = 76) -> str:
    """Base64 in lines."""
    encoded = b64encode(data.encode() if isinstance(data, str) else data).decode()
    return "\n".join(encoded[at : at + width] for at in range(0, len(encoded), width))


B64 = b64(LINE)
QP = "Content-Transfer-Encoding: quoted-printable"
BASE64 = "Content-Transfer-Encoding: base64"
PLAIN = "Content-Type: text/plain; charset=utf-8"
HTML = "Content-Type: text/html; charset=utf-8"
COVER_PART = part(COVER, PLAIN)
