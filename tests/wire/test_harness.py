"""The private Postfix and the sink themselves, without a milter: what other tests rely on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.sink import Sink
from gateway.demo.site import private_folder

ODD = b"Subject: caf\xe9\r\nX-Raw: \xff\xfe\r\n\r\n.\r\n..two\r\n\xff\x80 8-bit\r\n" + b"x" * 70_000 + b"\r\n\r\n\r\n"


@pytest.fixture(scope="module")
def relay() -> Iterator[tuple[PrivatePostfix, Sink]]:
    with private_folder("gp-") as folder, Sink() as sink:
        wiring = Wiring(sink.port, users={"nurse": "correct horse"})
        with PrivatePostfix(folder / "postfix", wiring) as postfix:
            yield postfix, sink


@pytest.fixture(autouse=True)
def _emptied(relay: tuple[PrivatePostfix, Sink]) -> None:
    relay[0].drain()
    relay[1].clear()


def test_bytes_pass_unchanged_without_a_milter(relay: tuple[PrivatePostfix, Sink]) -> None:
    """Dots, 8-bit bytes and long lines arrive as they were sent, below one Received field."""
    postfix, sink = relay

    said = postfix.send("nurse@clinic.example", ["a@outside.example"], ODD)

    assert said.final.code == 250
    assert sink.wait_for(1)[0].message == ODD


def test_authentication_is_real(relay: tuple[PrivatePostfix, Sink]) -> None:
    """A right password is taken and named in Postfix's log; a wrong one is refused."""
    postfix, _ = relay

    postfix.send("nurse@clinic.example", ["a@outside.example"], ODD, auth=("nurse", "correct horse"))

    assert any("sasl_username=nurse" in line for line in postfix.log_lines())
    with postfix.connect() as client:
        client.user, client.password = "nurse", "wrong"
        assert client.docmd("AUTH", "PLAIN AG51cnNlAHdyb25n")[0] == 535


def test_local_submission_reaches_the_sink(relay: tuple[PrivatePostfix, Sink]) -> None:
    """sendmail(1) puts a message into the private queue."""
    postfix, sink = relay

    assert postfix.sendmail("root@clinic.example", ["a@outside.example"], b"Subject: report\n\nok\n") == 0
    assert sink.wait_for(1)[0].recipients == ("a@outside.example",)


def test_refused_mail_waits_in_the_queue_and_comes_later(relay: tuple[PrivatePostfix, Sink]) -> None:
    """A next hop that answers 450 gets the message when it says yes."""
    postfix, sink = relay
    sink.on_recipient = lambda _: b"450 4.2.0 not now"
    postfix.send("nurse@clinic.example", ["a@outside.example"], ODD)
    waiting = postfix.queue()
    sink.on_recipient = lambda _: b""
    postfix.flush()

    assert len(waiting) == 1
    assert sink.wait_for(1)[0].message == ODD


def test_postfix_stops_and_starts_again_with_its_queue(tmp_path: Path) -> None:
    """Every process ends with stop(); what was queued is delivered after the next start(), though a cleanup(8) that was
    ended left the file it was writing, of which postsuper(1) complains into the log."""
    with (
        private_folder("gp-") as folder,
        Sink() as sink,
        PrivatePostfix(folder / "postfix", Wiring(sink.port)) as postfix,
    ):
        sink.on_recipient = lambda _: b"450 4.2.0 not now"
        postfix.send("nurse@clinic.example", ["a@outside.example"], ODD)
        postfix.stop()
        left = [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _read(p)]
        (postfix.queue_folder / "incoming" / "71320.32578").touch(mode=0o600)
        sink.on_recipient = lambda _: b""
        postfix.start()

        assert left == []
        assert sink.wait_for(1)[0].message == ODD


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
