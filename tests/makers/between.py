"""Whoever stands between a client and a server on loopback: passes all on, or does what networks do."""

import socket
import threading
from contextlib import suppress

from gateway.demo.lasting import Lasting
from gateway.demo.ports import LOOPBACK

PIECE = 65_536


class Between(Lasting):
    """`hangs`: what is sent vanishes. `away`: nobody is there. `cut_after`: once octets with this have
    been passed on to the server, the client loses its connection before an answer comes; once."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.hangs = False
        self.away = False
        self.cut_after = b""
        self.cuts = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self.drop_all()

    def drop_all(self) -> None:
        """Every connection ends."""
        with self._lock:
            for each in self._open:
                _end(each)
            self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                if self.away:
                    client.close()
                    continue
                server = socket.create_connection((LOOPBACK, self._server_port))
                with self._lock:
                    self._open += [client, server]
                threading.Thread(target=self._pass_on, args=(client, server), kwargs={"up": True}, daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client), kwargs={"up": False}, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, *, up: bool) -> None:
        with suppress(OSError):
            while octets := source.recv(PIECE):
                if self.hangs:
                    continue
                if up and self.cut_after and self.cut_after in octets:
                    self.cut_after = b""
                    self.cuts += 1
                    _end(source)  # the client's side first: no answer reaches it
                    target.sendall(octets)
                    target.recv(PIECE)  # the server has done it
                    break
                target.sendall(octets)
        _end(source)
        _end(target)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
