"""gateway.follow: a log that grows, is rotated, and is asked"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.ports import wait_until
from gateway.follow import FileTail, JournalTail, MailLog, Undecided, Way

AT = "Nov 25 18:38:36 mail "
HANDED = (
    AT + "postfix/loopback/smtpd[7{n}]: Q1234{n}: client=localhost[127.0.0.1], orig_queue_id=token{n}, orig_client=u\n"
)
TOOK = (
    AT + "postfix/loopback/smtpd[7{n}]: disconnect from localhost[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 commands=4\n"
)
LOST = AT + "postfix/loopback/smtpd[7{n}]: lost connection after DATA (9 bytes) from localhost[127.0.0.1]\n"
ACTIVE = AT + "postfix/qmgr[9]: Q1234{n}: from=<a@x.example>, size=812, nrcpt=1 (queue active)\n"
STARTED = AT + "postfix/master[2]: daemon started -- version 3.7.11, configuration /etc/postfix\n"
KILLED = AT + "postfix/master[2]: warning: process /usr/lib/postfix/sbin/smtpd pid 7{n} killed by signal 9\n"
TLS = (
    AT
    + "postfix/smtp[5]: Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher C (256/256 bits)\n"
)
SENT = AT + (
    "postfix/smtp[5]: {id}: to=<{to}>, relay=mx[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)\n"
)


class Book:
    """A log file and who follows it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.ways: list[Way] = []
        self.queued: list[str] = []
        self.log = MailLog(FileTail(file), self.ways.append, self.queued.append)
        self.log.start()

    def write(self, *lines: str, n: int = 1) -> None:
        with self.file.open("a") as file:
            file.writelines(line.format(n=n, id=f"Q1234{n}", to="b@x.example") for line in lines)

    def took(self, token: str) -> str:
        return self.log.took(token, time.monotonic())


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    (tmp_path / "mail.log").touch()
    book = Book(tmp_path / "mail.log")
    yield book
    book.log.stop()


def test_taken_lost_and_never_seen_are_told_apart(book: Book) -> None:
    """The queue id where Postfix has it, nothing where the session ended before, or never was."""
    book.write(HANDED, TOOK, n=1)
    book.write(HANDED, LOST, n=2)
    book.write(HANDED, ACTIVE, n=3)

    assert [book.took(f"token{n}") for n in (1, 2, 3, 4)] == ["Q12341", "", "Q12343", ""]


def test_a_session_that_has_not_ended_is_undecided(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Better a 451 than a guess."""
    monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 0.3)
    book.write(HANDED)

    with pytest.raises(Undecided):
        book.took("token1")


@pytest.mark.parametrize(
    "cut", [STARTED, KILLED, HANDED.replace("{n}: client", "9: client").replace("token{n}", "other")]
)
def test_a_session_that_died_is_over_once_postfix_has_gone_through_its_queue(
    book: Book, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """Else its message would be put off for ever: nothing more is ever said of it. What was taken is told again."""
    monkeypatch.setattr("gateway.follow.watch.SCANNED_SECONDS", 0.5)
    book.write(HANDED, n=1)
    book.write(HANDED, n=2)
    book.write(cut, n=1)
    book.write(cut, n=2)
    book.write(ACTIVE, n=2)

    assert [book.took("token1"), book.took("token2")] == ["", "Q12342"]


def test_another_postfix_that_starts_ends_no_session(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several instances may write one log; the session goes on and says itself what became of its message."""
    monkeypatch.setattr("gateway.follow.watch.SCANNED_SECONDS", 0.0)
    monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 0.3)
    other = STARTED.replace("postfix/master", "postfix-other/master")
    book.write(STARTED, other, HANDED, other)

    with pytest.raises(Undecided):
        book.took("token1")
    book.write(STARTED)
    wait_until(lambda: _answer(book, "token1") == "", 5, "its own start ended it")


def _answer(book: Book, token: str) -> str | None:
    try:
        return book.took(token)
    except Undecided:
        return None


