"""A receiver: a real server over TLS on loopback that answers as it is told."""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.pki import Authority, Wish
from gateway.webhooks import Receiver

SECRET = bytes(range(32))


@dataclass
class Site:
    """`answers` are the statuses to come, then 204 for ever; `got` is what came: path, headers, body."""

    folder: Path
    answers: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    location: str = ""

    def __post_init__(self) -> None:
        site, authority = self, Authority()
        identity = authority.issue(Wish(hosts=["localhost"], kind="ec", purpose=None))
        (self.folder / "site.pem").write_text(identity.pem + identity.key_pem)
        self.ca_file = self.folder / "ca.pem"
        self.ca_file.write_text(authority.pem)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                site.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(site.answers.pop(0) if site.answers else 204)
                if site.location:
                    self.send_header("Location", site.location)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "site.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.server.server_port}/hooks?from=gatepost"

    def receiver(self, *events: str) -> Receiver:
        return Receiver("tickets", self.url, (SECRET,), frozenset(events), self.ca_file)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()
