"""The Dovecot authentication protocol, as Postfix speaks it."""

import base64
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.sasl import SaslServer


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # short: unix sockets
        path = Path(folder) / "auth"
        server = SaslServer(path, {"nurse": "correct horse"})
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(path))
            yield client
        server.close()


def say(connection: socket.socket, response: bytes) -> str:
    """What the server answers to one AUTH request; its greeting is read first."""
    connection.sendall(b"VERSION\t1\t1\nCPID\t1\nAUTH\t7\tPLAIN\tservice=smtp\tresp=" + response + b"\n")
    with connection.makefile("r", encoding="utf-8") as lines:
        greeting = [line.partition("\t")[0].strip() for line in iter(lines.readline, "DONE\n")]
        assert greeting[0] == "VERSION"
        assert "MECH" in greeting
        return lines.readline().strip()


def test_right_password_is_taken(connection: socket.socket) -> None:
    """OK, with the name of the user."""
    assert say(connection, base64.b64encode(b"\0nurse\0correct horse")) == "OK\t7\tuser=nurse"


WRONG = {
    "another password": base64.b64encode(b"\0nurse\0wrong"),
    "an unknown user": base64.b64encode(b"\0doctor\0correct horse"),
    "no password": base64.b64encode(b"\0nurse\0"),
    "another form": base64.b64encode(b"nurse"),
    "no base64": b"@@@",
    "no text": base64.b64encode(b"\0\xff\0\xff"),
}


@pytest.mark.parametrize("response", WRONG.values(), ids=WRONG.keys())
def test_anything_else_is_refused(connection: socket.socket, response: bytes) -> None:
    """FAIL, and the connection lives."""
    assert say(connection, response).startswith("FAIL\t7\t")
