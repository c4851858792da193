"""Releasing and discarding leave evidence before and after, whatever happens between."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from gateway.audit.errors import AuditUnavailable
from gateway.audit.log import AuditLog
from gateway.cli.exits import Exit
from gateway.config import load_config
from gateway.postfix.submit import SubmitFailed, SubmitUncertain
from gateway.quarantine import NewItem
from gateway.quarantine.errors import ReleaseUnrecorded
from gateway.wiring.stored import Stored, opened

ITEM = "20261122-aaaa"
Call = Callable[..., Result]


@pytest.fixture
def stored(settings: Path, call: Call) -> Iterator[Stored]:
    """Keys, an audit log and one held item."""
    assert call("keys", "init").exit_code == 0
    with opened(load_config(settings, {}), {}) as stored:
        new = NewItem(ITEM, "20261122-inc", "nurse@clinic.example", ("a@x.test", "b@x.test"), "high", "sha256:aa")
        stored.quarantine.put(new, [b"Subject: x\r\n\r\ny\r\n"])
        yield stored


def submit_that(do: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(*_: object, **__: object) -> str:
        return do()

    monkeypatch.setattr("gateway.postfix.submit.Submitter.submit", submit)


def raising(error: BaseException) -> Callable[[], str]:
    def do() -> str:
        raise error

    return do


def reviews(call: Call) -> list[tuple[str, Any]]:
    """Code and outcome of the events about reviews."""
    events = [json.loads(line) for line in call("audit", "export").stdout.splitlines()]
    return [
        (event["metadata"]["event_code"], event["unmapped"].get("outcome"))
        for event in events
        if "item" in event.get("unmapped", {})
    ]


def state(call: Call) -> str:
    return str(json.loads(call("quarantine", "show", ITEM, "--format", "json").stdout)["state"])


def test_a_release_is_requested_before_postfix_is_asked(
    call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is on disk when the message is handed over; the outcome comes after."""
    at_submit: list[list[tuple[str, Any]]] = []

    def do() -> str:
        at_submit.append(reviews(call))
        return "4QUEUE"

    submit_that(do, monkeypatch)
    assert call("quarantine", "release", ITEM, "--reason", "known partner").exit_code == 0

    assert at_submit == [[("release-requested", None)]]
    assert reviews(call) == [("release-requested", None), ("released", None)]


@pytest.mark.parametrize("words", [("release", ITEM), ("discard", ITEM, "--reason", "-")])
def test_without_a_durable_request_nothing_is_done(
    call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A full audit disk stops the release and the discarding themselves."""
    submit_that(raising(AssertionError("must not be asked")), monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr(AuditLog, "append", lambda *_: raising(AuditUnavailable("no space left"))())
        result = call("quarantine", *words)

    assert result.exit_code == Exit.UNAVAILABLE
    assert state(call) == "held"


def test_a_discard_is_requested_first(call: Call, stored: Stored) -> None:
    """Request, then outcome."""
    call("quarantine", "discard", ITEM, "--reason", "sent in error")

    assert reviews(call) == [("discard-requested", None), ("discarded", None)]


@pytest.mark.parametrize(
    ("error", "outcome", "left"),
    [
        (SubmitFailed("refused"), "not-done", "held"),
        (ReleaseUnrecorded("sent as 4Q, but not written down", "4Q"), "unrecorded", "held"),
        (KeyboardInterrupt(), "uncertain", "releasing"),
    ],
)
def test_a_release_that_goes_wrong_is_noted(
    call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch, error: BaseException, outcome: str, left: str
) -> None:
    """With what is known: not sent, sent but not written down, or nobody knows."""
    submit_that(raising(error), monkeypatch)

    assert call("quarantine", "release", ITEM).exit_code != 0

    assert reviews(call) == [("release-requested", None), ("release-failed", outcome)]
    assert state(call) == left


def test_an_uncertain_release_says_what_to_do(call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays "releasing", the words name the mail log and both commands, and each of these works."""
    submit_that(raising(SubmitUncertain("Postfix did not say whether it took the message")), monkeypatch)

    result = call("quarantine", "release", ITEM)

    assert result.exit_code == Exit.UNAVAILABLE
    for words in ("mail log", "nurse@clinic.example", f"confirm {ITEM}", f"release --force {ITEM}"):
        assert words in result.stderr
    assert state(call) == "releasing"
    assert call("quarantine", "release", ITEM).exit_code == Exit.REFUSED
    assert call("quarantine", "confirm", ITEM, "--queue-id", "4Q").exit_code == 0
    assert state(call) == "released"
    assert reviews(call)[1] == ("release-failed", "uncertain")
    assert reviews(call)[-2:] == [("confirm-requested", None), ("released", None)]


def test_an_uncertain_release_can_be_forced(call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent again, knowingly."""
    submit_that(raising(SubmitUncertain("Postfix did not say")), monkeypatch)
    call("quarantine", "release", ITEM)
    submit_that(lambda: "4AGAIN", monkeypatch)

    assert call("quarantine", "release", "--force", ITEM).exit_code == 0

    assert state(call) == "released"


def test_a_deed_whose_event_cannot_be_written_says_that_it_was_done(
    call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is in the log; nobody is told to try again as if nothing had happened."""
    real = AuditLog.append

    def append(log: AuditLog, event: Any) -> None:
        if event["metadata"]["event_code"] == "released":
            raise AuditUnavailable("no space left")
        real(log, event)

    submit_that(lambda: "4QUEUE", monkeypatch)
    monkeypatch.setattr(AuditLog, "append", append)
    result = call("quarantine", "release", ITEM)

    assert result.exit_code == Exit.UNAVAILABLE
    assert "it was sent as 4QUEUE" in result.stderr
    assert reviews(call) == [("release-requested", None)]


@pytest.mark.parametrize("value", ["219-09-" + "9999", "card 4111 1111 " + "1111 1111", "MRN 4471" + "823"])
def test_a_reason_with_a_value_in_it_is_refused(call: Call, stored: Stored, value: str) -> None:
    """For releasing and discarding; the value is not repeated, and nothing is done."""
    for words in (("release", ITEM), ("discard", ITEM)):
        result = call("quarantine", *words, "--reason", f"sent by mistake: {value}")

        assert result.exit_code == Exit.USAGE
        assert "leave values" in " ".join(result.stderr.split())
        assert value not in result.stderr
    assert reviews(call) == []
    assert state(call) == "held"
