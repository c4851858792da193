"""A Postfix that is stopped while a message is handed to it."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from gateway.demo.ports import LOOPBACK, wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.sink import Sink
from gateway.demo.site import private_folder
from gateway.follow import FileTail, MailLog, Undecided


def handed_over(postfix: PrivatePostfix, token: str, *, whole: bool) -> smtplib.SMTP:
    """A dialogue up to the last dot, or past it; its connection is open."""
    smtp = smtplib.SMTP(LOOPBACK, postfix.loopback_port)
    smtp.ehlo()
    smtp.docmd("XFORWARD", f"IDENT={token}")
    smtp.mail("a@clinic.example")
    smtp.rcpt("b@partner.example")
    smtp.docmd("DATA")
    smtp.send(b"Subject: x\r\n\r\nbody\r\n")
    if whole:
        assert smtp.docmd(".")[0] == 250
    wait_until(lambda: token in postfix.log.read_text(), 20, "the log has the token")
    return smtp


@contextmanager
def logged(file: Path) -> Iterator[MailLog]:
    log = MailLog(FileTail(file), lambda way: None, lambda queue_id: None)
    log.start()
    try:
        yield log
    finally:
        log.stop()


def test_what_it_did_not_take_before_it_was_stopped_can_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing about a session that its stop cut off: only that it is there again, and what is in its queue."""
    monkeypatch.setattr("gateway.follow.watch.SCANNED_SECONDS", 3.0)
    monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 1.0)
    with private_folder("gp-") as folder, Sink() as sink, ExitStack() as stack:
        postfix = PrivatePostfix(folder / "postfix", Wiring(sink.port, milter=""))
        try:
            postfix.start()
            log = stack.enter_context(logged(postfix.log))
            stack.enter_context(handed_over(postfix, "taken", whole=True))
            stack.enter_context(handed_over(postfix, "cut", whole=False))
            postfix.stop()
            with pytest.raises(Undecided):
                log.took("cut", time.monotonic())
            postfix.start()

            monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 20.0)
            assert log.took("cut", time.monotonic()) == ""
            assert log.took("taken", time.monotonic())
        finally:
            postfix.close()
