"""A portal as an administrator runs it, in a folder of its own: what waits, and an SMTP sink where codes arrive."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from gateway.config import Config, load_config
from gateway.demo.ports import PortHold, wait_until
from gateway.demo.sink import Sink
from gateway.lobby import Lobby, lobby
from gateway.pickup import NewPickup
from gateway.store.keyring import Keyring
from gateway.web.serving import Server, listening, server_settings

CODE = re.compile(r"^(\d{4}) (\d{4})\s*$", re.MULTILINE)


@dataclass
class Window:
    """Everything of one portal."""

    folder: Path
    config: Config
    sink: Sink
    lobby: Lobby

    @property
    def url(self) -> str:
        return self.config.portal.url

    def wait_for(self, recipient: str, raw: bytes) -> str:
        """Have a message wait; the secret of its link."""
        return self.lobby.desk.pickups.put(NewPickup(recipient, "nurse@clinic.example", "20261125-a"), raw).link

    def code(self, recipient: str) -> str:
        """The code that was mailed to them last, once it has come."""
        wait_until(lambda: bool(self.mails(recipient)), 20, "a mail with a code")
        found = CODE.search(self.mails(recipient)[-1])
        assert found
        return found[1] + found[2]

    def mails(self, recipient: str) -> list[str]:
        return [
            str(message_from_bytes(delivery.octets, policy=policy.default).get_content())
            for delivery in self.sink.deliveries
            if delivery.recipients == (recipient,)
        ]

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = []
        for path in sorted(self.config.audit.folder.glob("audit-*.jsonl")):
            found += [json.loads(line) for line in path.read_text().splitlines()]
        return [event for event in found if event["metadata"]["event_code"] == kind]


@contextmanager
def window(folder: Path) -> Iterator[Window]:
    """On a port of loopback, until the end of the block."""
    with closing(PortHold()) as hold, Sink() as sink:
        settings = {
            "store": {"folder": str(folder / "state")},
            "postfix": {"submit-port": sink.port},
            "portal": {
                "url": f"http://127.0.0.1:{hold.port}",
                "port": hold.port,
                "organization": "Riverside Family Clinic",
                "sender": "messages@clinic.example",
                "contact": "the clinic at +1 555 0100",
            },
        }
        (folder / "gatepost.yaml").write_text(json.dumps(settings))
        config = load_config(folder / "gatepost.yaml", {})
        Keyring.init(config.store.keyring)
        with lobby(config, {}) as wired, listening(config.portal, "portal") as listener:
            up = threading.Event()
            server = Server(server_settings(config.portal, "portal", wired.app), up.set)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            assert up.wait(20)
            try:
                yield Window(folder, config, sink, wired)
            finally:
                server.should_exit = True
                thread.join(20)


class Browser:
    """One without pictures: keeps cookies, sends forms with their token. `address`: the client's, of loopback."""

    def __init__(self, url: str, address: str, **headers: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"Sec-Fetch-Site": "same-origin", **headers},
            timeout=60,
            transport=httpx.HTTPTransport(local_address=address),
        )
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, path: str, method: str = "GET") -> httpx.Response:
        return self._keep(self._client.request(method, path, headers=self._cookie()))

    def leave_amid(self, path: str) -> None:
        """Close the connection once the answer has begun."""
        with self._client.stream("GET", path, headers=self._cookie()) as answer:
            assert answer.status_code == 200
            next(answer.iter_raw(1_024))

    def post(self, path: str, **fields: str) -> httpx.Response:
        data = {"form-token": self.token, **fields}
        return self._keep(self._client.post(path, data=data, headers=self._cookie()))

    def ask(self, link: str) -> httpx.Response:
        """Load the page, press the button."""
        self.get(f"/m/{link}")
        answer = self.post(f"/m/{link}/code")
        return self.get(f"/m/{link}/code") if answer.status_code == 303 else answer

    def open(self, link: str, code: str) -> httpx.Response:
        """Type a code in."""
        return self.post(f"/m/{link}/open", code=code)

    def forget(self, header: str) -> None:
        """Send it no more."""
        del self._client.headers[header]

    def close(self) -> None:
        self._client.close()

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        """Cookies that are Secure: httpx would not send them to a loopback address without TLS, browsers do."""
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        if found := re.search(r'name="form-token" value="([0-9a-f]{64})"', answer.text):
            self.token = found[1]
        return answer
