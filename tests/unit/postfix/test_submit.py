"""gateway.postfix.submit, against a real SMTP server on loopback"""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.demo.sink import Sink
from gateway.postfix.submit import SubmitFailed, Submitter, SubmitUncertain


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def submitter(port: int) -> Submitter:
    return Submitter("127.0.0.1", port, "mail.clinic.example", timeout=10)


def test_the_message_arrives_byte_for_byte_for_all_recipients(sink: Sink) -> None:
    """Dots, 8-bit bytes and long lines are as they were; the envelope is the one given."""
    octets = b"Subject: \xe9\r\n\r\n.\r\n..dot\r\n" + b"x" * 2000 + b"\r\n\x00\xff\r\n"
    submitter(sink.port).submit("a@clinic.example", ["b@x.example", "c@x.example"], [octets[:9], octets[9:]])

    (delivery,) = sink.wait_for(1)
    assert delivery.mail_from == "a@clinic.example"
    assert delivery.recipients == ("b@x.example", "c@x.example")
    assert delivery.octets == octets


def test_the_largest_size_is_what_the_listener_announces(sink: Sink) -> None:
    """RFC 1870: the number after SIZE."""
    assert submitter(sink.port).largest() == 1 << 30


def test_the_null_reverse_path_stays_null(sink: Sink) -> None:
    """A notice is sent from <>, so that it is never answered."""
    submitter(sink.port).submit("", ["b@x.example"], [b"\r\n"])

    assert sink.wait_for(1)[0].mail_from == ""


def test_an_international_address_goes_as_smtputf8(sink: Sink) -> None:
    """An address outside ASCII arrives as it is (RFC 6531)."""
    submitter(sink.port).submit("a@clinic.example", ["jörg@bücher.example"], [b"\r\n"])

    assert sink.wait_for(1)[0].recipients == ("jörg@bücher.example",)


def test_an_international_address_goes_without_the_extension_where_there_is_none(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postfix with `smtputf8_enable = no` took the octets from the client, and takes them from us."""
    monkeypatch.setattr("gateway.demo.sink.EXTENSIONS", ("sink.example", "8BITMIME"))

    submitter(sink.port).submit("müller@clinic.example", ["jörg@bücher.example"], [b"\r\n"])

    (delivery,) = sink.wait_for(1)
    assert (delivery.mail_from, delivery.recipients) == ("müller@clinic.example", ("jörg@bücher.example",))


def test_a_refused_recipient_means_that_nobody_gets_it(sink: Sink) -> None:
    """All recipients or none; the text tells the code and no address."""
    sink.on_recipient = lambda address: b"450 4.2.0 not now"

    with pytest.raises(SubmitFailed, match="450") as caught:
        submitter(sink.port).submit("a@clinic.example", ["b@x.example"], [b"\r\n"])

    assert "b@x.example" not in str(caught.value)
    assert sink.deliveries == ()


def test_a_connection_lost_after_the_last_dot_is_neither_taken_nor_refused() -> None:
    """Whoever would send again by itself must not: the server may have the message (RFC 1047)."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as threads:
        threads.submit(_hang_up_after_the_dot, listener)

        with pytest.raises(SubmitUncertain):
            submitter(listener.getsockname()[1]).submit(
                "a@clinic.example", ["b@x.example"], [b"Subject: x\r\n\r\n.\r\n"]
            )


def _hang_up_after_the_dot(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 x.example\r\n")
        for line in lines:
            if line == b".\r\n":
                return
            if line[:4].upper() in (b"EHLO", b"MAIL", b"RCPT"):
                connection.sendall(b"250 ok\r\n")
            if line[:4].upper() == b"DATA":
                connection.sendall(b"354 go on\r\n")


def test_a_listener_that_is_away_is_our_failure() -> None:
    """No connection is a SubmitFailed that names the listener."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(SubmitFailed, match=str(port)):
            submitter(port).submit("a@clinic.example", ["b@x.example"], [b"\r\n"])
