"""How Postfix has to reach Gatepost and how Gatepost reaches Postfix, in Postfix's words."""

from dataclasses import dataclass
from pathlib import Path

from gateway.config import Config

CONTENT_SLACK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Wish:
    """`socket` as main.cf writes it, absolute. Sizes in bytes, times in seconds."""

    socket: str
    submit_host: str
    submit_port: int
    listener: str  # milter_macro_daemon_name of the loopback listener
    largest_message: int
    content_timeout: int
    status: str = ""  # URL of /readyz
    before: str = ""  # address of the milter that ours goes before; "": chosen
    lanes: tuple[str, ...] = ()  # TLS lanes that Postfix is to know
    lane_header: str = "X-Gatepost-Lane"
    include: tuple[str, ...] = ()  # listeners whose milters are switched off, to be filtered all the same

    @property
    def socket_path(self) -> Path | None:
        kind, _, rest = self.socket.partition(":")
        return Path(rest) if kind == "unix" else None

    def address_for(self, queue: Path) -> str:
        """Below the queue directory the path is written from there on, which is right in a chroot and outside."""
        path = self.socket_path
        if path is not None and path.is_relative_to(queue):
            return f"unix:{path.relative_to(queue)}"
        return self.socket

    def milter_for(self, queue: Path) -> str:
        """The entry of a milter list. Its settings hold for this milter alone, so that others keep theirs."""
        return (
            f"{{ {self.address_for(queue)}, default_action=tempfail, protocol=6, "
            f"content_timeout={self.content_timeout}s }}"
        )


def wish_of(config: Config, *, before: str = "", include: tuple[str, ...] = (), lanes: tuple[str, ...] = ()) -> Wish:
    """From gatepost.yaml. `lanes` come on top of those that it says Postfix has."""
    deadline = config.workers.deadline_seconds + config.postfix.timeout_seconds
    return Wish(
        socket=_in_postfix_words(config.milter.socket),
        submit_host=config.postfix.submit_host,
        submit_port=config.postfix.submit_port,
        listener=config.milter.loopback_listener,
        largest_message=config.milter.max_message_bytes,
        content_timeout=max(300, int(2 * deadline) + CONTENT_SLACK_SECONDS),
        status=f"http://{config.status.host}:{config.status.port}/readyz" if config.status.port else "",
        before=before,
        lanes=tuple(dict.fromkeys((*config.postfix.lanes, *lanes))),
        lane_header=config.postfix.lane_header,
        include=include,
    )


def _in_postfix_words(socket: str) -> str:
    """libmilter writes inet:PORT@HOST, Postfix inet:HOST:PORT."""
    kind, _, rest = socket.partition(":")
    if kind == "unix":
        return socket
    port, _, host = rest.partition("@")
    return f"inet:[{host.strip('[]')}]:{port}" if kind == "inet6" or ":" in host else f"inet:{host}:{port}"
