"""A look at a mail server: does it do STARTTLS, and is its certificate valid for its name?"""

import smtplib
import ssl
from dataclasses import dataclass
from socket import socket

from gateway.keys.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server showed. `valid`: its certificate leads to a known authority and is for its name."""

    starttls: bool
    valid: bool
    words: str
    names: tuple[str, ...] = ()  # in the certificate

    def is_for(self, domain: str) -> bool:
        """Postfix at level `secure` would take its certificate for this domain (nexthop, dot-nexthop)."""
        return any(name == domain or name.endswith(f".{domain}") for name in self.names)


def probe(host: str, port: int, helo: str, seconds: float, context: ssl.SSLContext | None = None) -> Probe:
    """Greet, STARTTLS, leave. No address and no message is ever named. Raises OSError where it does not answer."""
    checked = context or ssl.create_default_context()
    checked.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        return _asked(host, port, helo, seconds, checked)
    except ssl.SSLCertVerificationError as error:
        unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        unchecked.minimum_version = ssl.TLSVersion.TLSv1_2
        found = _asked(host, port, helo, seconds, unchecked)
        return Probe(found.starttls, valid=False, words=f"its certificate is not valid: {error.verify_message}")


def _asked(host: str, port: int, helo: str, seconds: float, context: ssl.SSLContext) -> Probe:
    try:
        with Deadline(seconds) as deadline, _Client(host, port, helo, deadline) as client:
            client.ehlo()
            if not client.has_extn("starttls"):
                return Probe(starttls=False, valid=False, words="it does not offer STARTTLS")
            client.starttls(context=context)
            sock = client.sock
            assert isinstance(sock, ssl.SSLSocket)
            names = tuple(str(value).lower() for kind, value in _alternative_names(sock) if kind == "DNS")
            return Probe(starttls=True, valid=True, words=f"{sock.version()} and a valid certificate", names=names)
    except ssl.SSLCertVerificationError:
        raise
    except ssl.SSLError as error:
        return Probe(starttls=False, valid=False, words=f"TLS fails: {error.reason or 'no agreement'}")
    except smtplib.SMTPResponseException as error:
        return Probe(starttls=False, valid=False, words=f"it answers {error.smtp_code}")
    except (TimeoutError, smtplib.SMTPException) as error:
        raise OSError("it does not speak SMTP") from error


class _Client(smtplib.SMTP):
    """It connects by a deadline, and hears no more after it."""

    def __init__(self, host: str, port: int, helo: str, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(host, port, local_hostname=helo, timeout=deadline.left)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:  # as LMTP and SMTP_SSL of smtplib do
        return self._deadline.connect((host, port))


def _alternative_names(sock: ssl.SSLSocket) -> list[tuple[str, str]]:
    certificate = sock.getpeercert() or {}
    return list(certificate.get("subjectAltName", ()))  # type: ignore[arg-type]
