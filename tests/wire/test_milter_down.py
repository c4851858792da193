"""Gatepost is not there: Postfix defers, and nothing leaves unseen."""

from collections.abc import Callable

from gateway.demo.letters import letter
from gateway.demo.site import Site


def test_postfix_defers_while_the_gateway_is_down(build_site: Callable[..., Site]) -> None:
    """451 4.7.1 from Postfix itself; the same client succeeds when the gateway is back."""
    site = build_site()
    raw = letter("Good morning")

    assert site.gateway.stop() == 0
    down = site.send(raw, "a@outside.example").final
    site.postfix.drain()
    assert (down.code, down.enhanced) == (451, "4.7.1")
    assert site.sink.deliveries == ()

    site.gateway.start()
    assert site.send(raw, "a@outside.example").final.code == 250
    assert len(site.sink.wait_for(1)) == 1


def test_local_mail_waits_while_the_gateway_is_down(build_site: Callable[..., Site]) -> None:
    """sendmail(1) keeps the message in Postfix's queue; it is judged and delivered when the gateway is back."""
    site = build_site()
    site.gateway.stop()

    assert site.postfix.sendmail("root@clinic.example", ["a@outside.example"], b"Subject: case-tag\n\nok\n") == 0
    assert site.sink.deliveries == ()

    site.gateway.start()
    site.postfix.flush()
    assert b"Subject: [External] case-tag" in site.sink.wait_for(1, seconds=120)[0].octets


def test_socket_that_a_crash_left_behind_does_not_stop_a_start(build_site: Callable[..., Site]) -> None:
    """After SIGKILL the socket file is still there; the next start takes it over."""
    site = build_site()
    site.gateway.kill()

    site.gateway.start()

    assert site.send(letter("Good morning"), "a@outside.example").final.code == 250
