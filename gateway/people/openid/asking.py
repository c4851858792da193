"""Requests to the provider: https (or loopback), certificates checked, no redirects, with an end in size and time."""

import http.client
import json
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from gateway.keys.deadline import Deadline

SECONDS = 10.0
LARGEST = 1 << 20
FORM = "application/x-www-form-urlencoded"


class Asker:
    """Safe for many threads. `authorities`: PEM file, where the provider's certificate is of none that is known."""

    def __init__(self, authorities: Path | None = None) -> None:
        """Raises OSError for a file that has no authorities."""
        self._context = ssl.create_default_context(cafile=str(authorities) if authorities else None)

    def __call__(
        self, address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object at an address, or the answer to a form. Raises OSError without a word of what was sent."""
        if not is_safe(address):
            raise OSError("only https is asked")
        place = urlsplit(address)
        with Deadline(SECONDS) as deadline:
            connection = (
                http.client.HTTPSConnection(place.hostname or "", place.port, timeout=SECONDS, context=self._context)
                if place.scheme == "https"
                else http.client.HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
            )
            connection._create_connection = deadline.connect  # type: ignore[attr-defined] # noqa: SLF001 - its own hook
            try:
                return _answer(connection, place.path or "/", place.query, form, dict(headers or {}))
            except (http.client.HTTPException, ValueError, RecursionError):
                raise OSError("its answer cannot be read") from None
            finally:
                connection.close()


def is_safe(address: str) -> bool:
    """https, or http to this machine."""
    try:
        place = urlsplit(address)
        host, _ = place.hostname or "", place.port
    except ValueError:
        return False
    return bool(host) and (place.scheme == "https" or (place.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _answer(
    connection: http.client.HTTPConnection,
    path: str,
    query: str,
    form: Mapping[str, str] | None,
    headers: dict[str, str],
) -> dict[str, Any]:
    target = f"{path}?{query}" if query else path
    headers |= {"Accept": "application/json"}
    if form is None:
        connection.request("GET", target, headers=headers)
    else:
        connection.request("POST", target, body=urlencode(form), headers=headers | {"Content-Type": FORM})
    answer = connection.getresponse()
    octets = answer.read(LARGEST + 1)
    if answer.status != http.client.OK:
        raise OSError(f"it answers {answer.status}")
    said = json.loads(octets) if len(octets) <= LARGEST else None
    if not isinstance(said, dict):
        raise OSError("its answer is no object, or too large")
    return said
