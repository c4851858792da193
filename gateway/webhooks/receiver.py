"""One receiver of events, and the way to it: https, to the configured host alone, its certificate checked.

Nobody but the administrator names a host: no address comes from mail, no redirect is followed, no proxy of the
environment is asked, and nothing of an answer is kept but its status. Addresses that are no host's own (link-local,
where clouds keep credentials; multicast) are refused whatever the name resolves to.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from gateway.audit.ocsf import product_version
from gateway.audit.reading import Event, code
from gateway.config import Config
from gateway.core.errors import SetupError
from gateway.keys.deadline import Deadline
from gateway.webhooks.signing import read_secrets

SECONDS = 15.0  # for one delivery
MOST_ANSWER = 65_536
NEVER = frozenset({"checkpoint"})


class Refused(OSError):
    """The receiver did not take it. The text has its status or a plain cause, nothing of an answer."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """`events` are codes; none means every event but checkpoints."""

    name: str
    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    events: frozenset[str] = frozenset()
    ca_file: Path | None = None

    def wants(self, event: Event) -> bool:
        kind = code(event)
        return kind in self.events if self.events else kind not in NEVER

    def context(self) -> ssl.SSLContext:
        """Certificates are checked against the machine's authorities, or those of `ca_file`. Raises SetupError."""
        try:
            return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except (OSError, ssl.SSLError):
            raise SetupError(f"{self.ca_file}: this is no file of certificates in PEM") from None

    def post(self, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS) -> None:
        """Deliver once. Raises Refused for everything but a 2xx."""
        place = urlsplit(self.url)
        assert place.hostname
        with Deadline(seconds) as deadline:
            connection = http.client.HTTPSConnection(
                place.hostname, place.port, timeout=seconds, context=self.context()
            )
            connection._create_connection = _Guarded(deadline).connect  # type: ignore[attr-defined] # noqa: SLF001
            try:
                self._post(connection, body, headers)
            finally:
                connection.close()

    def _post(self, connection: http.client.HTTPSConnection, body: bytes, headers: Mapping[str, str]) -> None:
        place = urlsplit(self.url)
        target = (place.path or "/") + (f"?{place.query}" if place.query else "")
        fields = {"Content-Type": "application/json", "User-Agent": f"Gatepost/{product_version()}", **headers}
        try:
            connection.request("POST", target, body=body, headers=fields)
            answer = connection.getresponse()
            answer.read(MOST_ANSWER)
        except Refused:
            raise
        except TimeoutError:
            raise Refused("it did not answer in time") from None
        except ssl.SSLCertVerificationError:
            raise Refused("its certificate is not one that is trusted for this host") from None
        except socket.gaierror:
            raise Refused("there is no such host") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Refused(f"it cannot be reached: {type(error).__name__}") from None
        if not 200 <= answer.status < 300:
            raise Refused(f"it answered {answer.status}")


@dataclass(frozen=True, slots=True)
class _Guarded:
    """Connects within the deadline, and not to an address that no receiver can have."""

    deadline: Deadline

    def connect(self, address: tuple[str, int], *_others: object) -> socket.socket:
        connected = self.deadline.connect(address)
        host = ip_address(connected.getpeername()[0].partition("%")[0])
        host = getattr(host, "ipv4_mapped", None) or host
        if host.is_link_local or host.is_multicast or host.is_unspecified:
            connected.close()
            raise Refused("its name leads to an address that is no receiver's")
        return connected


def receivers_of(config: Config) -> tuple[Receiver, ...]:
    """Those of the configuration, their secrets read. Raises SetupError."""
    found = tuple(
        Receiver(each.name, each.url, read_secrets(each.secret_file), frozenset(each.events), each.ca_file)
        for each in config.webhooks.receivers
    )
    for receiver in found:
        receiver.context()
    return found
