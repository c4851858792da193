"""`gatepost serve` as a process of its own, with a folder of its own, as an administrator would run it."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.demo.guard import Guard
from gateway.demo.lasting import Lasting
from gateway.demo.ports import LOOPBACK, PortHold, wait_until

# The installed script may be missing or another version's: run the code that is imported here.
COMMAND = (sys.executable, "-P", "-c", "from gateway.cli.main import run; run()")

Settings = Mapping[str, Mapping[str, object]]


class ServiceFailed(Exception):
    """`gatepost` ended or did not become ready; the text has the end of its log."""


class Service(Lasting):
    """One gateway. `settings` (section, setting, value) go on top of what its folder and ports ask for."""

    def __init__(
        self,
        folder: Path,
        rules: Path,
        loopback_port: int,
        settings: Settings | None = None,
        mail_log: Path | None = None,
    ) -> None:
        """`folder` is made; `rules` holds policy.yaml; `loopback_port` is Postfix's listener without the milter."""
        self.folder = folder
        self.rules = rules
        self.state = folder / "state"
        self.audit = self.state / "audit"
        self.log = folder / "gatepost.log"
        self.config = folder / "gatepost.yaml"
        self.launcher: Sequence[str] = COMMAND  # of `serve`; a test may put something around it
        self._hold = PortHold()
        self._settings = _settings(self, loopback_port, settings or {}, mail_log)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    @property
    def status_port(self) -> int:
        return self._hold.port

    @property
    def pid(self) -> int:
        """Of the main process; ServiceFailed when it does not run."""
        if self._process is None:
            raise ServiceFailed("gatepost is not running")
        return self._process.pid

    def start(self, seconds: float = 240) -> None:
        """Prepare, start, wait for /readyz. Raises ServiceFailed.

        Seconds, where little else runs; a slow machine, compiling all patterns for the first time, gets its time.
        """
        self.prepare()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.launcher, "serve", "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=_environment(),
            )
        self._guard = Guard(self._process.pid)
        try:
            wait_until(self._is_ready, seconds, "gatepost is ready")
        except TimeoutError as error:
            raise ServiceFailed(self._end_of_log(f"was not ready after {seconds:.0f} seconds")) from error

    def override(self, section: str, setting: str, value: object) -> None:
        """Change a setting before the next start."""
        self._settings.setdefault(section, {})[setting] = value

    def prepare(self) -> None:
        """Folders, gatepost.yaml, and keys if there are none."""
        for folder, mode in ((self.folder, 0o755), (self.folder / "run", 0o755), (self.state, 0o700)):
            folder.mkdir(mode=mode, exist_ok=True)
        self.config.write_text(_yaml(self._settings))
        if not (self.state / "keyring.json").exists():
            self.command("keys", "init")

    def stop(self, seconds: float = 90) -> int:
        """SIGTERM and wait; its exit code."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self) -> None:
        """SIGKILL of the main process, as the kernel does when memory runs out; its workers must notice themselves."""
        self._end(signal.SIGKILL, 30)

    def close(self) -> None:
        """Stop for good, kill what is left of its session and give the port back. The folder stays."""
        process = self._process
        if process is not None:
            try:
                self.stop(20)
            except subprocess.TimeoutExpired:
                self._end(signal.SIGKILL, 30)
            finally:
                _kill_session(process.pid)
        self._hold.close()

    def reload(self) -> None:
        """SIGHUP. What came of it is in the metrics."""
        os.kill(self.pid, signal.SIGHUP)

    def command(self, *words: str, expect: int = 0) -> str:
        """Standard output of `gatepost <words> --config …`; ServiceFailed where its exit code is another one."""
        return self._run(words, expect).stdout.decode("utf-8", "replace")

    def complaint(self, *words: str, expect: int) -> str:
        """Standard error of such a command."""
        return self._run(words, expect).stderr.decode()

    def _run(self, words: Sequence[str], expect: int) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [*COMMAND, *words, "--config", str(self.config)],
            capture_output=True,
            timeout=120,
            check=False,
            env=_environment(),
        )
        if done.returncode != expect:
            raise ServiceFailed(f"gatepost {' '.join(words)}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
        return done

    def answer(self, path: str) -> tuple[int, str]:
        """HTTP status and text of /metrics, /healthz or /readyz; (0, "") when nobody answers."""
        url = f"http://{LOOPBACK}:{self.status_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self) -> dict[str, float]:
        """Every sample of /metrics: `name{labels}` to value."""
        lines = (line for line in self.answer("/metrics")[1].splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def audit_events(self) -> list[dict[str, Any]]:
        """Every line of the audit log, in order of its segments."""
        files = sorted(path for path in self.audit.iterdir() if path.suffix == ".jsonl")
        return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]

    def quarantine(self, *words: str) -> list[dict[str, Any]]:
        """The items that `gatepost quarantine list` tells."""
        text = self.command("quarantine", "list", "--format", "json", *words)
        return [json.loads(line) for line in text.splitlines()]

    def held(self) -> int:
        """How many items the quarantine holds, by the metric."""
        return int(self.metrics()["gatepost_quarantine_items"])

    def log_lines(self) -> list[str]:
        """Its standard error so far."""
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []

    def workers(self) -> list[int]:
        """Process ids of the workers: those below the main process that have nobody below them."""
        return [pid for pid in descendants(self.pid) if not descendants(pid)]

    def is_busy(self) -> bool:
        """Some worker has a message."""
        return self.metrics().get("gatepost_workers_busy", 0) > 0

    def _is_ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise ServiceFailed(self._end_of_log("ended by itself"))
        return self.answer("/readyz")[0] == 200

    def _end(self, number: signal.Signals, seconds: float) -> int:
        if self._process is None:
            return 0
        if self._guard is not None:
            self._guard.dismiss()
        self._process.send_signal(number)  # does nothing where it has ended
        code = self._process.wait(seconds)
        self._process = None
        return code

    def _end_of_log(self, what: str) -> str:
        """`what` it did, and the end of its log."""
        return "\n".join((f"gatepost {what}; the end of its log:", *(self.log_lines()[-20:] or ["(nothing)"])))


def descendants(pid: int) -> list[int]:
    """Process ids below `pid`, from /proc; empty when it is gone."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def _kill_session(session: int) -> None:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except OSError:  # it has just ended
            continue


def _environment() -> dict[str, str]:
    """Ours without GATEPOST_ settings of the user, with the code that is imported here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEPOST_")}
    root = str(Path(__file__).resolve().parents[2])
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, (root, kept.get("PYTHONPATH"))))}


def _settings(
    service: Service, loopback_port: int, more: Settings, mail_log: Path | None
) -> dict[str, dict[str, object]]:
    base: dict[str, dict[str, object]] = {
        "milter": {"socket": f"unix:{service.folder}/run/milter.sock", "socket-group": "postfix"},
        "policy": {"file": str(service.rules / "policy.yaml")},
        "store": {"folder": str(service.state)},
        "postfix": {
            "submit-port": loopback_port,
            "lanes": ["encrypt", "secure", "dane-only"],
            **({"mail-log": str(mail_log)} if mail_log else {}),
        },
        "status": {"port": service.status_port},
    }
    return {section: {**base.get(section, {}), **more.get(section, {})} for section in {**base, **more}}


def _yaml(settings: Settings) -> str:
    """Sections and settings as YAML; JSON scalars are YAML scalars."""

    def section(values: Mapping[str, object]) -> Sequence[str]:
        return [f"  {name}: {json.dumps(value)}" for name, value in values.items()]

    return "\n".join(line for name, values in settings.items() for line in (f"{name}:", *section(values))) + "\n"
