"""Small files over HTTP: WKD, MTA-STS, and what authorities say of certificates.

No redirects, no proxies, certificates checked, with an end in size and time.
"""

import http.client
import socket
import ssl
from urllib.parse import urlsplit

from gateway.keys.deadline import Deadline

GONE = (404, 410)
LARGEST_LIST = 16 << 20  # of revoked certificates
REVOCATION_SECONDS = 10.0


class NotThere(OSError):
    """The server answered that there is no such thing."""


def fetch(address: str, largest: int, seconds: float, context: ssl.SSLContext | None = None) -> bytes:
    """What is at an https address. Raises NotThere, OSError."""
    place = urlsplit(address)
    if place.scheme != "https" or not place.hostname:
        raise OSError("only https is asked")
    with Deadline(seconds) as deadline:
        connection = http.client.HTTPSConnection(
            place.hostname, place.port, timeout=seconds, context=context or ssl.create_default_context()
        )
        return _asked(connection, address, b"", largest, deadline)


def fetch_over_http(address: str, octets: bytes, seconds: float = REVOCATION_SECONDS) -> bytes:
    """What is at a plain http address, or the answer to an OCSP request: these are signed. Raises OSError."""
    place = urlsplit(address)
    if place.scheme != "http" or not place.hostname:
        raise OSError("only http is asked for revocation")
    with Deadline(seconds) as deadline:
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=seconds)
        return _asked(connection, address, octets, LARGEST_LIST, deadline)


def _asked(
    connection: http.client.HTTPConnection, address: str, octets: bytes, largest: int, deadline: Deadline
) -> bytes:
    connection._create_connection = deadline.connect  # type: ignore[attr-defined] # noqa: SLF001 - its own hook for this
    place = urlsplit(address)
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    headers = {"Content-Type": "application/ocsp-request"} if octets else {}
    try:
        connection.request("POST" if octets else "GET", target, body=octets or None, headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise (NotThere if answer.status in GONE else OSError)(f"it answers {answer.status}")
        found = answer.read(largest + 1)
        _ = deadline.left  # what was cut off by it looks like an end
    except TimeoutError:
        raise OSError("it did not answer in time") from None
    except socket.gaierror:
        raise NotThere("there is no such host") from None
    except ssl.SSLError as error:
        raise OSError("it does not answer") from error
    except (http.client.HTTPException, ValueError):
        raise OSError("its answer cannot be read") from None
    finally:
        connection.close()
    if len(found) > largest:
        raise OSError("its answer is too large")
    return found
