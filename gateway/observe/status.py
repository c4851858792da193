"""Metrics and health over HTTP, for Prometheus, load balancers and people. Loopback by default, read only."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from gateway.core.errors import SetupError

# A check returns "" where all is well, else why not, in words of ours without content of a message.
Check = Callable[[], str]
Answer = tuple[HTTPStatus, str, bytes]

IDLE_SECONDS = 10  # a client that says nothing
POLL_SECONDS = 0.1  # how soon a stop is noticed


class StatusServer:
    """`/metrics`, `/healthz` (alive) and `/readyz` (able to take mail); a context manager.

    Each check is shown by its name with ok and why; one that is not well, or raises, makes the answer 503.
    """

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        *,
        health: Mapping[str, Check],
        readiness: Mapping[str, Check],
    ) -> None:
        self._address = (host, port)
        self._pages: dict[str, Callable[[str], Answer]] = {
            "/metrics": lambda accept: _metrics(registry, accept),
            "/healthz": lambda _: _checked(health),
            "/readyz": lambda _: _checked(readiness),
        }
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port listened on, also where 0 was asked for."""
        return self._server.server_address[1] if self._server else self._address[1]

    def start(self) -> None:
        """Listen and serve in a thread of its own. Raises SetupError where the address cannot be had."""
        try:
            self._server = _Server(self._address, self._pages)
        except OSError as error:
            host, port = self._address
            raise SetupError(f"status: cannot listen on {host}:{port}: {error.strerror}") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="status", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests and free the port. Does nothing where it is not running."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    def __enter__(self) -> "StatusServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], pages: Mapping[str, Callable[[str], Answer]]) -> None:
        self.pages = pages
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's fault; the traceback of the base class would be noise."""


class _Handler(BaseHTTPRequestHandler):
    server_version = "gatepost"
    sys_version = ""
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._answer(send_body=True)

    def do_HEAD(self) -> None:
        self._answer(send_body=False)

    def _answer(self, *, send_body: bool) -> None:
        assert isinstance(self.server, _Server)
        page = self.server.pages.get(self.path.partition("?")[0])
        accept = self.headers.get("Accept", "")
        status, content_type, body = page(accept) if page else (HTTPStatus.NOT_FOUND, "text/plain", b"not found\n")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if send_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Scrapes are not worth a line each."""


def _metrics(registry: CollectorRegistry, accept: str) -> Answer:
    encode, content_type = choose_encoder(accept)
    return HTTPStatus.OK, content_type, encode(registry)


def _checked(checks: Mapping[str, Check]) -> Answer:
    results = {name: _run(check) for name, check in checks.items()}
    ok = all(why == "" for why in results.values())
    shown = {name: {"ok": why == "", **({"why": why} if why else {})} for name, why in results.items()}
    body = json.dumps({"ok": ok, "checks": shown}) + "\n"
    return (HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE), "application/json", body.encode()


def _run(check: Check) -> str:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a check that breaks is a check that is not well
        return f"the check failed: {type(error).__name__}"
