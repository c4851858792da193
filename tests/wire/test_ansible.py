"""The role of ansible/ against a private Postfix: in, a second time without a change, and out again byte for byte.

Rules come from a Git repository and are signed. There is no systemd here: a script of the test restarts the gateway.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.demo.ports import PortHold, wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.service import descendants
from gateway.demo.sink import Sink
from gateway.demo.site import private_folder

ROOT = Path(__file__).parents[2]
FORBIDDEN = b"From: nurse@clinic.example\r\nTo: bo@partner.example\r\nSubject: case-block\r\n\r\nHello.\r\n"
PLAIN = b"From: nurse@clinic.example\r\nTo: bo@partner.example\r\nSubject: number %d\r\n\r\nHello.\r\n"
LONG = pytest.mark.skipif("GATEPOST_LONG" not in os.environ, reason="long: make upgrade runs it")
pytestmark = [
    pytest.mark.skipif(shutil.which("ansible-playbook") is None, reason="ansible is not installed"),
    pytest.mark.timeout(1_200),
]
PROGRAM = f"""#!/bin/sh
export PYTHONPATH={ROOT}
exec {sys.executable} -c 'from gateway.cli.main import run; run()' "$@"
"""
RESTART = """#!/bin/bash
cd {folder}
if [ -e pid ]; then kill "$(cat pid)"; while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.1; done; fi
setsid {folder}/gatepost serve --config {folder}/etc/gatepost.yaml </dev/null >>log 2>&1 9>&- &
echo $! >pid
until curl -sf -o /dev/null http://127.0.0.1:{status}/readyz; do sleep 0.2; done
"""


class Bench:
    """A Postfix that knows nothing of Gatepost, a signed repository of rules, and the variables of the role."""

    def __init__(self, folder: Path, sink: Sink, rules: Path, status: int) -> None:
        self.folder = folder
        self.sink = sink
        self.postfix = PrivatePostfix(
            folder / "postfix", Wiring(next_hop=sink.port, listener=False, message_size_limit=10_240_000)
        )
        for name, text in (("gatepost", PROGRAM), ("restart", RESTART.format(folder=folder, status=status))):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        _repository(folder, rules)
        self.variables: dict[str, object] = {
            "ansible_become": False,
            "ansible_python_interpreter": "/usr/bin/python3",
            "gatepost_install": False,
            "gatepost_systemd": False,
            "gatepost_program": str(folder / "gatepost"),
            "gatepost_etc": str(folder / "etc"),
            "gatepost_state_folder": str(folder / "state"),
            "gatepost_user": "root",
            "gatepost_group": "root",
            "gatepost_settings": {"workers": {"count": 1}},
            "gatepost_rules_repository": str(folder / "rules"),
            "gatepost_rules_key": str(folder / "rules.pub.pem"),
            "gatepost_postfix_config": str(self.postfix.config),
            "gatepost_postfix_queue": str(self.postfix.queue_folder),
            "gatepost_loopback_port": self.postfix.loopback_port,
            "gatepost_status_port": status,
            "gatepost_restart_command": str(folder / "restart"),
            "gatepost_reload_command": f"sh -c 'kill -HUP $(cat {folder}/pid)'",
            # the private Postfix has its own ideas of these
            "gatepost_doctor_skip": ["login-tls", "time-outs", "disk", "memory", "inodes", "clock"],
        }

    def play(self, *arguments: str, code: int = 0, **variables: object) -> dict[str, int]:
        """Run the playbook for one machine; the recap of it."""
        file = self.folder / "variables.json"
        file.write_text(json.dumps({**self.variables, **variables}))
        command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"@{file}", *arguments]
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
        environ["ANSIBLE_PIPELINING"] = "1"
        done = subprocess.run(
            [*command, str(ROOT / "ansible" / "site.yml")],
            env=environ,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", done.stdout.rpartition("RECAP")[2])}

    def configuration(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.postfix.config.iterdir()}

    def send(self, raw: bytes = FORBIDDEN) -> int:
        """The code of the reply to the message; 451 where Postfix defers a command before it."""
        dialogue = self.postfix.send("nurse@clinic.example", ["bo@partner.example"], raw)
        return dialogue.data.code if dialogue.data is not None else 451

    def close(self) -> None:
        if (self.folder / "pid").exists():
            pid = int((self.folder / "pid").read_text())
            for one in (pid, *descendants(pid)):
                subprocess.run(["kill", str(one)], check=False, capture_output=True)


def _repository(folder: Path, rules: Path) -> None:
    """Signed on the machine of whoever answers for the rules."""
    shutil.copytree(rules, folder / "rules")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(folder / "rules.pem")], check=True)
    public = ["openssl", "pkey", "-in", str(folder / "rules.pem"), "-pubout", "-out", str(folder / "rules.pub.pem")]
    subprocess.run(public, check=True)
    _sign_and_commit(folder)


def _sign_and_commit(folder: Path, *, sign: bool = True) -> None:
    policy = folder / "rules" / "policy.yaml"
    if sign:
        key = ["--key", str(folder / "rules.pem"), "--signer", "officer@clinic.example"]
        subprocess.run(
            [str(folder / "gatepost"), "rules", "sign", *key, "--policy", str(policy)], check=True, capture_output=True
        )
    who = ["-c", "user.name=Officer", "-c", "user.email=officer@clinic.example", "-c", "init.defaultBranch=main"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Rules"]):
        subprocess.run(["git", *who, *words], cwd=folder / "rules", check=True)


@pytest.fixture
def bench(rules: Path) -> Iterator[Bench]:
    with private_folder("gp-an-") as folder, Sink() as sink, closing(PortHold()) as status:
        bench = Bench(folder, sink, rules, status.port)
        with closing(bench), bench.postfix:
            yield bench


def test_in_again_and_out(bench: Bench) -> None:
    """One play brings filtered mail; a second changes nothing; rules that nobody signed are refused and those in force
    stay; `absent` gives Postfix back every byte, and keeps what was kept."""
    before = bench.configuration()

    assert bench.play()["changed"] > 0
    assert bench.send() == 550
    assert bench.play()["changed"] == 0

    bench.play(gatepost_state="absent")
    assert bench.configuration() == before
    wait_until(lambda: bench.send() == 250, 30, "Postfix has taken its former configuration")
    assert (bench.folder / "state" / "keyring.json").exists()


SYSTEMCTL = """#!/bin/sh
echo "$@" >>{folder}/asked
echo LoadState=loaded; echo ActiveState=active; echo UnitFileState=enabled
"""
HANDLERS = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {{msg: "as a change of the configuration or of the rules"}}
      changed_when: true
      notify: "{{{{ what }}}}"
  handlers:
    - ansible.builtin.import_tasks: {handlers}
"""


