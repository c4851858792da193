"""Small files over HTTPS: WKD and MTA-STS.

No redirects, no proxies, certificates checked, with an end in size and time.
"""

import http.client
import socket
import ssl
import urllib.error
import urllib.request

from gateway.keys.revocation import NoRedirect


class NotThere(OSError):
    """The server answered that there is no such thing."""


def fetch(address: str, largest: int, seconds: float, context: ssl.SSLContext | None = None) -> bytes:
    """What is at an https address. Raises NotThere, OSError."""
    if not address.startswith("https://"):
        raise OSError("only https is asked")
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        NoRedirect(),
        urllib.request.HTTPSHandler(context=context or ssl.create_default_context()),
    )
    try:
        with opener.open(address, timeout=seconds) as answer:
            found: bytes = answer.read(largest + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise (NotThere if error.code in {404, 410} else OSError)(f"it answers {error.code}") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, socket.gaierror):
            raise NotThere("there is no such host") from None
        raise OSError("it does not answer") from None
    except (http.client.HTTPException, ValueError):
        raise OSError("its answer cannot be read") from None
    if len(found) > largest:
        raise OSError("its answer is too large")
    return found
