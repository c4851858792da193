"""Two gateways on one database and one object store, behind one Postfix with HAProxy in between."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.demo.guard import Guard
from gateway.demo.ports import LOOPBACK, PortHold, answers, wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.service import Service, Settings
from gateway.demo.sink import Sink
from gateway.demo.site import private_folder

# As docs/cluster.md has it, with times that a test can wait for
HAPROXY = """\
global
  maxconn 1000
defaults
  mode tcp
  timeout connect 2s
  timeout client 2h
  timeout server 2h
  option redispatch
  retries 3
listen gatepost
  bind 127.0.0.1:{port}
  balance leastconn
  default-server check inter 200ms fall 1 rise 1 on-marked-down shutdown-sessions
  server mx1 127.0.0.1:{first}
  server mx2 127.0.0.1:{second} {role}
"""


@dataclass
class Pair:
    """`gateways` have folders of their own and the same keyring."""

    postfix: PrivatePostfix
    sink: Sink
    gateways: tuple[Service, Service]


@contextmanager
def pair(rules: Path, shared: Settings, first_launcher: Sequence[str] = (), *, apart: bool = False) -> Iterator[Pair]:
    """Everything started; stopped at the end. `shared` are the settings of both.

    `first_launcher`: what starts the first gateway, which then has all mail while it lives. `apart`: each takes the
    Postfix for another one than the other does, as if its log were not to be seen from there.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder("gp-"))
        sink = stack.enter_context(Sink())
        holds = [PortHold() for _ in range(3)]
        for hold in holds:
            stack.callback(hold.close)
        front, *back = (hold.port for hold in holds)
        postfix = PrivatePostfix(folder / "postfix", Wiring(sink.port, milter=f"inet:{LOOPBACK}:{front}"))
        stack.callback(postfix.close)
        services: list[Service] = []
        for number, port in enumerate(back, 1):
            service = Service(
                folder / f"gateway{number}",
                rules,
                postfix.loopback_port,
                _settings(shared, postfix, f"mx{number}", port, f"p{number}" if apart else "p"),
                postfix.log,
            )
            stack.callback(service.close)
            if services:
                _give_keyring(services[0], service)
            elif first_launcher:
                service.launcher = first_launcher
            postfix.log.parent.mkdir(exist_ok=True)
            service.start()
            services.append(service)
        stack.enter_context(_haproxy(folder, front, *back, backup=bool(first_launcher)))
        postfix.start()
        yield Pair(postfix, sink, (services[0], services[1]))


def _settings(
    shared: Settings, postfix: PrivatePostfix, name: str, port: int, postfix_name: str
) -> dict[str, dict[str, object]]:
    own: dict[str, dict[str, object]] = {
        "milter": {"socket": f"inet:{port}@{LOOPBACK}"},
        "store": {"gateway": name},
        "postfix": {"config-folder": str(postfix.config), "lanes": [], "name": postfix_name},
        "workers": {"count": 1},
    }
    return {section: {**shared.get(section, {}), **own.get(section, {})} for section in {**shared, **own}}


def _give_keyring(first: Service, second: Service) -> None:
    """As an administrator copies it from one machine to the other."""
    for made in (second.folder, second.state):
        made.mkdir(mode=0o700)
    shutil.copy2(first.state / "keyring.json", second.state / "keyring.json")


@contextmanager
def _haproxy(folder: Path, port: int, first: int, second: int, *, backup: bool) -> Iterator[None]:
    file = folder / "haproxy.cfg"
    file.write_text(HAPROXY.format(port=port, first=first, second=second, role="backup" if backup else ""))
    process: subprocess.Popen[Any] = subprocess.Popen(
        ["haproxy", "-db", "-q", "-f", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    guard = Guard(process.pid)
    try:
        wait_until(lambda: answers(port), 20, "HAProxy answers")
        yield
    finally:
        guard.dismiss()
        process.terminate()
        process.wait(20)
