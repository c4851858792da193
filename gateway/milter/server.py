"""Listens for Postfix through libmilter."""

import grp
import os
import socket
import stat
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import Milter
import milter

from gateway.core.errors import SetupError
from gateway.milter.session import AnswersData, Collecting, Connection, Judge


@dataclass(frozen=True, slots=True)
class MilterSettings:
    """`socket` is "unix:PATH" or "inet:PORT@HOST"; `timeout` in seconds of silence of Postfix."""

    socket: str
    mode: int = 0o660
    group: str = ""
    timeout: int = 7210


class MilterServer:
    """libmilter in a thread of its own, so that signals stay with the main thread."""

    def __init__(self, settings: MilterSettings, judge: Judge, collecting: Collecting) -> None:
        self._settings = settings
        self._judge = judge
        self._collecting = collecting
        self._thread = threading.Thread(target=self._run, name="libmilter", daemon=True)
        self.failed = False

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        """Open the socket and begin to serve. Raises SetupError."""
        kind = _connection_class(self._settings.socket)
        _register(partial(kind, self._judge, self._collecting), kind)
        self._refuse_taken_socket()
        milter.setconn(self._settings.socket)
        milter.settimeout(self._settings.timeout)
        before = os.umask(0o777)  # nobody connects before the mode is set
        try:
            milter.opensocket(True)  # removes a socket that a crash left behind
        except milter.error as error:
            raise SetupError(f"the milter socket {self._settings.socket} cannot be opened: {self._hint()}") from error
        finally:
            os.umask(before)
        self._set_mode()
        self._thread.start()

    def _run(self) -> None:
        try:
            milter.main()
        except milter.error:
            self.failed = True

    def stop(self) -> None:
        """Take no more connections. libmilter itself needs up to five seconds for it; nobody has to wait."""
        path = self._path()
        if path is not None:
            path.unlink(missing_ok=True)
        if self._thread.is_alive():
            threading.Thread(target=milter.stop, name="libmilter-stop", daemon=True).start()

    def _path(self) -> Path | None:
        scheme, _, rest = self._settings.socket.partition(":")
        return Path(rest) if scheme in ("unix", "local") else None

    def _refuse_taken_socket(self) -> None:
        path = self._path()
        if path is None or not path.exists():
            return
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise SetupError(f"{path} exists and is no socket: remove it, or set milter.socket to another path")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(path))
            except OSError:
                return
        raise SetupError(f"another process serves {path}: stop it first, or set milter.socket to another path")

    def _hint(self) -> str:
        """What to look at: libmilter does not say why."""
        path = self._path()
        if path is None:
            return "is the port taken, or is that address none of this machine?"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}: make it, or set milter.socket to another path"
        return f"this user has to be allowed to write into {path.parent}, and the whole path may have 107 bytes"

    def _set_mode(self) -> None:
        path = self._path()
        if path is None:
            return
        try:
            if self._settings.group:
                os.chown(path, -1, grp.getgrnam(self._settings.group).gr_gid)
            path.chmod(self._settings.mode)
        except (KeyError, OSError) as error:
            raise SetupError(
                f"the milter socket {path} cannot be given to group {self._settings.group!r}: "
                "set milter.socket-group to a group that exists and that this user is in"
            ) from error


def _connection_class(name: str) -> type[Connection]:
    return Connection if name.startswith(("unix:", "local:", "/")) else AnswersData


def _register(factory: Any, kind: type[Connection]) -> None:
    Milter.factory = factory
    milter.set_flags(Milter.ADDHDRS | Milter.CHGHDRS | Milter.CHGBODY | Milter.DELRCPT)
    milter.set_exception_policy(Milter.TEMPFAIL)
    milter.set_connect_callback(Milter.connect_callback)
    milter.set_helo_callback(lambda ctx, host: ctx.getpriv().hello(host))
    milter.set_envfrom_callback(lambda ctx, *words: ctx.getpriv().envfrom_bytes(*words))
    milter.set_envrcpt_callback(lambda ctx, *words: ctx.getpriv().envrcpt_bytes(*words))
    milter.set_header_callback(lambda ctx, name, value: ctx.getpriv().header(name, value))
    milter.set_eoh_callback(lambda ctx: ctx.getpriv().eoh())
    milter.set_body_callback(lambda ctx, chunk: ctx.getpriv().body(chunk))
    milter.set_eom_callback(lambda ctx: ctx.getpriv().eom())
    milter.set_abort_callback(lambda ctx: ctx.getpriv().abort())
    milter.set_close_callback(Milter.close_callback)
    data = (lambda ctx: ctx.getpriv().data()) if kind is AnswersData else None
    milter.register("gatepost", data=data, negotiate=Milter.negotiate_callback)


# The heir first: pymilter keeps the mask of wanted steps on the class, where an heir would find its parent's.
Milter.header_leading_space(AnswersData)
Milter.header_leading_space(Connection)
