"""A mix of made-up mail like an office's day: mostly short texts, some HTML, a few attachments. Seeded, so always the same.

Of 50 messages: 35 short texts of 1 to 3 KB, 10 multipart/alternative of 10 to 30 KB, 4 with a CSV attachment of 100 to 500 KB, 1
with one of 3 to 5 MB. Five of the 50 carry identifiers.
"""

import base64
import random
from collections.abc import Iterator

WORDS = (
    "please find the agenda for our meeting next week in the large room the team has prepared a short summary of open points "
    "and would like to hear your view before we go on with the order from the supplier thank you for the quick answer the "
    "invoice was paid yesterday and the delivery should arrive on friday morning if the weather allows it kind regards"
).split()
IDENTIFIERS = (
    "Patient: Erika Musterfrau, DOB 03/04/1961, MRN 00482913, diagnosis E11.9 type 2 diabetes.",
    "Member ID: XQJ482913775 for Mr. Otto Normal, admitted with pneumonia on 04/02/2025.",
    "SSN 219-09-9999 was on the intake form of the patient with asthma.",
    "The card is 4111 1111 1111 1111, expiry 12/29.",
    "Chart no. 77-120934, seen for hypertension, phone (202) 555-0143.",
)


def _text(rng: random.Random, size: int) -> str:
    lines: list[str] = []
    length = 0
    while length < size:
        line = " ".join(rng.choices(WORDS, k=rng.randint(6, 13)))
        lines.append(line)
        length += len(line) + 2
    return "\r\n".join(lines)


def _head(number: int, kind: str) -> str:
    return (
        f"From: Ada Example <ada@clinic.example>\r\nTo: Bo Example <bo@partner.example>\r\nSubject: Message {number}\r\n"
        f"Message-ID: <{number}@clinic.example>\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
    )


def _short(rng: random.Random, number: int, extra: str) -> str:
    return _head(number, "text/plain; charset=utf-8") + "\r\n" + _text(rng, rng.randint(1000, 3000)) + extra + "\r\n"


def _alternative(rng: random.Random, number: int, extra: str) -> str:
    text = _text(rng, rng.randint(3000, 9000)) + extra
    html = "<html><body>" + "".join(f"<p class=x>{line}</p>\r\n" for line in text.split("\r\n")) + "</body></html>"
    parts = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
    )
    return _head(number, 'multipart/alternative; boundary="b"') + "\r\n" + parts


def _attached(rng: random.Random, number: int, size: int) -> str:
    rows = "".join(f"{rng.randint(1, 99999)};{rng.choice(WORDS)};{rng.random():.4f}\r\n" for _ in range(size // 22))
    data = base64.encodebytes(rows.encode()).decode().replace("\n", "\r\n")
    disposition = 'attachment; filename="table.csv"'
    return (
        _head(number, 'multipart/mixed; boundary="b"')
        + f"\r\n--b\r\nContent-Type: text/plain\r\n\r\n{_text(rng, 1500)}\r\n--b\r\nContent-Type: text/csv\r\n"
        + f"Content-Disposition: {disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\n{data}--b--\r\n"
    )


def messages(blocks: int = 1) -> Iterator[bytes]:
    """Blocks of 50 raw messages, CRLF line ends."""
    rng = random.Random(7)
    for number in range(blocks * 50):
        place = number % 50
        extra = "\r\n" + IDENTIFIERS[place // 10] if place % 10 == 3 else ""
        if place == 49:
            made = _attached(rng, number, rng.randint(3_000_000, 5_000_000))
        elif place % 10 == 9:
            made = _attached(rng, number, rng.randint(100_000, 500_000))
        elif place % 5 == 0:
            made = _alternative(rng, number, extra)
        else:
            made = _short(rng, number, extra)
        yield made.encode()
