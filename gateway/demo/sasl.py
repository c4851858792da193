"""Passwords for the private Postfix: the Dovecot authentication protocol, version 1, on a unix socket.

With it SMTP AUTH is real on the wire (`smtpd_sasl_type = dovecot`) and the milter gets a true `{auth_authen}`,
without a Dovecot or Cyrus installation. One mechanism, PLAIN (RFC 4616).
"""

import base64
import binascii
import hmac
import os
import secrets
import socketserver
import threading
from collections.abc import Mapping
from pathlib import Path


class SaslServer:
    """Answers on `path` until `close`. `users` are name to password."""

    def __init__(self, path: Path, users: Mapping[str, str]) -> None:
        self._server = _Server(str(path), dict(users))
        path.chmod(0o666)  # smtpd connects as the user postfix; the folder around it is the demo's own
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sasl", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, users: dict[str, str]) -> None:
        self.users = users
        super().__init__(path, _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        cookie = secrets.token_hex(16)
        for line in (
            "VERSION\t1\t1",
            "MECH\tPLAIN\tplaintext",
            f"SPID\t{os.getpid()}",
            "CUID\t1",
            f"COOKIE\t{cookie}",
            "DONE",
        ):
            self._say(line)
        for octets in self.rfile:
            fields = octets.decode("utf-8", "replace").rstrip("\n").split("\t")
            if fields[0] == "AUTH":
                self._authenticate(fields[1], fields[2:])

    def _authenticate(self, request: str, fields: list[str]) -> None:
        user, password = _credentials(next((f[5:] for f in fields if f.startswith("resp=")), ""))
        known = self.server.users.get(user)
        if known is not None and hmac.compare_digest(known.encode(), password.encode()):
            self._say(f"OK\t{request}\tuser={user}")
        else:
            self._say(f"FAIL\t{request}\tuser={user}\tcode=authfail")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\n")


def _credentials(response: str) -> tuple[str, str]:
    """User and password of a PLAIN response; two empty strings where it is none."""
    try:
        fields = base64.b64decode(response, validate=True).decode("utf-8").split("\0")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (fields[1], fields[2]) if len(fields) == 3 else ("", "")
