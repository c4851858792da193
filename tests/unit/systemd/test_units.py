"""The units as they are shipped: hardened, free of mistakes, and their commands do what systemd expects of them.

There is no systemd as process 1 here: its own tools read the units, and the test plays its part towards the commands.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.config import load_config, shipped
from gateway.demo.ports import PortHold, answers, wait_until
from gateway.demo.service import COMMAND, Service, Settings
from gateway.demo.site import private_folder
from gateway.doctor.checks.units import settings

ROOT = Path(__file__).parents[3]
UNITS = ROOT / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
MOST_EXPOSED = 2.0
HERE = Path(__file__).parents[2] / "wire" / "rules"
SECONDS = 60
pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd's tools are not installed")


def analyze(*arguments: str) -> str:
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_unit_is_hardened(name: str) -> None:
    """By systemd's own measure, from 0 (safe) to 10 (exposed)."""
    told = analyze("security", "--offline=true", "--no-pager", str(UNITS / name))

    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", told)
    assert found, told
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("name", SERVICES)
def test_every_unit_gives_up_the_same(name: str) -> None:
    """What no command of Gatepost needs none of them has, the small ones neither."""
    given_up = (
        *(
            "NoNewPrivileges",
            "CapabilityBoundingSet",
            "AmbientCapabilities",
            "ProtectSystem",
            "ProtectHome",
            "ProtectProc",
        ),
        *("ProcSubset", "PrivateTmp", "PrivateDevices", "PrivateMounts", "ProtectClock", "ProtectHostname"),
        *("ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups"),
        *("RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "RemoveIPC", "LockPersonality"),
        *("MemoryDenyWriteExecute", "KeyringMode", "SystemCallArchitectures", "RestrictAddressFamilies", "LimitCORE"),
        *("UMask", "TasksMax"),
    )
    milter, service = (settings([(UNITS / each).read_text()]) for each in ("gatepost-milter.service", name))

    own = {"RestrictAddressFamilies", "TasksMax"}
    assert [word for word in given_up if word not in service] == []
    assert [word for word in given_up if word not in own and service[word] != milter[word]] == []


def test_what_people_reach_cannot_take_the_memory_of_the_gateway() -> None:
    """The console and the portal are bounded; mail goes on."""
    for name in ("gatepost-console.service", "gatepost-portal.service"):
        assert settings([(UNITS / name).read_text()])["MemoryMax"]


def test_the_console_takes_the_rules_that_the_gateway_takes() -> None:
    """Who reloads the gateway by hand reloads both: a message is not redacted by the rules of before."""
    assert "\nReloadPropagatedFrom=gatepost-milter.service\n" in (UNITS / "gatepost-console.service").read_text()


def test_every_unit_and_timer_is_free_of_mistakes(tmp_path: Path) -> None:
    """With the program where they look for it, `systemd-analyze verify` has nothing to say."""
    program = tmp_path / "gatepost"
    program.touch(0o755)
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.timer")):
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/gatepost/.venv/bin/gatepost", str(program)))

    told = analyze("verify", *map(str, [*tmp_path.glob("*.service"), *tmp_path.glob("*.timer")]))

    assert [line for line in told.splitlines() if "gatepost" in line] == []


def test_every_timer_has_its_service() -> None:
    """And every unit runs as Gatepost's user, restarts nothing that a wrong configuration ended."""
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").is_file()
    for name in SERVICES:
        service = settings([(UNITS / name).read_text()])
        assert service["User"] == ["gatepost"]
        if "Restart" in service:
            assert service["RestartPreventExitStatus"] == ["2"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_user_and_folders_are_made(tmp_path: Path) -> None:
    """In an empty system: Postfix brings its user and queue, systemd's tools make the rest."""
    for name in ("etc", "var/spool/postfix"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc" / "group").write_text("root:x:0:\npostfix:x:106:\n")
    (tmp_path / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")

    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", str(UNITS / "sysusers.conf")], check=True, timeout=60)
    subprocess.run(["systemd-tmpfiles", f"--root={tmp_path}", "--create", str(UNITS / "tmpfiles.conf")], check=True)

    user = next(line for line in (tmp_path / "etc" / "passwd").read_text().splitlines() if line.startswith("gatepost:"))
    uid = int(user.split(":")[2])
    assert user.endswith(":/var/lib/gatepost:/usr/sbin/nologin")
    modes = {}
    for name in ("etc/gatepost", "var/lib/gatepost", "var/spool/postfix/gatepost"):
        facts = (tmp_path / name).stat()
        modes[name] = (facts.st_mode & 0o777, facts.st_uid == uid)
    assert modes == {
        "etc/gatepost": (0o750, False),
        "var/lib/gatepost": (0o700, True),
        "var/spool/postfix/gatepost": (0o750, True),
    }


class Manager:
    """Plays systemd: starts a unit by its ExecStart line and hears what it tells."""

    def __init__(self, service: Service, environ: dict[str, str] | None = None) -> None:
        self._service = service
        self._environ = environ or {}
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._address = str(service.folder / "notify")
        self._notify.bind(self._address)
        self._notify.settimeout(SECONDS)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, unit: str) -> subprocess.Popen[bytes]:
        (line,) = settings([(UNITS / unit).read_text()])["ExecStart"]
        words = [word.replace("/etc/gatepost/gatepost.yaml", str(self._service.config)) for word in shlex.split(line)]
        words = [word.replace("/run/gatepost-doctor", str(self._service.folder)) for word in words]
        assert words[0] == "/opt/gatepost/.venv/bin/gatepost"
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "NOTIFY_SOCKET": self._address, **self._environ}
        process = subprocess.Popen([*COMMAND, *words[1:]], env=environ, stdout=subprocess.DEVNULL)
        self._processes.append(process)
        return process

    def told(self, state: str) -> None:
        """Wait until the service says so."""
        while state not in self._notify.recv(4096).decode().splitlines():
            pass

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait(SECONDS)
        self._notify.close()


@pytest.fixture
def service() -> Iterator[Service]:
    """Configuration, folders and keys of a gateway that is not started."""
    with private_folder("gp-unit-") as folder, closing(PortHold()) as loopback, closing(PortHold()) as console:
        rules = folder / "rules"
        shutil.copytree(HERE, rules)
        (rules / "detectors").mkdir()
        shutil.copy(shipped("rules") / "detectors" / "us-ssn.yaml", rules / "detectors")
        own: Settings = {
            "milter": {"socket-group": ""},
            "workers": {"count": 1},
            "postfix": {"lanes": []},
            "console": {"port": console.port},
        }
        gateway = Service(folder / "gateway", rules, loopback.port, own)
        with closing(gateway):
            gateway.prepare()
            yield gateway


@pytest.fixture
def manager(service: Service) -> Iterator[Manager]:
    with closing(Manager(service)) as manager:
        yield manager


def test_the_milter_tells_systemd_what_it_does(service: Service) -> None:
    """Ready when mail may come, alive by the watchdog, reloading on the signal of ExecReload, stopping on SIGTERM.

    The keyring comes as LoadCredentialEncrypted hands it over: none lies in the state folder.
    """
    credentials = service.folder / "credentials"
    credentials.mkdir(mode=0o700)
    (service.state / "keyring.json").rename(credentials / "keyring")
    own = service.config.read_text().replace("store:\n", 'store:\n  keyring-credential: "keyring"\n')
    service.config.write_text(own)
    with closing(Manager(service, {"CREDENTIALS_DIRECTORY": str(credentials)})) as manager:
        process = manager.start("gatepost-milter.service")
        manager.told("READY=1")
        assert service.answer("/readyz")[0] == 200
        manager.told("WATCHDOG=1")

        assert settings([(UNITS / "gatepost-milter.service").read_text()])["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
        process.send_signal(signal.SIGHUP)
        manager.told("RELOADING=1")
        manager.told("READY=1")

        process.terminate()
        manager.told("STOPPING=1")
        assert process.wait(SECONDS) == 0


def test_a_wrong_configuration_is_not_tried_again(service: Service, manager: Manager) -> None:
    """The exit code is the one at which the unit gives up."""
    service.config.write_text("no-such-section: {}\n")

    assert manager.start("gatepost-milter.service").wait(SECONDS) == 2


def test_the_console_serves_until_it_is_stopped(service: Service, manager: Manager) -> None:
    """By its ExecStart line; systemd takes an end by SIGTERM for a good one (systemd.service(5))."""
    process = manager.start("gatepost-console.service")
    port = load_config(service.config, {}).console.port
    wait_until(lambda: answers(port), SECONDS, "the console answers")
    process.terminate()
    assert process.wait(SECONDS) in (0, -signal.SIGTERM)


def test_timers_run_beside_the_milter(service: Service, manager: Manager) -> None:
    """Maintenance and verification end well; the doctor ends with a code that its unit takes for success."""
    milter = manager.start("gatepost-milter.service")
    manager.told("READY=1")

    assert manager.start("gatepost-maintain.service").wait(SECONDS) == 0
    assert manager.start("gatepost-audit-verify.service").wait(SECONDS) == 0
    taken = settings([(UNITS / "gatepost-doctor.service").read_text()])["SuccessExitStatus"][0].split()
    assert str(manager.start("gatepost-doctor.service").wait(SECONDS)) in ("0", *taken)
    assert "gatepost_doctor_troubles" in (service.folder / "gatepost.prom").read_text()

    milter.terminate()
    assert milter.wait(SECONDS) == 0
    segment = service.audit / "audit-000001.jsonl"
    segment.write_text(segment.read_text().replace("gateway-started", "gateway-stopped", 1))
    assert manager.start("gatepost-audit-verify.service").wait(SECONDS) == 3
