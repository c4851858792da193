"""The log: one JSON line an event, and nothing of a message in it, whatever reaches the logging machinery."""

import io
import json
import logging
import socket
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.logs import REFUSED, Format, Words, event, message_event, safe, setup
from gateway.logs.journald import Journald
from gateway.store.database import open_database

CANARY = "Jane Roe 555-0142"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Set-up is for a whole process; put back what the test runner had."""
    root = logging.getLogger()
    handlers, level, raises = list(root.handlers), root.level, logging.raiseExceptions
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raises


def started(form: Format = "json", level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    setup(level, form, stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_json_line() -> None:
    """Time in UTC, level, name and values."""
    stream = started()

    event("policy-loaded", digest="sha256:ab12", rules=12, ok=True)

    [line] = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "event": "policy-loaded", "digest": "sha256:ab12", "rules": 12, "ok": True}


def test_the_line_of_a_message_has_ids_and_counts() -> None:
    """All that the log says of a message fits one line of ids, counts and milliseconds."""
    stream = started()

    message_event(
        incident="gp-1",
        queue_id="4XYZ",
        disposition="quarantine",
        reply=250,
        size=9,
        recipients=2,
        copies=0,
        findings=3,
        rules=1,
        opaque=0,
        failures=0,
        ms=12.3456,
    )

    [line] = lines(stream)
    assert line["event"] == "message"
    assert line["incident"] == "gp-1"
    assert line["ms"] == 12.3


@pytest.mark.parametrize(
    "value", [CANARY, "jane@clinic.example", b"bytes", ["list"], {"a": 1}, object(), "x" * 161, "a\nb", "é"]
)
def test_values_that_are_no_id_number_or_closed_word_are_refused(value: Any) -> None:
    """Prose, addresses, bytes, containers and long texts never pass."""
    stream = started()

    event("odd", value=value)

    assert lines(stream)[0]["value"] == REFUSED


@given(st.text())
def test_nothing_with_a_blank_or_an_at_sign_passes(text: str) -> None:
    """Whatever passes the filter is a single token of harmless characters."""
    passed = safe(text)

    assert passed == REFUSED or not set(str(passed)) & set(" @\n\t\"'")


def test_words_of_ours_pass_in_one_line() -> None:
    """A fault of a rule file is told in full, without breaking the line."""
    stream = started("text")

    event("policy-refused", level=logging.ERROR, why=Words("rules/a.yaml:3:1: x: unknown\nkey"))

    assert stream.getvalue().endswith('ERROR   policy-refused why="rules/a.yaml:3:1: x: unknown key"\n')


def test_text_of_other_loggers_is_dropped() -> None:
    """A library that warns with content of a message leaves its name and place only."""
    stream = started()

    logging.getLogger("some.library").warning("could not parse %s", CANARY)
    logging.getLogger("gateway.extract").warning("odd: %s", CANARY)

    assert CANARY not in stream.getvalue()
    assert [line["logger"] for line in lines(stream)] == ["some.library", "gateway.extract"]


def test_exceptions_leave_type_and_place_without_text() -> None:
    """The text of an exception may hold content; its type and the lines it came by do not."""
    stream = started()

    def fails() -> None:
        raise ValueError(CANARY)

    try:
        fails()
    except ValueError as error:
        event("inspection-failed", level=logging.ERROR, failure=error)

    [line] = lines(stream)
    assert CANARY not in stream.getvalue()
    assert line["failure"] == "ValueError"
    assert line["at"].startswith("test_logs.py:")


def test_python_warnings_are_caught_without_their_text() -> None:
    """warnings.warn goes the same way as every record."""
    stream = started()

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(CANARY, stacklevel=1)

    assert CANARY not in stream.getvalue()
    assert lines(stream)[0]["logger"] == "py.warnings"


def test_libraries_are_heard_from_warning_up_only() -> None:
    """Debug and info lines of libraries stay out, even with our level at debug."""
    stream = started(level="debug")

    logging.getLogger("some.library").info("chatter")
    event("tick", level=logging.DEBUG)

    assert [line["event"] for line in lines(stream)] == ["tick"]


def test_foreign_handlers_are_taken_off() -> None:
    """A library that hung up a handler of its own does not print past the filter."""
    foreign = io.StringIO()
    logging.getLogger("noisy").addHandler(logging.StreamHandler(foreign))
    logging.getLogger("noisy").propagate = False
    stream = started()

    logging.getLogger("noisy").warning(CANARY)

    assert foreign.getvalue() == ""
    assert lines(stream)[0]["logger"] == "noisy"


def test_journal_lines_begin_with_the_priority() -> None:
    """sd-daemon(3): <4> is a warning; systemd adds the time itself."""
    stream = started("journal")

    event("drain", level=logging.WARNING, waiting=3)

    assert stream.getvalue() == "<4>drain waiting=3\n"


def test_a_log_that_cannot_be_written_prints_nothing_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """The logging machinery does not dump the record to standard error when the stream is closed."""
    started().close()

    event("tick", n=1)
    logging.getLogger("lib").warning(CANARY)

    assert CANARY not in capsys.readouterr().err


@pytest.mark.parametrize("level", ["debug", "info"])
def test_opening_a_store_logs_nothing_of_its_libraries(level: str, tmp_path: Path) -> None:
    """Migrations run at every start; their daily work is no event of ours."""
    stream = started(level=level)

    open_database(f"sqlite:///{tmp_path}/new.db").dispose()
    event("started")

    assert [line["event"] for line in lines(stream)] == ["started"]


def test_the_journal_gets_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value is a field of its own, with event and priority; what is refused elsewhere is refused here."""
    address = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(address))
        journal.settimeout(10)
        monkeypatch.setattr("gateway.logs.lines.Journald", partial(Journald, address=address))
        setup("info", "journald")
        event("deferred", level=logging.ERROR, incident="20260101-x", queue_id="4Xa", cause="Ada Example, born 1950")
        fields = dict(line.split("=", 1) for line in journal.recv(65_536).decode().splitlines())

    assert fields["GATEPOST_EVENT"] == "deferred"
    assert fields["GATEPOST_INCIDENT"] == "20260101-x"
    assert fields["GATEPOST_QUEUE_ID"] == "4Xa"
    assert fields["GATEPOST_CAUSE"] == REFUSED
    assert (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"]) == ("3", "gatepost")
    assert fields["MESSAGE"].startswith("deferred incident=20260101-x")


def test_a_journal_that_is_away_costs_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes to standard error instead."""
    monkeypatch.setattr("gateway.logs.lines.Journald", partial(Journald, address=tmp_path / "none"))
    setup("info", "journald")
    event("started", workers=2)
    assert capsys.readouterr().err == "started workers=2\n"
