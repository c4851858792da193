"""A private Postfix: configuration, queue, data and log in a folder of its own, on loopback ports of its own.

Nothing of the machine's Postfix (/etc/postfix, its queue, its processes) is read or touched. Needs root, as Postfix
does. The process dies with its parent, even where that is killed.
"""

import json
import os
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.demo.client import Dialogue, converse
from gateway.demo.guard import Guard
from gateway.demo.lasting import Lasting
from gateway.demo.ports import LOOPBACK, PortHold, answers, wait_until
from gateway.demo.postfix_files import LANES, LANES_OFF, LISTENER, MAIN_CF, MASTER_CF, overridden
from gateway.demo.sasl import SaslServer

DAEMONS = next(
    (d for d in (Path("/usr/lib/postfix/sbin"), Path("/usr/libexec/postfix")) if d.is_dir()),
    Path("/usr/lib/postfix/sbin"),
)


GREETED_SECONDS = 120  # longer than Postfix waits for a milter
REPLY_SECONDS = 300


def date_back(config: Path) -> None:
    """Of a main.cf that was just written: Postfix's programs wait until it is two seconds old, in case more comes."""
    when = time.time() - 60
    os.utime(config / "main.cf", (when, when))


class PostfixFailed(Exception):
    """Postfix did not start, or greets nobody; the text has the end of its own log."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the private Postfix is connected to. `milter` is in Postfix's notation: "unix:/path", "inet:host:port"."""

    next_hop: int  # loopback port that all mail goes to
    milter: str = ""
    message_size_limit: int = 209_715_200  # bytes
    users: Mapping[str, str] | None = None  # name to password, for SMTP AUTH
    settings: Sequence[str] = ()  # more lines for main.cf, "name = value"
    lane_hop: str = ""  # where the TLS lanes lead, in Postfix's notation; "": to the next hop
    services: Sequence[str] = ()  # more lines for master.cf
    signer: str = ""  # a milter behind the first, and the only one of the loopback listener
    around: Sequence[str] = ()  # a command that starts another, put before the one that starts Postfix
    listener: bool = True  # has the one for what Gatepost hands back; False: as before anybody thought of Gatepost