@pytest.mark.parametrize(
    ("what", "units"),
    [
        ("Restart gatepost", ["gatepost-console.service", "gatepost-milter.service", "gatepost-portal.service"]),
        ("Reload gatepost", ["gatepost-console.service", "gatepost-milter.service"]),
    ],
)
def test_every_service_takes_what_is_new(tmp_path: Path, what: str, units: list[str]) -> None:
    """The console explains and redacts by the rules that it has, and would go on with those of before."""
    (tmp_path / "systemctl").write_text(SYSTEMCTL.format(folder=tmp_path))
    (tmp_path / "systemctl").chmod(0o755)
    handlers = ROOT / "ansible" / "roles" / "gatepost" / "handlers" / "main.yml"
    (tmp_path / "play.yml").write_text(HANDLERS.format(handlers=handlers))
    there = [
        "gatepost-milter.service",
        "gatepost-maintain.timer",
        "gatepost-console.service",
        "gatepost-portal.service",
    ]
    values = {"what": what, "gatepost_systemd": True, "gatepost_units": there}
    values |= {"gatepost_restart_command": "", "gatepost_reload_command": "", "ansible_become": False}
    values["ansible_python_interpreter"] = "/usr/bin/python3"
    (tmp_path / "variables.json").write_text(json.dumps(values))
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    words = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"@{tmp_path}/variables.json"]

    done = subprocess.run(
        [*words, str(tmp_path / "play.yml")], env=environ, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    asked = [line.split() for line in (tmp_path / "asked").read_text().splitlines()]
    assert sorted(line[1] for line in asked if line[0] == what.split()[0].lower()) == units


@LONG
def test_a_look_touches_nothing(bench: Bench) -> None:
    """Check mode on a machine that never saw Gatepost."""
    before = bench.configuration()
    bench.play("--check")
    assert bench.configuration() == before
    assert not (bench.folder / "etc").exists()
    assert not (bench.folder / "state").exists()


@LONG
def test_rules_that_nobody_signed_are_not_taken(bench: Bench) -> None:
    """The play fails, the rules in force stay, mail is filtered as before; signed, they are taken by a reload."""
    bench.play()
    rule = next((bench.folder / "rules" / "packs").rglob("*.yaml"))
    rule.write_text(rule.read_text() + "\n# changed\n")
    _sign_and_commit(bench.folder, sign=False)

    bench.play(code=2)
    assert bench.send() == 550

    _sign_and_commit(bench.folder)
    assert bench.play()["changed"] > 0
    assert bench.send() == 550


@LONG
def test_an_upgrade_under_load_loses_no_message(bench: Bench) -> None:
    """The gateway restarts while clients send: each message arrives once, since each client comes again after a 451."""
    bench.play()
    stop, sent, deferred = threading.Event(), [0], [0]

    def traffic() -> None:
        while not stop.is_set():
            while bench.send(PLAIN % sent[0]) != 250:
                deferred[0] += 1
            sent[0] += 1

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        assert bench.play(gatepost_settings={"workers": {"count": 2}})["changed"] > 0
    finally:
        stop.set()
        thread.join()
    bench.postfix.drain()

    arrived = [re.search(rb"^Subject: number (\d+)", d.octets, re.MULTILINE) for d in bench.sink.wait_for(sent[0])]
    numbers = sorted(int(found[1]) for found in arrived if found)
    assert numbers == list(range(sent[0]))
    assert deferred[0] > 0
