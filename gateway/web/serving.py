"""How a site is served: where it may listen, by which certificate, and a server that says when it does."""

import logging
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from gateway.core.errors import SetupError
from gateway.web.prompt import Prompt

STOP_SECONDS = 10


class Site(Protocol):
    """The settings that every site has."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def url(self) -> str: ...

    @property
    def certificate(self) -> Path | None: ...

    @property
    def certificate_key(self) -> Path | None: ...

    @property
    def proxies(self) -> tuple[str, ...]: ...


def origins_of(site: Site, port: int) -> tuple[str, ...]:
    """Where it is found: where the configuration says so, else on the loopback names and its own address."""
    if site.url:
        return (site.url,)
    scheme = "https" if site.certificate else "http"
    host = f"[{site.host}]" if ":" in site.host else site.host
    return tuple(f"{scheme}://{name}:{port}" for name in dict.fromkeys((host, "localhost", "127.0.0.1", "[::1]")))


def check_exposure(site: Site, name: str) -> None:
    """Secrets go over this: in plain only on this machine. `name` of its settings. Raises SetupError."""
    if (site.certificate is None) != (site.certificate_key is None):
        raise SetupError(f"{name}: certificate and certificate-key belong together: give both, or none")
    if site.certificate is None and not is_loopback(site.host):
        raise SetupError(
            f"{name}: {site.host} is no loopback address: give certificate and certificate-key, or listen on "
            "127.0.0.1 behind a proxy that brings TLS"
        )
    if site.url.startswith("http:") and not is_loopback(urlsplit(site.url).hostname or ""):
        raise SetupError(f"{name}: url must begin with https: browsers keep no session otherwise")


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@contextmanager
def listening(site: Site, name: str) -> Iterator[socket.socket]:
    """The port, taken before anything else is done. Raises SetupError."""
    family = socket.AF_INET6 if ":" in site.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # asyncio does so for sockets that name their protocol alone; without it each page waits 40 ms for a delayed ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((site.host, site.port))
        listener.listen(128)
        yield listener
    except OSError as error:
        raise SetupError(f"{name}: cannot listen on {site.host}:{site.port}: {error.strerror}") from error
    finally:
        listener.close()


def server_settings(site: Site, name: str, app: ASGIApp) -> uvicorn.Config:
    """Raises SetupError for a certificate that cannot be used."""
    context = tls_context(site, name)
    logging.getLogger("uvicorn").disabled = True  # what it would say of an exception may hold content
    logging.getLogger("uvicorn.error").disabled = True
    return uvicorn.Config(
        app,
        http=Prompt,
        ws="none",
        log_config=None,
        access_log=False,  # paths have ids and links; the audit log knows who did what
        server_header=False,
        lifespan="off",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=200,
        h11_max_incomplete_event_size=64 * 1024,
        proxy_headers=bool(site.proxies),
        forwarded_allow_ips=list(site.proxies),
        ssl_context_factory=(lambda _config, _default: context) if context else None,
    )


def tls_context(site: Site, name: str) -> ssl.SSLContext | None:
    """Of the configured certificate; None where a proxy brings TLS. Raises SetupError."""
    if site.certificate is None or site.certificate_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(site.certificate, site.certificate_key)
    except (OSError, ssl.SSLError) as error:
        raise SetupError(
            f"{name}: {site.certificate} with {site.certificate_key} cannot be used: {error.strerror}"
        ) from None
    return context


class Server(uvicorn.Server):
    """Says when it listens, and ends by SIGTERM or SIGINT."""

    def __init__(self, settings: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(settings)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not raised again at the end, as the base class does: the audit log and the workers are closed after it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()
