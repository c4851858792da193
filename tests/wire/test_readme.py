"""README.md, word for word: every command of it is run here, with paths and ports of a private Postfix."""

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.demo.ports import PortHold, wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.sink import Sink

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
GATEPOST = Path(sys.executable).parent / "gatepost"
# Not run here: they would change this machine (users, services) or are `make` targets that other tests run.
ELSEWHERE = ("git clone", "cd /opt", "useradd", "systemctl", "cp systemd/", "make ")
CLEAN = b"From: ada@clinic.example\r\nTo: bo@partner.example\r\nSubject: Agenda\r\n\r\nSee you on Friday.\r\n"
PATIENT = CLEAN.replace(b"See you on Friday.", b"Patient: Erika Musterfrau, MRN 00482913, has diabetes (E11.9).")


def blocks() -> list[str]:
    """The shell blocks, in order."""
    return re.findall(r"^```sh\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def test_the_readme_has_the_blocks_that_are_run_here() -> None:
    """Try, install, configure, start, connect, examine, back again: a new block needs a place in these tests."""
    assert [block.split("\n")[0].split()[-1] for block in blocks()] == [
        "demo",
        "/opt/gatepost",
        "<<'YAML'",
        "/etc/systemd/system/",
        "/etc/gatepost/gatepost.yaml",
        "/etc/gatepost/gatepost.yaml",
        "/etc/gatepost/gatepost.yaml",
    ]


class Reader:
    """Follows the README on a private Postfix."""

    def __init__(self, folder: Path, postfix: PrivatePostfix, loopback: int, status: int) -> None:
        self.folder = folder
        self.environ = {**os.environ, "GATEPOST_STATUS_PORT": str(status)}
        self._changes = (
            (r"sudo -u gatepost |sudo ", ""),
            (r"/opt/gatepost/\.venv/bin/gatepost", str(GATEPOST)),
            (r"-o root -g gatepost|-o gatepost -g gatepost", ""),
            (r"-o gatepost -g postfix", "-g postfix"),
            (r"/etc/gatepost", str(folder / "etc")),
            (r"/var/lib/gatepost", str(folder / "lib")),
            (r"/var/spool/postfix", str(postfix.queue_folder)),
            (r"/var/backups", str(folder)),
            (r"(gatepost postfix \w+|gatepost doctor) ", rf"\1 --postfix-config {postfix.config} "),
            (r"\b10026\b", str(loopback)),
            (r"\b9825\b", str(status)),
        )

    def run(self, block: str) -> None:
        lines = [line for line in block.splitlines() if not line.removeprefix("sudo ").startswith(ELSEWHERE)]
        script = "\n".join(lines)
        for pattern, replacement in self._changes:
            script = re.sub(pattern, replacement, script, flags=re.MULTILINE)
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def folder() -> Path:
    """Open to the user postfix on the way, short enough for unix sockets."""
    folder = Path(f"/tmp/gp-readme-{os.getpid()}")
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(mode=0o755)
    return folder


def test_from_a_plain_postfix_to_filtered_mail_and_back(folder: Path) -> None:
    """Patient information is held once Gatepost is connected; the way back leaves the configuration byte-identical."""
    install, configure, start, connect, examine, back = blocks()[1:]
    with (
        Sink() as sink,
        closing(PortHold()) as status,
        PrivatePostfix(
            folder / "p", Wiring(next_hop=sink.port, listener=False, message_size_limit=10_240_000)
        ) as postfix,
    ):
        before = [(postfix.config / name).read_bytes() for name in ("main.cf", "master.cf")]
        reader = Reader(folder, postfix, postfix.loopback_port, status.port)
        reader.run(install)
        reader.run(configure)
        serve = [str(GATEPOST), "serve", "--config", str(folder / "etc" / "gatepost.yaml")]
        with subprocess.Popen(serve, env=reader.environ, stderr=subprocess.DEVNULL) as gatepost:
            try:
                ready = postfix.queue_folder / "gatepost" / "milter.sock"
                wait_until(ready.exists, 180, "the milter listens")
                reader.run(start)
                reader.run(connect)
                _filtered(postfix, sink)
                reader.run(examine)
                reader.run(back)
                assert [(postfix.config / name).read_bytes() for name in ("main.cf", "master.cf")] == before
                _unfiltered(postfix, sink)
            finally:
                gatepost.terminate()
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def _filtered(postfix: PrivatePostfix, sink: Sink) -> None:
    def held() -> bool:
        reply = postfix.send("ada@clinic.example", ["bo@partner.example"], PATIENT).data
        assert reply is not None
        assert reply.code in (250, 451)
        sink.wait_for(1)
        return any(delivery.recipients == ("ada@clinic.example",) for delivery in sink.deliveries)

    wait_until(held, 30, "Postfix has taken its new configuration and the sender was told")
    sink.clear()
    postfix.send("ada@clinic.example", ["bo@partner.example"], CLEAN)
    sink.wait(lambda _: len(sink.to("bo@partner.example")) > 0)
    postfix.send("ada@clinic.example", ["bo@partner.example"], PATIENT)
    sink.wait(lambda _: len(sink.to("ada@clinic.example")) > 0 and len(sink.to("privacy@clinic.example")) > 0)
    (clean,) = sink.to("bo@partner.example")
    assert clean.octets.endswith(CLEAN)
    assert not any(b"00482913" in delivery.octets for delivery in sink.deliveries)
    sink.clear()


def _unfiltered(postfix: PrivatePostfix, sink: Sink) -> None:
    def delivered() -> bool:
        postfix.send("ada@clinic.example", ["bo@partner.example"], PATIENT)
        sink.wait_for(1)
        return any(b"00482913" in delivery.octets for delivery in sink.deliveries)

    wait_until(delivered, 30, "Postfix works without Gatepost again")