def test_a_session_that_died_just_now_is_undecided(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its message may be in the queue, and Postfix has not yet said so."""
    monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 0.3)
    book.write(HANDED, STARTED)

    with pytest.raises(Undecided):
        book.took("token1")


@pytest.mark.parametrize("before", [TOOK, ACTIVE, LOST, KILLED])
def test_a_queue_id_that_comes_back_tells_nothing_of_the_message_before(
    book: Book, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """Short ones do: what is asked of is the message that has it now."""
    monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 0.3)
    monkeypatch.setattr("gateway.follow.watch.SCANNED_SECONDS", 0.0)
    book.write(HANDED, before)
    book.write(HANDED.replace("token", "again"))

    with pytest.raises(Undecided):
        book.took("again1")


def test_a_log_that_is_away_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file, no answer: neither yes nor no."""
    monkeypatch.setattr("gateway.follow.watch.DECIDED_SECONDS", 0.3)
    book = Book(tmp_path / "none.log")
    wait_until(lambda: bool(book.log.failed), 5, "the failure is seen")
    with pytest.raises(Undecided):
        book.took("token1")
    book.log.stop()


def test_rotation_loses_no_line(book: Book) -> None:
    """What was written to the old file last, and to the new one, is read."""
    book.write(ACTIVE, n=1)
    wait_until(lambda: book.queued == ["Q12341"], 5, "the first line is read")
    book.write(ACTIVE, n=2)
    book.file.rename(book.file.with_suffix(".1"))
    book.write(ACTIVE, n=3)

    wait_until(lambda: book.queued == ["Q12341", "Q12342", "Q12343"], 5, "all lines are read")


def test_a_file_that_was_cut_is_read_from_its_start(book: Book) -> None:
    """copytruncate of logrotate."""
    book.write(ACTIVE, ACTIVE, n=1)
    wait_until(lambda: len(book.queued) == 2, 5, "the first lines are read")
    book.file.write_text("")
    book.write(ACTIVE, n=2)

    wait_until(lambda: book.queued[-1] == "Q12342", 5, "the new line is read")


def test_a_tls_connection_counts_for_the_message_that_it_was_made_for(book: Book) -> None:
    """All its recipients, but not the next message that the same process sends without a word about TLS."""
    book.write(TLS, SENT, SENT, n=1)
    book.write(SENT, n=2)

    wait_until(lambda: len(book.ways) == 3, 5, "all deliveries are read")
    assert [(way.delivered.queue_id, way.version) for way in book.ways] == [
        ("Q12341", "TLSv1.3"),
        ("Q12341", "TLSv1.3"),
        ("Q12342", ""),
    ]


def test_the_journal_is_followed_too(tmp_path: Path) -> None:
    """Whatever journalctl prints; a stand-in prints it here."""
    (tmp_path / "log").write_text(ACTIVE.format(n=1))
    queued: list[str] = []
    tell: Callable[[Way], None] = lambda way: None  # noqa: E731
    log = MailLog(JournalTail(("tail", "-n", "+1", "-f", str(tmp_path / "log"))), tell, queued.append)
    log.start()
    try:
        wait_until(lambda: queued == ["Q12341"], 5, "the line is read")
    finally:
        log.stop()


def test_copy_that_returns_to_its_sender_is_told_for_whom_it_never_reached(book: Book) -> None:
    """The line about the end names nobody: who was deferred last has not got it; who has, has."""
    deferred = SENT.replace("dsn=2.0.0, status=sent (ok)", "dsn=4.7.4, status=deferred (TLS is required)")
    line = AT + "postfix/qmgr[9]: Q12341: from=<a@x.example>, status=expired, returned to sender\n"
    with book.file.open("a") as file:
        for text, to in ((deferred, "b@x.example"), (deferred, "c@x.example"), (SENT, "c@x.example"), (line, "")):
            file.write(text.format(id="Q12341", to=to))
    wait_until(lambda: len(book.ways) == 4, 10, "all are told")

    last = book.ways[-1].delivered
    assert (last.recipient, last.status, last.relay) == ("b@x.example", "expired", "none")
