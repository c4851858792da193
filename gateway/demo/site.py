"""A whole mail site on loopback: clients' Postfix, Gatepost as its milter, and the next hop, in one folder."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.client import Dialogue
from gateway.demo.lasting import Lasting
from gateway.demo.ports import LOOPBACK, PortHold
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.service import Service, Settings
from gateway.demo.sink import Sink


@dataclass(frozen=True, slots=True)
class Layout:
    """How a site is built. `rules` holds policy.yaml; `tcp`: the milter's socket is TCP instead of unix."""

    rules: Path
    settings: Settings | None = None  # of gatepost.yaml
    users: Mapping[str, str] | None = None  # for SMTP AUTH, name to password
    main_cf: Sequence[str] = ()  # more lines
    tcp: bool = False
    lane_hop: str = ""  # where the TLS lanes lead, in Postfix's notation
    services: Sequence[str] = ()  # more lines for master.cf
    around: Sequence[str] = ()  # a command that starts another, put before the one that starts Postfix
    signer: str = ""  # a milter that signs, behind Gatepost and on the loopback listener


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A folder below /tmp, gone afterwards. Its path is short, for unix sockets, and open to the user postfix."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Site(Lasting):
    """Context manager: on exit every process it started has ended and its folder is gone."""

    def __init__(self, layout: Layout, prefix: str = "gatepost-") -> None:
        self._stack = ExitStack()
        self.folder = self._stack.enter_context(private_folder(prefix))
        self.sink = self._stack.enter_context(Sink())
        ours, theirs = self._socket(tcp=layout.tcp)
        wiring = Wiring(
            self.sink.port,
            milter=theirs,
            users=layout.users,
            settings=layout.main_cf,
            lane_hop=layout.lane_hop,
            services=layout.services,
            signer=layout.signer,
            around=layout.around,
        )
        self.postfix = PrivatePostfix(self.folder / "postfix", wiring)
        self._stack.callback(self.postfix.close)
        settings = dict(layout.settings or {})
        settings["milter"] = {"socket": ours, **settings.get("milter", {})}
        settings["postfix"] = {"config-folder": str(self.postfix.config), **settings.get("postfix", {})}
        self.gateway = Service(
            self.folder / "gateway", layout.rules, self.postfix.loopback_port, settings, self.postfix.log
        )
        self._stack.callback(self.gateway.close)

    def start(self) -> None:
        """The gateway first: Postfix asks it from its first message on."""
        self.gateway.start()
        self.postfix.start()

    def close(self) -> None:
        self._stack.close()

    def send(
        self, raw: bytes, *recipients: str, mail_from: str = "nurse@clinic.example", auth: tuple[str, str] | None = None
    ) -> Dialogue:
        """One message by the submission listener, in a connection of its own."""
        return self.postfix.send(mail_from, recipients, raw, auth)

    def _socket(self, *, tcp: bool) -> tuple[str, str]:
        """The milter's address as gatepost.yaml writes it, and as main.cf writes it."""
        if not tcp:
            path = f"unix:{self.folder}/gateway/run/milter.sock"
            return path, path
        hold = PortHold()
        self._stack.callback(hold.close)
        return f"inet:{hold.port}@{LOOPBACK}", f"inet:{LOOPBACK}:{hold.port}"
