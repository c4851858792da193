"""Messages that no program should send: a verdict each, never a lost or silently passed one, never a traceback."""

import time

import pytest

from gateway.demo.letters import letter
from gateway.demo.site import Site


def nested(levels: int) -> bytes:
    """A multipart in a multipart in a multipart."""
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels)
    )
    return b"MIME-Version: 1.0\r\n" + opening + b"Content-Type: text/plain\r\n\r\nthe innermost\r\n"


def wrapped(levels: int) -> bytes:
    """A message in a message in a message."""
    return b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n" * levels + b"Subject: inner\r\n\r\ninnermost\r\n"


def many_parts(count: int) -> bytes:
    head = b'MIME-Version: 1.0\r\nSubject: parts\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    return head + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * count + b"--b--\r\n"


MESSAGES = {
    "no header at all": b"\r\njust a body\r\n",
    "no empty line": b"this is no header and no body either\r\n",
    "header only": b"Subject: alone\r\nFrom: nurse@clinic.example\r\n",
    "nothing": b"\r\n",
    "bare CR": b"Subject: x\r\n\r\none\rtwo\r\rthree\r\n",
    "bare LF": b"Subject: x\r\n\r\none\ntwo\n\nthree\r\n",
    "NUL in the body": b"Subject: x\r\n\r\none\x00two\x00\r\n",
    "NUL in the header": b"Subject: one\x00two\r\nX-\x00: y\r\n\r\nbody\r\n",
    "8-bit header": b"Subject: caf\xe9 \xff\xfe\r\nFrom: \xe4\xf6 <nurse@clinic.example>\r\n\r\nbody\r\n",
    "8-bit name of a field": b"Subject: x\r\nX-Caf\xe9: y\r\n\xff: z\r\nX-\xed\xa0\x80: y\r\n\r\nbody\r\n",
    "endless header line": b"Subject: " + b"x" * 200_000 + b"\r\n\r\nbody\r\n",
    "2,500 header fields": b"".join(b"X-%d: y\r\n" % i for i in range(2500)) + b"\r\nbody\r\n",
    "500 levels of multipart": nested(500),
    "500 levels of messages": wrapped(500),
    "10,000 parts": many_parts(10_000),
    "a line of 10 MB": b"Subject: x\r\n\r\n" + b"219 09 9999 " * 900_000 + b"\r\n",
    "no closing boundary": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nhalf',
    "wrong base64": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@=!\xff=\r\n",
    "unknown charset": b"Content-Type: text/plain; charset=klingon-7\r\n\r\n\xc3\x28\r\n",
    "two content types": b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n",
}


@pytest.mark.parametrize("raw", MESSAGES.values(), ids=MESSAGES.keys())
def test_every_message_gets_a_verdict(site: Site, raw: bytes) -> None:
    """Delivered to the sink or held in quarantine, one of the two, and the log has no traceback."""
    held = site.gateway.held()
    deferred = _deferred(site)

    said = site.send(raw, "a@outside.example")

    site.postfix.drain()
    assert said.final.code == 250
    assert len(site.sink.to("a@outside.example")) + site.gateway.held() - held == 1
    assert _deferred(site) == deferred
    assert not any("Traceback" in line for line in site.gateway.log_lines())


def test_message_that_is_bad_does_not_slip_past_a_rule(site: Site) -> None:
    """The rule that refuses a message still refuses it where parts of it are broken."""
    raw = b'Subject: case-block\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nX: \x00\r\n\r\n\r\r\n\xff'

    assert site.send(raw, "a@outside.example").final.code == 550


def test_hundred_megabytes_pass_within_two_minutes(site: Site) -> None:
    """A message of 100 MB gets its verdict, and the process does not keep its memory."""
    raw = b"Subject: x\r\n\r\n" + (
        b"The quick brown fox jumps over the lazy dog, and it is not about patients.\r\n" * 1_360_000
    )
    held = site.gateway.held()
    start = time.monotonic()

    said = site.send(raw, "a@outside.example")

    took = time.monotonic() - start
    site.postfix.drain()
    assert len(raw) > 100_000_000
    assert said.final.code == 250
    assert len(site.sink.to("a@outside.example")) + site.gateway.held() - held == 1
    assert took < 120


def test_message_above_the_hard_limit_is_refused(site: Site) -> None:
    """552 5.3.4 where it is larger than milter.max-message-bytes; nothing delivered, nothing kept."""
    raw = letter("large", (b"x" * 998 + b"\r\n") * 165_000)
    held = site.gateway.held()

    said = site.send(raw, "a@outside.example")

    site.postfix.drain()
    assert (said.final.code, said.final.enhanced) == (552, "5.3.4")
    assert site.sink.deliveries == ()
    assert site.gateway.held() == held


def _deferred(site: Site) -> float:
    return sum(value for name, value in site.gateway.metrics().items() if name.startswith("gatepost_deferred_total"))
