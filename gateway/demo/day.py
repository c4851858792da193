"""A made-up clinic's day: who sends what to whom, and what must become of it."""

import base64
import io
import zipfile
from dataclasses import dataclass
from importlib.resources import files

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

USERS = {
    "reception": "front-desk",
    "nurse": "night-shift",
    "billing": "invoices",
    "doctor": "stethoscope",
    "it": "cables",
}


@dataclass(frozen=True, slots=True)
class Errand:
    """One message of the day.

    `login` is the user who sends it by SMTP AUTH; "": a program on the machine does, by sendmail(1). `delivered` and
    `held` say which recipients get it and for whom it is kept; `changed`: what is delivered is not what was sent.
    """

    file: str
    what: str
    login: str
    mail_from: str
    delivered: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    changed: bool = False

    @property
    def recipients(self) -> tuple[str, ...]:
        return (*self.delivered, *self.held, *self.refused)

    @property
    def code(self) -> int:
        """What the client must hear."""
        return 550 if self.refused else 250


RECEPTION = "reception@clinic.example"
DAY = (
    Errand("01-opening-hours", "Opening hours", "reception", RECEPTION, ("tomasz.lindqvist@post.example",)),
    Errand(
        "02-lab-result",
        "Lab result, attached",
        "nurse",
        "nadia.ferrante@clinic.example",
        held=("amara.okonjo@post.example",),
    ),
    Errand(
        "03-billing-question", "Billing question", "billing", "billing@clinic.example", held=("claims@insurer.example",)
    ),
    Errand("04-newsletter", "Newsletter", "reception", "news@clinic.example", ("readers@lists.example",)),
    Errand(
        "05-card-number", "Order with card number", "reception", RECEPTION, ("orders@supplies.example",), changed=True
    ),
    Errand("06-private-key", "Private key", "it", "oskar.lunde@clinic.example", refused=("support@vendor.example",)),
    Errand(
        "07-nested-forward",
        "Forward of a referral",
        "doctor",
        "helen.brandvold@clinic.example",
        held=("hbrandvold@mailhome.example",),
    ),
    Errand(
        "08-html-mail",
        "HTML receipt with card",
        "billing",
        "billing@clinic.example",
        ("rosa.whitcombe@post.example",),
        changed=True,
    ),
    Errand(
        "09-internal-handover", "Handover, inside", "nurse", "nadia.ferrante@clinic.example", ("ward@clinic.example",)
    ),
    Errand(
        "10-mixed-recipients",
        "Therapy plan, in and out",
        "doctor",
        "helen.brandvold@clinic.example",
        ("ward@clinic.example",),
        held=("marek.sorvino@physio.example",),
    ),
    Errand(
        "11-carta-en-espanol",
        "Letter in Spanish, card",
        "reception",
        RECEPTION,
        ("joaquin.etxeberria@correo.example",),
        changed=True,
    ),
    Errand(
        "12-nightly-report",
        "Report of a cron job",
        "",
        "root@clinic.example",
        ("it@clinic.example", "alerts@vendor.example"),
    ),
    Errand(
        "13-sealed-archive",
        "Archive with a password",
        "it",
        "oskar.lunde@clinic.example",
        held=("audit@consulting.example",),
    ),
    Errand(
        "14-records-request",
        "Record number in subject",
        "nurse",
        "nadia.ferrante@clinic.example",
        ("records@hospital.example",),
        changed=True,
    ),
)


def octets_of(errand: Errand) -> bytes:
    """The message as its client sends it: CRLF line ends, made-up secrets put in.

    Keys are made when they are needed: none is kept in a repository, where scanners would rightly complain.
    """
    raw = (files("gateway.demo") / "messages" / f"{errand.file}.eml").read_bytes()
    raw = raw.replace(b"{{private-key}}", new_private_key().strip()).replace(
        b"{{encrypted-zip}}", locked_archive().strip()
    )
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def new_private_key() -> bytes:
    """A fresh key, PEM; nothing was ever protected with it."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def locked_archive() -> bytes:
    """A ZIP file, base64, whose entry says that it is encrypted (APPNOTE.TXT 4.4.4, general purpose bit 0)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("patients-2026.csv", Ed25519PrivateKey.generate().private_bytes_raw() * 8)
    octets = bytearray(file.getvalue())
    octets[6] |= 1  # flags in the local header ...
    octets[octets.index(b"PK\x01\x02") + 8] |= 1  # ... and in the central directory
    return base64.encodebytes(bytes(octets))
