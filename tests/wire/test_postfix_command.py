"""`gatepost postfix plan | apply | remove` on a running Postfix: filtered mail, and back again."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.ports import wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.service import COMMAND, Service, Settings
from gateway.demo.sink import Sink
from gateway.demo.site import private_folder

FORBIDDEN = b"From: nurse@clinic.example\r\nTo: bo@partner.example\r\nSubject: case-block\r\n\r\nHello.\r\n"


class Bench:
    """A Postfix that knows nothing of Gatepost, and a Gatepost beside it that may be asked to go in."""

    def __init__(self, folder: Path, sink: Sink, rules: Path) -> None:
        self.sink = sink
        self.postfix = PrivatePostfix(folder / "postfix", Wiring(next_hop=sink.port, listener=False))
        socket = f"unix:{self.postfix.queue_folder}/gatepost/milter.sock"
        settings: Settings = {"workers": {"count": 1}, "milter": {"socket": socket}}
        self.service = Service(folder / "gateway", rules, self.postfix.loopback_port, settings)

    def gatepost(self, *arguments: str, code: int = 0) -> str:
        folders = ("--config", str(self.service.config), "--postfix-config", str(self.postfix.config))
        command = [*COMMAND, "postfix", *arguments, *folders]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def configuration(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.postfix.config.iterdir()}

    def send(self) -> int:
        reply = self.postfix.send("nurse@clinic.example", ["bo@partner.example"], FORBIDDEN).data
        assert reply is not None
        return reply.code


@pytest.fixture
def bench(rules: Path) -> Iterator[Bench]:
    with private_folder("gp-pf-") as folder, Sink() as sink:
        bench = Bench(folder, sink, rules)
        with bench.postfix:
            (bench.postfix.queue_folder / "gatepost").mkdir(mode=0o755)
            yield bench
            bench.service.close()


def test_in_by_one_command_and_out_by_another(bench: Bench) -> None:
    """apply proves by a probe that every listener leads to Gatepost; a second apply has nothing to do; remove gives
    back every byte, and mail flows unfiltered again. The probe itself reaches nobody."""
    before = bench.configuration()
    bench.service.start()

    assert json.loads(bench.gatepost("plan", "--format", "json"))["refusals"] == []
    assert bench.configuration() == before
    told = bench.gatepost("apply")
    assert f"probed: a message by 127.0.0.1:{bench.postfix.submission_port}/inet came to Gatepost" in told
    assert "sends its mail by Gatepost now; gatepost postfix remove undoes it" in told
    assert bench.send() == 550
    assert "nothing to do" in bench.gatepost("apply")

    bench.gatepost("remove")
    assert bench.configuration() == before
    wait_until(lambda: bench.send() == 250, 30, "Postfix has taken its former configuration")
    assert all(delivery.recipients == ("bo@partner.example",) for delivery in bench.sink.wait_for(1))
    events = bench.service.command("audit", "export")
    assert "postfix-inserted" in events
    assert "postfix-removed" in events


def test_a_gateway_that_is_down_is_not_put_in(bench: Bench) -> None:
    """Postfix would defer all mail: refused with the remedy, nothing touched."""
    bench.service.prepare()
    before = bench.configuration()

    assert "Start it first" in bench.gatepost("apply", code=2)
    assert bench.configuration() == before


def test_mail_that_does_not_come_to_gatepost_is_noticed_and_rolled_back(bench: Bench) -> None:
    """A milter socket that nobody answers on: the probe is deferred, so that Postfix gets its configuration back."""
    bench.service.start()
    elsewhere = bench.service.config.read_text().replace("milter.sock", "other.sock")
    bench.service.config.write_text(elsewhere)
    before = bench.configuration()

    told = bench.gatepost("apply", code=6)

    assert "was not seen by Gatepost" in told
    assert bench.configuration() == before
    assert bench.send() == 250
