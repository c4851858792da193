"""The second sink on real sockets of this machine."""

import json
import logging
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.log import AuditLog
from gateway.audit.sinks import Record
from gateway.audit.syslog import SyslogSink, Target, parse_target

MakeEvent = Callable[[int], dict[str, object]]
FORM = re.compile(
    rb"<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ gatepost \d+ viewed"
    rb' \[origin software="gatepost" swVersion="[^"]+"\] (\{.*\})',
    re.DOTALL,
)


def _record(event: dict[str, object], size: int = 0) -> Record:
    full = {**event, "seq": 1, "prev": "0" * 64, "unmapped": {"item": "x" * size}}
    return Record(1, json.dumps(full).encode() + b"\n", full)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("unix:/dev/log", Target("unix", path="/dev/log")),
        ("udp:log.example:514", Target("udp", host="log.example", port=514)),
        ("tcp:[2001:db8::1]:6514", Target("tcp", host="2001:db8::1", port=6514)),
    ],
)
def test_targets_are_read(text: str, target: Target) -> None:
    """A path, or a transport with host and port."""
    assert parse_target(text) == target


def test_udp_messages_have_the_form_of_rfc_5424(event: MakeEvent) -> None:
    """Priority (log audit, by severity), version, time, host, program, process, kind, origin, the line."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        sink = SyslogSink(Target("udp", host="127.0.0.1", port=server.getsockname()[1]))
        sink.send([_record({**event(1), "severity_id": 4})])
        message = server.recv(65_536)
        sink.close()

    found = FORM.fullmatch(message)
    assert found
    assert int(found[1]) == 13 * 8 + 3
    assert json.loads(found[2])["seq"] == 1


def test_a_local_socket_gets_every_event_of_a_log(folder: Path, event: MakeEvent, tmp_path: Path) -> None:
    """And after the logger was restarted, without a loss."""
    key, path = Ed25519PrivateKey.generate(), tmp_path / "log.sock"
    sink = SyslogSink(Target("unix", path=str(path)), required=True)
    log = AuditLog.open(folder, key, sinks=[sink])
    got: list[bytes] = []
    for turn in range(2):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
            server.bind(str(path))
            server.settimeout(10)
            log.append(event(turn))
            log.append(event(turn))
            got += [server.recv(65_536), server.recv(65_536)]
        path.unlink()
    sink.close()

    assert [json.loads(message[message.index(b"{") :])["seq"] for message in got] == [1, 2, 3, 4]


def test_tcp_messages_are_counted_by_octets(event: MakeEvent) -> None:
    """RFC 6587: the length, a space, the message; line ends play no part."""
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def collect() -> None:
            connection, _ = server.accept()
            with connection:
                while octets := connection.recv(65_536):
                    got.extend(octets)

        thread = threading.Thread(target=collect)
        thread.start()
        sink = SyslogSink(Target("tcp", host="127.0.0.1", port=server.getsockname()[1]))
        sink.send([_record(event(1)), _record(event(2), size=100_000)])
        sink.close()
        thread.join(20)

    lengths = []
    while got:
        size, _, rest = bytes(got).partition(b" ")
        assert FORM.fullmatch(rest[: int(size)])
        lengths.append(int(size))
        del got[: len(size) + 1 + int(size)]
    assert len(lengths) == 2
    assert lengths[1] > 100_000


def test_an_event_too_large_for_a_datagram_is_shortened_to_its_place(event: MakeEvent) -> None:
    """Number and hash still prove that it was there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        sink = SyslogSink(Target("udp", host="127.0.0.1", port=server.getsockname()[1]), required=True)
        sink.send([_record(event(1), size=70_000)])
        message = server.recv(65_536)
        sink.close()

    short = json.loads(message[message.index(b"{") :])
    assert short["seq"] == 1
    assert short["shortened_from"] > 70_000


def test_a_dead_logger_costs_a_warning_and_a_pause(
    event: MakeEvent, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Losses are counted, nothing is tried during the pause, which doubles; it recovers by itself."""
    now, lost = [0.0], list[int]()
    path = tmp_path / "log.sock"
    sink = SyslogSink(Target("unix", path=str(path)), on_lost=lost.append, clock=lambda: now[0])
    with caplog.at_level(logging.WARNING):
        sink.send([_record(event(1)), _record(event(2))])
        sink.send([_record(event(3))])
    now[0] = 1.5
    sink.send([_record(event(4))])
    now[0] = 3.0
    sink.send([_record(event(5))])

    assert lost == [2, 1, 1, 1]
    assert len(caplog.records) == 2
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        server.settimeout(10)
        now[0] = 3.6
        sink.send([_record(event(6))])
        assert server.recv(65_536)
    sink.close()


def test_a_dead_required_logger_is_an_error_each_time(event: MakeEvent, tmp_path: Path) -> None:
    """No pause: the caller decides."""
    sink = SyslogSink(Target("unix", path=str(tmp_path / "nobody")), required=True)
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            sink.send([_record(event(1))])
