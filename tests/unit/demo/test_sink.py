"""The SMTP sink keeps envelope and exact bytes."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from gateway.demo.client import converse
from gateway.demo.sink import Delivery, Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


BODIES = (b"", b".\r\n", b"..\r\n", b".\r\n.\r\n", b"\r\n.x\r\n", b"\xff\x00\r\n", b"x" * 600_000 + b"\r\n")


@pytest.mark.parametrize("body", BODIES)
def test_every_byte_arrives(sink: Sink, body: bytes) -> None:
    """Dots, NUL, 8-bit bytes and long lines come out as they went in."""
    raw = b"Subject: x\r\n\r\n" + body
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.ehlo()
        said = converse(client, "nurse@clinic.example", ["a@outside.example", "b@outside.example"], raw)

    assert said.final.code == 250
    assert sink.wait_for(1) == (Delivery("nurse@clinic.example", ("a@outside.example", "b@outside.example"), raw),)


def test_international_addresses_are_kept(sink: Sink) -> None:
    """SMTPUTF8 (RFC 6531)."""
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.ehlo()
        converse(client, "müller@clinic.example", ["josé@correo.example"], b"\r\n")

    assert sink.wait_for(1)[0].recipients == ("josé@correo.example",)


def test_refused_recipient_gets_nothing(sink: Sink) -> None:
    """The reply of `on_recipient` is what the client hears; the others are served."""
    sink.on_recipient = lambda address: b"450 4.2.0 not now" if address.startswith("b") else b""
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.ehlo()
        said = converse(client, "nurse@clinic.example", ["a@outside.example", "b@outside.example"], b"\r\n")

    assert [reply.code for reply in said.recipients] == [250, 450]
    assert sink.wait_for(1)[0].recipients == ("a@outside.example",)


def test_message_that_was_not_finished_is_not_kept(sink: Sink) -> None:
    """A client that leaves before the final dot has delivered nothing."""
    with socket.create_connection(("127.0.0.1", sink.port)) as client:
        client.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhalf")
    with smtplib.SMTP("127.0.0.1", sink.port) as other:
        other.ehlo()
        converse(other, "nurse@clinic.example", ["a@outside.example"], b"\r\n")

    assert [delivery.mail_from for delivery in sink.wait_for(1)] == ["nurse@clinic.example"]


def test_pipelined_commands_and_messages_are_told_apart(sink: Sink) -> None:
    """RFC 2920: what follows the final dot in the same packet is the next command."""
    one = b"MAIL FROM:<>\r\nRCPT TO:<a@d.example>\r\nDATA\r\n.\r\n"
    two = b"MAIL FROM:<x@d.example>\r\nRCPT TO:<b@d.example>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n"
    with socket.create_connection(("127.0.0.1", sink.port)) as client:
        client.sendall(b"EHLO x\r\n" + one + two)
        while client.recv(4096):
            pass

    assert sink.deliveries == (
        Delivery("", ("a@d.example",), b""),
        Delivery("x@d.example", ("b@d.example",), b"hello\r\n"),
    )


def test_received_fields_are_taken_off_with_their_folded_lines() -> None:
    """`message` is what the sender wrote; a Received field further down stays."""
    octets = b"Received: one\r\n\tfolded\r\nReceived: two\r\nSubject: x\r\nReceived: kept\r\n\r\nbody\r\n"

    assert Delivery("", (), octets).message == b"Subject: x\r\nReceived: kept\r\n\r\nbody\r\n"


def test_waiting_for_more_than_comes_fails(sink: Sink) -> None:
    """TimeoutError instead of an endless wait."""
    with pytest.raises(TimeoutError):
        sink.wait_for(1, seconds=0.05)
