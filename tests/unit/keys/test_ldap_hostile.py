"""A directory server that is broken, or means harm: asked by the real program, it makes nobody reachable."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from gateway.demo.ports import LOOPBACK, PortHold
from gateway.keys.ldap import MEMORY, DirectoryServer
from gateway.keys.lookup import Lookup, Reach
from gateway.keys.names import Resolver
from gateway.keys.records import Source

pytestmark = pytest.mark.skipif(shutil.which("ldapsearch") is None, reason="ldapsearch is not installed")

ANN = "ann@partner.example"
BASE = "dc=partner,dc=example"
SECONDS = 2.0  # that the server has
Talk = Callable[[socket.socket], None]


def tlv(tag: int, octets: bytes) -> bytes:
    """BER (X.690) with a length of four octets."""
    return bytes((tag, 0x84)) + len(octets).to_bytes(4, "big") + octets


def message(number: int, tag: int, octets: bytes) -> bytes:
    return tlv(0x30, tlv(0x02, bytes((number,))) + tlv(tag, octets))


def result(number: int, tag: int, code: int, more: bytes = b"") -> bytes:
    return message(number, tag, tlv(0x0A, bytes((code,))) + tlv(0x04, b"") + tlv(0x04, b"") + more)


def entry(value: bytes, name: bytes = b"userCertificate;binary") -> bytes:
    attribute = tlv(0x30, tlv(0x04, name) + tlv(0x31, tlv(0x04, value)))
    return message(2, 0x64, tlv(0x04, b"mail=ann,dc=partner") + tlv(0x30, attribute))


LARGER = b"\x30\x84" + (2 * MEMORY).to_bytes(4, "big")  # the beginning of an answer so long
BOUND, DONE = result(1, 0x61, 0), result(2, 0x65, 0)


def says(*pieces: bytes, stays: bool = False) -> Talk:
    """Answers the bind with the first of the pieces and the search with the others, whatever is asked."""

    def talk(connection: socket.socket) -> None:
        for piece in pieces:
            connection.recv(65_536)
            connection.sendall(piece)
        if stays:
            connection.recv(1)

    return talk


def without_end(first: bytes, again: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        says(BOUND, first)(connection)
        while True:
            connection.sendall(again)

    return talk


def slowly(octets: bytes, stop: threading.Event) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        for octet in octets:
            connection.sendall(bytes((octet,)))
            if stop.wait(0.3):
                return

    return talk


@contextmanager
def serving(talk: Talk) -> Iterator[str]:
    """A server that talks so with everybody, until the end of the block; its URL."""
    listener = socket.create_server((LOOPBACK, 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"ldap://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


STOP = threading.Event()
FAILING = {
    "silent": says(b"", stays=True),
    "hangs up": lambda connection: None,
    "hangs up on the search": says(BOUND, b""),
    "no LDAP": says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "zeros": without_end(b"", bytes(65_536)),
    "drips": slowly(BOUND * 20, STOP),
    "refuses the name": says(result(1, 0x61, 49)),
    "is busy": says(BOUND, result(2, 0x65, 51)),
    "fails": says(BOUND, result(2, 0x65, 80)),
    "is cut within an entry": says(BOUND, entry(b"x" * 9_000)[:5_000]),
    "never ends an answer": says(BOUND, entry(b"x"), stays=True),
    "sends entries without end": without_end(b"", entry(b"x" * 30_000)),
    "claims a length that no memory has": says(BOUND, b"\x30\x84\x7f\xff\xff\xff" + b"x" * 9_000, stays=True),
    "sends an entry larger than the memory it may take": without_end(LARGER, bytes(65_536)),
    "sends an entry larger than is read": lambda connection: says(BOUND, entry(bytes(16 << 20)) + DONE)(connection),
}


def asked(office: Any, url: str) -> tuple[str, str]:
    """What the look-up came to, in the book."""
    reach = Reach(Resolver(LOOPBACK, 9, seconds=0.1), SECONDS, "client.example", ldap=DirectoryServer(url, BASE))
    lookup = Lookup(office.book, office.intake, [Source.LDAP], reach, 30.0)
    try:
        lookup.look_up([ANN], lambda: None)
    finally:
        lookup.close()
    (answer,) = office.book.answers_of([ANN])
    return answer.found, answer.reason


@pytest.mark.parametrize("kind", FAILING)
def test_a_server_that_does_harm_is_one_that_failed(office: Any, kind: str) -> None:
    """Within its time and its room; it is asked again later, and nobody counts as reachable by what it said."""
    with serving(FAILING[kind]) as url:
        found, reason = asked(office, url)

    assert (found, reason != "") == ("failed", True)
    assert "x" * 50 not in reason
    assert office.directory.means([ANN]) == {}


def test_a_server_that_is_away_failed(office: Any) -> None:
    """Nobody listens there."""
    hold = PortHold()
    assert asked(office, f"ldap://{LOOPBACK}:{hold.port}")[0] == "failed"
    hold.close()


@pytest.mark.parametrize(
    "answer",
    [
        DONE,
        entry(b"", b"mail") + DONE,
        entry(b"not a certificate") + DONE,
        entry(b"\x30\x82\xff\xff") + DONE,
        entry(b"x", b"userPKCS12") + DONE,
        result(2, 0x65, 32),
    ],
    ids=["nobody", "no value", "no certificate", "half of one", "another attribute", "no such place"],
)
def test_an_answer_without_a_usable_certificate_is_none(office: Any, answer: bytes) -> None:
    """Whatever else it holds."""
    with serving(says(BOUND, answer)) as url:
        assert asked(office, url)[0] in ("no", "yes")

    assert office.directory.means([ANN]) == {}


def test_a_referral_is_not_followed(office: Any) -> None:
    """It would take the question, and who is asked about, to a server of somebody else's choice."""
    heard: list[bytes] = []
    with serving(lambda connection: heard.append(connection.recv(100))) as elsewhere:
        referral = tlv(0xA3, tlv(0x04, f"{elsewhere}/{BASE}".encode()))
        reference = message(2, 0x73, tlv(0x04, f"{elsewhere}/{BASE}".encode()))
        for answer in (result(2, 0x65, 10, referral), reference + DONE):
            with serving(says(BOUND, answer)) as url, suppress(OSError):
                DirectoryServer(url, BASE).certificates(ANN, SECONDS)

    assert heard == []
