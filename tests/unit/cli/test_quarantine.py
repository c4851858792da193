"""`gatepost quarantine`: held messages as a reviewer's commands tell, release and discard them."""

import json
from collections.abc import Iterator, Sequence

import pytest

from gateway.cli.exits import Exit
from gateway.core.wishes import Wishes
from gateway.postfix.submit import SubmitFailed
from gateway.quarantine import NewItem
from gateway.wiring.stored import Stored
from tests.makers.called import MESSAGE, Call, codes, data

pytestmark = pytest.mark.usefixtures("at_terminal")


def test_quarantine_list_tells_what_is_held(call: Call, held: str) -> None:
    """As JSON Lines with masked samples, and as a table; other states are asked for."""
    [line] = call("quarantine", "list", "--format", "json").stdout.splitlines()

    item = json.loads(line)
    assert item["item"] == held
    assert item["recipients"][0] == {"address": "a@outside.example", "state": "held", "queue_id": ""}
    assert item["findings"] == [{"entity": "US_SSN", "count": 2, "samples": ["***-**-6789"]}]
    assert held in call("quarantine", "list").stdout
    assert call("quarantine", "list", "--state", "released", "--format", "json").stdout == ""
    assert call("quarantine", "list", "--rule", "other", "--format", "json").stdout == ""
    assert call("quarantine", "list", "--state", "odd").exit_code == Exit.USAGE


def test_quarantine_list_goes_through_all_pages(call: Call, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every item once, newest first, however many pages there are."""
    monkeypatch.setattr("gateway.cli.quarantine.PAGE", 2)
    for number in range(5):
        new = NewItem(f"item-{number}", "i", "", ("a@x.test",), "low", "sha256:aa")
        stored.quarantine.put(new, [MESSAGE])

    lines = call("quarantine", "list", "--format", "json").stdout.splitlines()
    limited = call("quarantine", "list", "--format", "json", "--limit", "3").stdout.splitlines()

    assert sorted(json.loads(line)["item"] for line in lines) == [f"item-{number}" for number in range(5)]
    assert lines[:3] == limited


def test_quarantine_show_has_no_content_without_the_flag(call: Call, held: str) -> None:
    """What is known of the item in both forms; the message itself is noted as viewed."""
    assert "nurse@clinic.example" in call("quarantine", "show", held).stdout
    assert "canary" not in call("quarantine", "show", held).stdout
    assert "canary" not in call("quarantine", "show", held, "--format", "json").stdout

    assert call("quarantine", "show", held, "--message").stdout_bytes == MESSAGE
    assert "viewed" in codes(call)


def test_an_item_that_is_not_there_exits_4(call: Call, stored: Stored) -> None:
    """For show, release and discard alike."""
    for words in (("show", "gone"), ("release", "gone"), ("discard", "gone", "--reason", "x")):
        assert call("quarantine", *words).exit_code == Exit.NOT_FOUND


def test_discard_is_noted_and_final(call: Call, held: str) -> None:
    """The second time is refused with a code of its own; the events say who and why."""
    first = call("quarantine", "discard", held, "--reason", "sent in error")

    assert first.exit_code == 0
    again = call("quarantine", "discard", held, "--reason", "x", "--format", "json")
    assert again.exit_code == Exit.REFUSED
    assert data(again)["ok"] is False
    event = json.loads(call("audit", "export", "--kind", "discarded").stdout)
    assert event["unmapped"]["reason"] == "sent in error"
    assert event["actor"]["user"]["name"] == "pat"


def test_release_hands_the_message_to_postfix(call: Call, held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the recipients asked for, as it came; the queue id is shown and in the audit log."""
    sent: list[tuple[str, Sequence[str], bytes]] = []

    def submit(_: object, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes) -> str:
        sent.append((mail_from, tuple(recipients), b"".join(chunks)))
        return "4QUEUE"

    monkeypatch.setattr("gateway.postfix.submit.Submitter.submit", submit)
    result = call("quarantine", "release", held, "--to", "b@outside.example", "--reason", "known", "--format", "json")

    assert sent == [("nurse@clinic.example", ("b@outside.example",), MESSAGE)]
    assert data(result) == {"item": held, "ok": True, "queue_id": "4QUEUE", "recipients": ["b@outside.example"]}
    event = json.loads(call("audit", "export", "--kind", "released").stdout)
    assert event["unmapped"]["queue_id"] == "4QUEUE"


def test_release_without_postfix_is_unavailable_and_goes_on(
    call: Call, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The item stays held, the next one is tried, the first failure gives the exit code."""

    def submit(_: object, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], *, wishes: Wishes) -> str:
        assert b"".join(chunks) == MESSAGE
        raise SubmitFailed("Postfix was not reached")

    monkeypatch.setattr("gateway.postfix.submit.Submitter.submit", submit)
    result = call("quarantine", "release", held, "gone", "--format", "json")

    assert result.exit_code == Exit.UNAVAILABLE
    assert [json.loads(line)["ok"] for line in result.stdout.splitlines()] == [False, False]
    assert json.loads(call("quarantine", "list", "--format", "json").stdout)["state"] == "held"
