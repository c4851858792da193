"""This very machine with all that is written kept aside: for packages, users, units and a Postfix of the system.

An overlay in memory lies over the root; each script has processes and a network of its own, which end with it. As in a
container, systemd is not process 1 there.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETUP = """
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$SCRATCH/root"
mount -t proc proc "$SCRATCH/root/proc"
mount --rbind /dev "$SCRATCH/root/dev"
mount -t tmpfs tmpfs "$SCRATCH/root/run"
mount --bind "$SCRATCH/tmp" "$SCRATCH/root/tmp"
python3 -c 'import fcntl, socket, struct
with socket.socket() as any: fcntl.ioctl(any, 0x8914, struct.pack("16sh", b"lo", 0x49))' # the loopback interface, up
cd /
exec chroot "$SCRATCH/root" bash -euo pipefail -c "$SCRIPT"
"""
# A Postfix as Debian brings it, that relays to a sink which keeps each message as a file in /tmp/got.
POSTFIX = """
cat >/etc/postfix/main.cf <<'CF'
compatibility_level = 3.6
myhostname = mx.clinic.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
relayhost = [127.0.0.1]:2525
message_size_limit = 10240000
maillog_file = /var/log/postfix.log
CF
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
sed -i 's/^#postlog/postlog/' /etc/postfix/master.cf
postfix start >/dev/null 2>&1
install -d -o nobody /tmp/got
smtp-sink -u nobody -D /tmp/got/%s. 127.0.0.1:2525 16 &
"""
AS_USER = "setpriv --reuid=gatepost --regid=gatepost --groups=postfix,gatepost --no-new-privs --bounding-set=-all --"


class Scratch:
    """The machine, and what was changed in it since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        for name in ("upper", "work", "root", "tmp"):
            (folder / name).mkdir()
        (folder / "tmp").chmod(0o1777)

    def fetch_libraries(self, lock: Path) -> None:
        """So that pip finds them in it without a network."""
        command = [sys.executable, "-m", "pip", "download", "-q", "--require-hashes", "-r", str(lock)]
        subprocess.run([*command, "-d", str(self.folder / "tmp" / "libraries")], check=True, timeout=600)
        self._pip = {}  # settings of this machine's pip: they would come first
        lines = r"[global]\nno-index = true\nfind-links = /tmp/libraries\n"
        self.run(f"mkdir -p ~/.config/pip; printf '{lines}' >~/.config/pip/pip.conf")

    def run(self, script: str, code: int = 0, seconds: float = 600) -> str:
        """Output and errors of a script of bash in it. Raises AssertionError where its exit code is another one."""
        environ = {"PATH": os.environ["PATH"], "SCRATCH": str(self.folder), "SCRIPT": script, "HOME": "/root"}
        environ |= {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        environ |= self._pip
        apart = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
        done = subprocess.run(
            [*apart, "bash", "-euc", SETUP],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout


@contextmanager
def scratch_machine() -> Iterator[Scratch]:
    """One that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gp-scratch-", dir="/dev/shm"))
    try:
        yield Scratch(folder)
    finally:
        shutil.rmtree(folder)