class PrivatePostfix(Lasting):
    """`submission_port`: with the milter, offers AUTH, serves loopback clients without it too.
    `loopback_port`: without the milter, for what Gatepost hands back."""

    def __init__(self, folder: Path, wiring: Wiring) -> None:
        """`folder` is made; its parents must be open to the user postfix, its path short (unix sockets)."""
        self.folder = folder
        self.config = folder / "etc"
        self.queue_folder = folder / "queue"
        self.log = folder / "mail.log"
        self._wiring = wiring
        self._holds = (PortHold(), PortHold())
        self.submission_port, self.loopback_port = (hold.port for hold in self._holds)
        self._master: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self._sasl: SaslServer | None = None

    @property
    def pid(self) -> int | None:
        """Of its master process; None when it does not run."""
        return None if self._master is None else self._master.pid

    def start(self) -> None:
        """Write the files, start, wait until both listeners answer. Raises PostfixFailed."""
        self._lay_out()
        if self._sasl is None:
            self._sasl = SaslServer(self.folder / "auth", self._wiring.users or {})
        checked = self._run("postfix", "-c", str(self.config), "check")
        if checked.returncode:
            raise PostfixFailed(checked.stderr.decode("utf-8", "replace"))
        command = [*self._wiring.around, str(DAEMONS / "master"), "-c", str(self.config)]
        self._master = subprocess.Popen(
            command,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._guard = Guard(self._master.pid)
        try:
            wait_until(self._is_up, 30, "Postfix answers")
        except TimeoutError as error:
            raise PostfixFailed("\n".join(self.log_lines()[-20:])) from error

    def stop(self) -> None:
        """End the processes; queue and log stay, so that `start` goes on where this stopped."""
        master, self._master = self._master, None
        if master is None:
            return
        if self._guard is not None:
            self._guard.dismiss()
        master.terminate()
        try:
            master.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(master.pid, signal.SIGKILL)
            master.wait(15)
        # its children notice by themselves that it is gone
        wait_until(lambda: not self._left_over(), 15, "the last process of Postfix has ended")

    def _left_over(self) -> bool:
        """A process that was started for this folder still runs."""
        name = str(self.folder).encode()
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if name in cmdline.read_bytes():
                    return True
        return False

    def close(self) -> None:
        """Stop for good and give the ports back. The folder stays."""
        self.stop()
        if self._sasl is not None:
            self._sasl.close()
            self._sasl = None
        for hold in self._holds:
            hold.close()

    def connect(self, port: int | None = None) -> smtplib.SMTP:
        """A connection to the submission listener, or to `port`; no command sent yet but EHLO. Raises PostfixFailed."""
        client = smtplib.SMTP(local_hostname="client.example", timeout=GREETED_SECONDS)
        try:
            client.connect(LOOPBACK, port or self.submission_port)
        except TimeoutError as error:
            raise PostfixFailed("\n".join(self.log_lines()[-40:])) from error
        assert client.sock is not None
        client.sock.settimeout(REPLY_SECONDS)
        client.ehlo()
        return client

    def send(
        self,
        mail_from: str,
        recipients: Sequence[str],
        raw: bytes,
        auth: tuple[str, str] | None = None,
        port: int | None = None,
    ) -> Dialogue:
        """One transaction in a connection of its own: every reply, none of them an exception."""
        with self.connect(port) as client:
            if auth is not None:
                client.login(*auth)
            return converse(client, mail_from, recipients, raw)

    def sendmail(self, mail_from: str, recipients: Sequence[str], raw: bytes) -> int:
        """Local submission by sendmail(1), as root; returns its exit code (0: in the queue)."""
        done = self._run(
            "sendmail", "-C", str(self.config), "-i", "-f", mail_from or "<>", "--", *recipients, stdin=raw
        )
        return done.returncode

    def queue(self) -> list[dict[str, Any]]:
        """What waits in the queue, as `postqueue -j` tells it."""
        done = self._run("postqueue", "-c", str(self.config), "-j")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def flush(self) -> None:
        """Try to deliver all that waits, now."""
        self._run("postqueue", "-c", str(self.config), "-f")

    def change(self, flag: str, *assignments: str) -> None:
        """Set `name=value` by postconf(1) and take it into use. Raises PostfixFailed."""
        for command in (
            ("postconf", "-c", str(self.config), flag, *assignments),
            ("postfix", "-c", str(self.config), "reload"),
        ):
            done = self._run(*command)
            if done.returncode:
                raise PostfixFailed(done.stderr.decode("utf-8", "replace"))
            date_back(self.config)

    def empty(self) -> None:
        """Forget all that waits."""
        self._run("postsuper", "-c", str(self.config), "-d", "ALL")

    def drain(self, seconds: float = 30) -> None:
        """Until the queue is empty; TimeoutError after `seconds`."""
        wait_until(lambda: not self.queue(), seconds, "the queue is empty", every=0.1)

    def log_lines(self) -> list[str]:
        """The mail log so far."""
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []

    def _lay_out(self) -> None:
        for folder in (self.folder, self.config, self.queue_folder, self.folder / "data"):
            folder.mkdir(mode=0o755, exist_ok=True)
        self.log.touch(mode=0o600)
        for own in (self.folder / "data", self.log):  # postsuper gives up root before it says what it found odd
            shutil.chown(own, "postfix")
        wiring = self._wiring
        main = MAIN_CF.format(
            folder=self.folder,
            daemons=DAEMONS,
            next_hop=f"[{LOOPBACK}]:{wiring.next_hop}",
            milter=", ".join(filter(None, (wiring.milter, wiring.signer))),
            message_size_limit=wiring.message_size_limit,
            postfix_bin=Path(shutil.which("postconf") or "/usr/sbin/postconf").parent,
        )
        (self.config / "main.cf").write_text(overridden(main, wiring.settings))
        master = MASTER_CF.format(submission=self.submission_port, folder=self.folder)
        listener = LISTENER.format(loopback=self.loopback_port, signer=wiring.signer) if wiring.listener else ""
        (self.config / "master.cf").write_text(master + listener + "".join(f"{line}\n" for line in wiring.services))
        hop = wiring.lane_hop or f"[{LOOPBACK}]:{wiring.next_hop}"
        (self.config / "lanes").write_text(LANES.format(hop=hop))
        (self.config / "lanes-off").write_text(LANES_OFF)
        date_back(self.config)

    def _is_up(self) -> bool:
        if self._master is not None and self._master.poll() is not None:
            raise PostfixFailed("\n".join(self.log_lines()[-20:]))
        return answers(self.submission_port) and (not self._wiring.listener or answers(self.loopback_port))

    def _run(self, *command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


def available() -> str:
    """Why a private Postfix cannot run here; "" when it can."""
    if sys.platform != "linux" or shutil.which("postfix") is None:
        return "Postfix is not installed"
    if os.geteuid() != 0:
        return "a private Postfix needs root (or sudo)"
    return ""
