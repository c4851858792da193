"""The process behind `gatepost serve`: its signals, its hourly work, and what it tells systemd."""

import os
import queue
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway import logs
from gateway.app import Gateway
from gateway.config import Config
from gateway.core.errors import SetupError
from gateway.processes import sandbox
from gateway.processes.thrift import share_one_arena
from gateway.store.durable import locked
from gateway.wiring.stored import opened

FIRST_MAINTENANCE_SECONDS = 30.0
STOP_SIGNALS = ("SIGTERM", "SIGINT")
MAINTENANCE_SECONDS = 3600.0


def serve(config: Config, environ: Mapping[str, str] = os.environ) -> int:
    """Run until SIGTERM or SIGINT; SIGHUP reloads the policy. Exit code. Raises SetupError, FaultyFiles."""
    wishes = _signals()
    sandbox.leave_no_core()
    share_one_arena()
    config.milter.spool_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one(config.store.folder), opened(config, environ) as stored:
        gateway = Gateway(config, stored)
        gateway.start()
        _tell_systemd("READY=1")
        cause = _run(gateway, wishes)
        _tell_systemd("STOPPING=1")
        gateway.stop(cause)
    return 0 if cause in STOP_SIGNALS else 1


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """The journal takes an open attempt of its own name for one of a process that is gone: so there is only one."""
    try:
        with locked(folder / "serve.lock", wait=False):
            yield
    except BlockingIOError:
        raise SetupError(f"another gatepost serves with {folder}: stop it first, or set store.folder") from None


def _signals() -> "queue.SimpleQueue[str]":
    """A queue of the names of the signals that come. Handlers run in the main thread, which libmilter leaves alone."""
    wishes: queue.SimpleQueue[str] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: wishes.put(signal.Signals(number).name))
    return wishes


def _run(gateway: Gateway, wishes: "queue.SimpleQueue[str]") -> str:
    """Obey signals until one says stop, or libmilter has given up; the cause."""
    next_maintenance = time.monotonic() + FIRST_MAINTENANCE_SECONDS
    while gateway.is_well:
        _tell_systemd("WATCHDOG=1")
        try:
            wish = wishes.get(timeout=1.0)
        except queue.Empty:
            wish = ""
        if wish == "SIGHUP":
            _tell_systemd(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
            logs.guarded("reload", gateway.reload)
            _tell_systemd("READY=1")
        elif wish:
            return wish
        if time.monotonic() >= next_maintenance:
            next_maintenance = time.monotonic() + MAINTENANCE_SECONDS
            threading.Thread(target=logs.guarded, args=("maintenance", gateway.maintain), daemon=True).start()
    return "milter-ended"


def _tell_systemd(state: str) -> None:
    """sd_notify(3), where systemd asked for it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
        notify.settimeout(1.0)  # a manager that does not read must not keep us from our work
        notify.connect("\0" + address[1:] if address.startswith("@") else address)
        notify.send(state.encode())
