"""A client of the milter's socket that is no Postfix: nothing passes, nothing stays behind, nothing dies."""

from pathlib import Path
from random import Random

import pytest

from gateway.demo.ports import wait_until
from gateway.demo.site import Site
from tests.makers.mta import Mta, begun, odd_message

SESSIONS, MESSAGES = 6, 6


def milter(site: Site) -> Path:
    return site.folder / "gateway" / "run" / "milter.sock"


def open_files(site: Site) -> int:
    return len(list(Path(f"/proc/{site.gateway.pid}/fd").iterdir()))


def nothing_in_hand(site: Site) -> None:
    wait_until(lambda: site.gateway.metrics()["gatepost_messages_in_flight"] == 0, 30, "nothing is in hand")


@pytest.mark.parametrize("seed", range(3))
def test_odd_messages_are_held_like_any_other(site: Site, seed: int) -> None:
    """Whatever they look like and wherever they are given up: the rule that holds them does, and no other goes out."""
    chance = Random(seed)
    held, before = site.gateway.held(), open_files(site)
    answers = []
    for session in range(SESSIONS):
        mta = Mta(milter(site))
        mta.hello(chance.choice((b"client.example", b"", b"h\xc3\xb6st", b"x" * 5_000)))
        answers += [odd_message(mta, chance, b"case-hold %d.%d.%d" % (seed, session, at)) for at in range(MESSAGES)]
        mta.drop()

    nothing_in_hand(site)
    assert set(answers) <= {"", "d"}
    assert answers.count("d") > MESSAGES
    assert site.gateway.held() - held == answers.count("d")
    assert open_files(site) <= before + 2
    assert not any("Traceback" in line for line in site.gateway.log_lines())


def test_octets_that_are_no_text_in_macros_are_no_failure(site: Site) -> None:
    """An id and a login that are no UTF-8: the message is decided as any other."""
    mta = Mta(milter(site))
    mta.hello()
    begun(mta, b"case-block")
    mta.macros("E", {b"i": b"\xff", b"{auth_authen}": b"n\xfcrse", b"{daemon_name}": b"\xfe"})

    assert mta.end() == "550"
    assert not any("Traceback" in line for line in site.gateway.log_lines())
    mta.drop()


@pytest.mark.parametrize("octets", [b"\0\0\0\0", b"\xff\xff\xff\xffB", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x01E" * 50])
def test_what_is_no_milter_protocol_harms_nobody(site: Site, octets: bytes) -> None:
    """The connection ends or hears nothing; the next client is served."""
    stranger = Mta(milter(site))
    stranger.hello()
    stranger.say("M", b"<ada@clinic.example>\0")
    stranger.say("R", b"<bo@outside.example>\0")
    stranger.raw(octets)
    stranger.drop()

    nothing_in_hand(site)
    mta = Mta(milter(site))
    mta.hello()
    begun(mta, b"case-block")
    assert mta.end() == "550"
    mta.drop()


def test_a_client_that_goes_before_the_answer_loses_nothing(site: Site) -> None:
    """What it wanted held is held, or will be when it comes again; its message is nobody's in hand."""
    mta = Mta(milter(site))
    mta.hello()
    begun(mta, b"case-hold, and gone")
    mta.send("E")
    mta.drop()

    nothing_in_hand(site)
    site.postfix.drain()
    assert site.sink.deliveries == ()
