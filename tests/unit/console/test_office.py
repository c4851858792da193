"""Where the console may listen, and what it says where it may not."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from gateway.audit import people_events
from gateway.audit.verify import verify
from gateway.config import Config, load_config
from gateway.console.charts import nice, stacked
from gateway.console.visit import safe_next
from gateway.core.errors import SetupError
from gateway.demo.service import COMMAND
from gateway.store.keyring import Keyring
from gateway.web.serving import check_exposure, listening, origins_of, tls_context
from gateway.wiring.stored import opened
from tests.wire.conftest import copy_rules


def configured(folder: Path, **console: object) -> Config:
    (folder / "gatepost.yaml").write_text(json.dumps({"console": console}))
    return load_config(folder / "gatepost.yaml", {})


@pytest.mark.parametrize(
    ("console", "why"),
    [
        ({"host": "0.0.0.0"}, "no loopback address"),
        ({"host": "192.0.2.1"}, "no loopback address"),
        ({"host": "review.clinic.example"}, "no loopback address"),
        ({"certificate": "/etc/x.pem"}, "belong together"),
        ({"url": "http://review.clinic.example:8080"}, "must begin with https"),
    ],
)
def test_passwords_go_over_no_network_in_plain(tmp_path: Path, console: dict[str, object], why: str) -> None:
    """Refused at start, with what to do."""
    with pytest.raises(SetupError, match=why):
        check_exposure(configured(tmp_path, **console).console, "console")


@pytest.mark.parametrize("console", [{}, {"host": "::1"}, {"url": "https://review.clinic.example"}])
def test_loopback_needs_no_certificate(tmp_path: Path, console: dict[str, object]) -> None:
    """A proxy on the machine brings TLS."""
    check_exposure(configured(tmp_path, **console).console, "console")


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """The file, and what is wrong with it."""
    (tmp_path / "cert.pem").write_text("no certificate")
    config = configured(tmp_path, certificate=str(tmp_path / "cert.pem"), **{"certificate-key": str(tmp_path / "none")})

    with pytest.raises(SetupError, match=r"cert\.pem"):
        tls_context(config.console, "console")


def test_forms_are_taken_from_where_people_find_the_console(tmp_path: Path) -> None:
    """The configured address alone; without one, the names of loopback."""
    assert origins_of(configured(tmp_path, url="https://review.clinic.example/").console, 1) == (
        "https://review.clinic.example",
    )
    assert set(origins_of(configured(tmp_path).console, 9_826)) == {
        "http://127.0.0.1:9826",
        "http://localhost:9826",
        "http://[::1]:9826",
    }


@pytest.mark.parametrize("path", ["", "x", "//x", "/\\x", "https://x", "/a\nb", "javascript:x"])
def test_a_foreign_address_leads_to_the_first_page(path: str) -> None:
    """Whatever somebody wrote behind `next`."""
    assert safe_next(path) == "/"


def test_a_chart_is_as_high_as_its_numbers() -> None:
    """A bar of half the scale is half as high; nothing makes no bar."""
    chart = stacked([("a", (5, 0)), ("b", (5, 5))], ("c1", "c2"))

    assert [nice(most) for most in (0, 3, 11, 99, 101)] == [2, 4, 20, 100, 200]
    assert [bar.shade for bar in chart.bars] == ["c1", "c1", "c2"]
    assert chart.bars[0].height == pytest.approx(chart.bars[1].height)
    assert chart.bars[2].y < chart.bars[1].y


def test_a_stopped_console_leaves_a_signed_log(tmp_path: Path) -> None:
    """SIGTERM ends it with 0, after the audit log was signed up to its end."""
    rules = copy_rules(tmp_path / "rules") / "policy.yaml"
    settings = {"store": {"folder": "state"}, "console": {"port": 0}, "workers": {"count": 1}}
    settings["policy"] = {"file": str(rules)}
    (tmp_path / "gatepost.yaml").write_text(json.dumps(settings))
    config = load_config(tmp_path / "gatepost.yaml", {})
    Keyring.init(config.store.keyring)
    with opened(config, {}) as stored:
        stored.audit.append(people_events.signed_out(name="robin", client=""))
    command = (*COMMAND, "console", "--config", str(tmp_path / "gatepost.yaml"))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while "The console is at" not in said:
            said = process.stderr.readline()
            assert said, "it ended before it served"
        limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        assert [line.split()[4:6] for line in limits if line.startswith("Max core")] == [
            ["0", "0"]
        ]  # nothing on a disk
        with opened(config, {}) as stored:
            stored.audit.append(people_events.signed_out(name="robin", client=""))
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()

    assert process.returncode == 0, rest
    assert "console-stopped" in rest
    assert verify(config.audit.folder).unsigned_tail == 0


def test_no_page_waits_for_an_acknowledgement(tmp_path: Path) -> None:
    """What a connection has to send it sends: a page is written in two pieces, and the second would wait 40 ms."""
    site = configured(tmp_path, port=0).console
    with listening(site, "console") as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
