"""Events reach a receiver in order and at least once, whatever it does; nothing else is asked by the way."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit import events
from gateway.audit.log import AuditLog
from gateway.core.errors import SetupError
from gateway.webhooks import Receiver, Sender, Senders
from gateway.webhooks.position import Position, Positions, end_of, lines_from
from gateway.webhooks.receiver import Refused
from gateway.webhooks.signing import signature
from tests.makers.ledger import KEY
from tests.unit.webhooks.conftest import SECRET, Site

QUICK = (0.01, 0.02)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """Of small segments, with a checkpoint now and then."""
    log = AuditLog(tmp_path / "audit", KEY, segment_bytes=3_000, checkpoint_events=4)
    log.append(events.searched(found=0, by="before"))
    return log


@pytest.fixture
def positions(tmp_path: Path) -> Positions:
    return Positions(tmp_path / "webhooks", "tickets")


def view(log: AuditLog, *numbers: int) -> None:
    for number in numbers:
        log.append(events.viewed(item=f"item-{number}", incident=f"inc-{number}", by="dana"))


def sender(site: Site, tmp_path: Path, positions: Positions, *codes: str) -> Sender:
    made = Sender(site.receiver(*codes), tmp_path / "audit", positions, pause=QUICK)
    made.begin()
    return made


def items(site: Site) -> list[str]:
    return [json.loads(body)["data"]["unmapped"].get("item", "") for _, _, body in site.got]


def test_events_go_out_in_order_signed_and_once(
    site: Site, log: AuditLog, positions: Positions, tmp_path: Path
) -> None:
    """From now on, over the ends of segments; checkpoints are nobody's news; the id is the event's own."""
    followed = sender(site, tmp_path, positions)
    view(log, *range(12))

    assert followed.once() == 12
    assert followed.once() == 0
    assert items(site) == [f"item-{number}" for number in range(12)]
    path, fields, body = site.got[0]
    assert path == "/hooks?from=gatepost"
    assert fields["content-type"] == "application/json"
    assert fields["webhook-id"] == json.loads(body)["data"]["metadata"]["uid"]
    stamp = int(fields["webhook-timestamp"])
    assert fields["webhook-signature"] == signature(fields["webhook-id"], stamp, body, SECRET)
    assert len({fields["webhook-id"] for _, fields, _ in site.got}) == 12


def test_only_what_is_asked_for_goes_out(site: Site, log: AuditLog, positions: Positions, tmp_path: Path) -> None:
    """By code."""
    followed = sender(site, tmp_path, positions, "audit-searched")
    view(log, 1, 2)
    log.append(events.searched(found=3, by="dana"))

    assert followed.once() == 1
    assert json.loads(site.got[0][2])["type"] == "audit-searched"


def test_a_receiver_that_fails_gets_the_same_event_again_and_all_others_after(
    site: Site, log: AuditLog, positions: Positions, tmp_path: Path
) -> None:
    """The same id, signed anew; nothing overtakes it, and nothing is lost over a restart."""
    followed = sender(site, tmp_path, positions)
    view(log, 1, 2, 3)
    site.answers = [204, 500, 404]

    assert followed.once() == 1
    assert followed.standing.failing
    assert followed.standing.waiting > 0
    assert followed.once() == 0
    after_restart = sender(site, tmp_path, positions)
    assert after_restart.once() == 2

    assert items(site) == ["item-1", "item-2", "item-2", "item-2", "item-3"]
    assert len({fields["webhook-id"] for _, fields, _ in site.got}) == 3
    assert not after_restart.standing.failing
    assert after_restart.standing.waiting == 0


def test_the_pause_grows_with_each_failure_up_to_its_end(
    site: Site, log: AuditLog, positions: Positions, tmp_path: Path
) -> None:
    """Twice as long each time, five minutes at most as shipped."""
    followed = Sender(site.receiver(), tmp_path / "audit", positions)
    pauses = []
    for failures in (1, 2, 5, 40, 4_000):
        followed._failures = failures
        pauses.append(followed._pause_now())

    assert pauses == [1, 2, 16, 300, 300]


def test_a_thread_delivers_while_events_come_and_ends_when_told(site: Site, log: AuditLog, tmp_path: Path) -> None:
    """One receiver that is dead holds up nobody else."""
    dead = Receiver("dead", "https://localhost:1/", (SECRET,), ca_file=site.ca_file)
    senders = Senders([dead, site.receiver()], tmp_path / "audit", tmp_path / "webhooks")
    senders.start()
    view(log, 1, 2)
    _until(lambda: len(site.got) == 2)
    _until(lambda: any(each.failing for each in senders.standings()))
    senders.stop()

    assert {each.name: each.failing for each in senders.standings()} == {"dead": True, "tickets": False}
    assert not [thread for thread in threading.enumerate() if thread.name == "webhook" and thread.is_alive()]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(
    site: Site, log: AuditLog, positions: Positions, tmp_path: Path, status: int
) -> None:
    """Whoever holds the receiver cannot send us to another host."""
    site.answers, site.location = [status], "https://localhost:1/evil"
    followed = sender(site, tmp_path, positions)
    view(log, 1)

    assert followed.once() == 0
    assert len(site.got) == 1


def test_a_certificate_of_another_authority_or_host_is_refused(site: Site) -> None:
    """Before a byte of an event is sent."""
    port = site.server.server_port
    strange = Receiver("x", site.url, (SECRET,))
    other = Receiver("x", f"https://127.0.0.1:{port}/", (SECRET,), ca_file=site.ca_file)

    for receiver in (strange, other):
        with pytest.raises(Refused, match="certificate"):
            receiver.post(b"{}", {})
    assert not site.got


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1%lo", "::ffff:169.254.1.1", "224.0.0.1", "0.0.0.0"])
def test_an_address_that_is_no_hosts_own_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Whatever the name resolves to; here the connection is made and says where it leads."""
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: (address, 443))

    with pytest.raises(Refused, match="no receiver's"):
        site.receiver().post(b"{}", {})
    assert not site.got


def test_a_receiver_that_does_not_answer_is_given_up_at_the_deadline(log: AuditLog) -> None:
    """A server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Refused):
            Receiver("x", f"https://localhost:{port}/", (SECRET,)).post(b"{}", {}, seconds=0.2)


def test_a_line_that_is_still_being_written_is_not_read(log: AuditLog, tmp_path: Path) -> None:
    """Its other half comes with the next look."""
    start = end_of(tmp_path / "audit")
    [segment] = (tmp_path / "audit").glob("audit-*.jsonl")
    with segment.open("ab") as file:
        file.write(b'{"seq":2')
    assert list(lines_from(tmp_path / "audit", start)) == []
    with segment.open("ab") as file:
        file.write(b"}\n")

    assert [event for event, _ in lines_from(tmp_path / "audit", start)] == [{"seq": 2}]


def test_a_damaged_position_is_told_and_not_guessed(positions: Positions) -> None:
    """Guessing would lose events or send years of them."""
    positions.write(Position(1, 2, 3))
    assert positions.read() == Position(1, 2, 3)
    positions.path.write_text("{}")

    with pytest.raises(SetupError, match="remove it"):
        positions.read()


def _until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    waiting = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if done():
            return
        waiting.wait(0.02)
    raise AssertionError("it did not come about")
