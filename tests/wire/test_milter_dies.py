"""The gateway itself is killed in the middle of a message: the client keeps it, nothing is lost, nothing is doubled."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.service import descendants
from gateway.demo.sink import Delivery, Sink
from gateway.demo.site import Site
from tests.makers import signals


@pytest.fixture
def postbox() -> Iterator[Sink]:
    """Stands where Postfix's loopback listener is, so that a test decides when it answers."""
    with Sink() as sink:
        yield sink


def recipients(*deliveries: Delivery) -> Counter[str]:
    return Counter(address for delivery in deliveries for address in delivery.recipients)


def test_killed_while_a_worker_has_the_message(build_site: Callable[..., Site]) -> None:
    """451, nothing delivered; after a restart the retry gives exactly one copy, and no process is left over."""
    site = build_site()
    raw = letter("Good morning")
    below = descendants(site.gateway.pid)
    workers = site.gateway.workers()
    signals.stop(workers)

    with ThreadPoolExecutor(1) as client:
        sending = client.submit(site.send, raw, "a@outside.example")
        wait_until(site.gateway.is_busy, 30, "the worker has the message")
        site.gateway.kill()
        said = sending.result(60).final

    signals.go_on(workers)
    wait_until(lambda: not any(_runs(pid) for pid in below), 30, "the workers notice that their parent has gone")
    site.postfix.drain()
    assert said.code == 451
    assert site.sink.deliveries == ()

    site.gateway.start()
    assert site.send(raw, "a@outside.example").final.code == 250
    site.postfix.drain()
    assert recipients(*site.sink.wait_for(1)) == {"a@outside.example": 1}


def test_killed_in_the_middle_of_data(build_site: Callable[..., Site]) -> None:
    """The end of the message meets a milter that has gone: 4xx, nothing delivered, nothing kept."""
    site = build_site()
    with site.postfix.connect() as client:
        client.mail("nurse@clinic.example")
        client.rcpt("a@outside.example")
        client.docmd("DATA")
        client.send(letter("case-hold", b"first half\r\n"))
        site.gateway.kill()
        client.send(b"second half\r\n" * 10_000 + b".\r\n")
        code = client.getreply()[0]

    site.postfix.drain()
    assert 400 <= code < 500
    assert site.sink.deliveries == ()
    site.gateway.start()
    assert site.gateway.held() == 0


def test_killed_between_two_copies_gives_each_recipient_exactly_one(
    build_site: Callable[..., Site], postbox: Sink
) -> None:
    """One copy was handed over, the next was not yet: the retry hands over only what is missing."""
    site = build_site({"postfix": {"submit-port": postbox.port}})
    raw = letter("case-copies")
    everybody = ["1@a.example", "1@b.example", "1@c.example"]
    asked, go_on = threading.Event(), threading.Event()

    def second_waits(address: str) -> bytes:
        if postbox.deliveries:
            asked.set()
            go_on.wait(30)
            return b"450 4.2.0 the one who asked has gone"
        return b""

    postbox.on_recipient = second_waits
    with ThreadPoolExecutor(1) as client:
        sending = client.submit(site.send, raw, *everybody)
        assert asked.wait(30), "the second copy was never handed over"
        site.gateway.kill()
        go_on.set()
        said = sending.result(60).final
    site.postfix.drain()
    assert said.code == 451
    assert site.sink.deliveries == ()
    assert len(postbox.deliveries) == 1

    postbox.on_recipient = lambda _: b""
    site.gateway.start()
    assert site.send(raw, *everybody).final.code == 250
    site.postfix.drain()
    assert recipients(*site.sink.deliveries, *postbox.deliveries) == Counter(everybody)


def test_refused_copy_defers_and_is_not_repeated(build_site: Callable[..., Site], postbox: Sink) -> None:
    """Postfix does not take one copy: 451 for the whole message, and the retry repeats no copy that went."""
    site = build_site({"postfix": {"submit-port": postbox.port}})
    raw = letter("case-copies")
    everybody = ["1@a.example", "1@b.example", "1@c.example"]

    postbox.on_recipient = lambda _: b"450 4.2.0 not now" if postbox.deliveries else b""
    first = site.send(raw, *everybody).final
    site.postfix.drain()
    assert first.code == 451
    assert site.sink.deliveries == ()

    postbox.on_recipient = lambda _: b""
    assert site.send(raw, *everybody).final.code == 250
    site.postfix.drain()
    assert recipients(*site.sink.deliveries, *postbox.deliveries) == Counter(everybody)


def test_message_sent_again_on_purpose_arrives_again(build_site: Callable[..., Site]) -> None:
    """A second sending of the same message after a 250 is a new message: nobody has asked us to drop it."""
    site = build_site()
    raw = letter("case-copies")
    everybody = ["1@a.example", "1@b.example"]

    codes = [site.send(raw, *everybody).final.code for _ in range(2)]

    site.sink.wait_for(4)
    assert codes == [250, 250]
    assert recipients(*site.sink.deliveries) == dict.fromkeys(everybody, 2)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
