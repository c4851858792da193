"""Filters that people use today, set up to look for the same forty patterns (or what they have for it), for `bench.relay`.

Each is a context that yields the process id of its main process, the milter listening on `path`; its packages are Debian's:

    apt install --no-install-recommends rspamd clamav-daemon clamav-milter mimedefang libnet-dns-perl

`naive` is what one writes in an afternoon (bench.naive).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from gateway.demo.ports import wait_until
from gateway.demo.postfix import PrivatePostfix
from gateway.demo.service import descendants

PATTERNS = Path(__file__).parent / "patterns-forty.txt"  # what re, PCRE and Hyperscan all take
NEEDED = {
    "naive": (),
    "rspamd": ("rspamd",),
    "clamav": ("clamd", "clamav-milter"),
    "mimedefang": ("mimedefang", "mimedefang-multiplexor"),
}
WAYS = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

RSPAMD = """
options {{
  filters = "regexp"; explicit_modules = []; task_timeout = 60s;
  pidfile = "{at}/pid"; cache_file = "{at}/symbols"; hs_cache_dir = "{at}/"; tempdir = "{at}";
  control_socket = "{at}/control mode=0600"; url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  check_attachements = true; check_text_attachements = true;
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
}}
logging {{ type = "file"; filename = "{at}/log"; level = "info"; }}
worker "rspamd_proxy" {{
  bind_socket = "{socket} mode=0666"; milter = yes; count = 2; timeout = 120s;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
actions {{ reject = 1000; }}
regexp {{ max_size = 16M; }}
lua = "{at}/patterns.lua";
"""
CLAMD = """
Foreground yes
LocalSocket {at}/clamd.sock
DatabaseDirectory {at}
TemporaryDirectory {at}
LogFile {at}/clamd.log
MaxThreads 8
MaxQueue 100
DisableCache yes
Bytecode no
PhishingSignatures no
PhishingScanURLs no
StructuredDataDetection yes
StructuredMinCreditCardCount 1
StructuredMinSSNCount 1
StructuredSSNFormatNormal yes
"""
CLAMAV_MILTER = """
Foreground yes
MilterSocket unix:{socket}
MilterSocketMode 666
ClamdSocket unix:{at}/clamd.sock
TemporaryDirectory {at}
LogFile {at}/milter.log
OnInfected Accept
LogInfected Basic
"""
MIMEDEFANG = """
detect_and_load_perl_modules();
my @patterns;
open(my $file, '<', '{at}/patterns') or die; while (<$file>) {{ chomp; push @patterns, qr/$_/i; }} close $file;
sub filter {{
    my ($entity, $name, $extension, $type) = @_;
    if ($type =~ m{{^text/}}) {{
        my $text = $entity->bodyhandle->as_string;
        $text =~ s/<[^>]*>/ /g if $type eq 'text/html';
        for my $pattern (@patterns) {{ my $count = () = $text =~ /$pattern/g; }}
    }}
    return action_accept();
}}
sub filter_multipart {{ return action_accept(); }}
sub filter_end {{ }}
1;
"""


def missing(name: str) -> tuple[str, ...]:
    """Programs that this filter needs and this machine has not."""
    return tuple(program for program in NEEDED.get(name, ()) if shutil.which(program, path=WAYS) is None)


@contextmanager
def process(command: Sequence[str], ready: Callable[[], bool]) -> Iterator[int]:
    """A program in a group of its own, until the end."""
    environment = {**os.environ, "PATH": WAYS}
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True, env=environment)
    try:
        wait_until(lambda: child.poll() is not None or ready(), 300, f"{command[0]} is ready")
        if child.poll() is not None:
            raise SystemExit(f"{command[0]} ended at once with {child.returncode}: {' '.join(command)}")
        yield child.pid
    finally:
        for pid in (*descendants(child.pid), child.pid):  # some of them have made groups of their own
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.wait()


def _place(folder: Path, path: Path, user: str = "") -> Path:
    """Where a filter has its files, and its socket may come."""
    at = folder / "filter"
    for each in (at, path.parent):
        each.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(each, user)
    shutil.copy(PATTERNS, at / "patterns")
    return at


@contextmanager
def naive(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    at = _place(folder, path)
    command = [sys.executable, "-m", "bench.naive", f"unix:{path}", str(at / "patterns")]
    with process(command, path.exists) as pid:
        path.chmod(0o666)
        yield pid


@contextmanager
def rspamd(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    """Two workers, each pattern a rule over the texts of a message, no other module."""
    at = _place(folder, path, "_rspamd")
    rules = (
        f"config['regexp']['P{number}'] = {{ re = [==[/{regex.replace('/', chr(92) + '/')}/i{{mime}}]==], score = 0.1 }}"
        for number, regex in enumerate(PATTERNS.read_text().splitlines())
    )
    (at / "patterns.lua").write_text("config['regexp'] = {}\n" + "\n".join(rules) + "\n")
    (at / "conf").write_text(RSPAMD.format(at=at, socket=path))
    log = at / "log"
    with process(
        ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(at / "conf")],
        # compiled databases come into use some time after the start
        lambda: log.exists() and re.search(r"rspamd_proxy.*hyperscan expressions", log.read_text()) is not None,
    ) as pid:
        yield pid


@contextmanager
def clamav(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    """No signatures, only what it has for SSNs and cards. One shell is above both programs, so that both are counted."""
    at = _place(folder, path)
    (at / "own.ndb").write_text("Bench:0:*:" + b"a text that no message has".hex() + "\n")
    for name, text in (("clamd.conf", CLAMD), ("milter.conf", CLAMAV_MILTER)):
        (at / name).write_text(text.format(at=at, socket=path))
    script = f"clamd -c {at}/clamd.conf & until [ -S {at}/clamd.sock ]; do sleep .1; done; clamav-milter -c {at}/milter.conf & wait"
    with process(["sh", "-c", script], path.exists) as pid:
        yield pid


@contextmanager
def mimedefang(folder: Path, path: Path, postfix: PrivatePostfix) -> Iterator[int | None]:
    """Two to four Perl processes."""
    at = _place(folder, path, "defang")
    (at / "filter.pl").write_text(MIMEDEFANG.format(at=at))
    (at / "spool").mkdir()
    shutil.chown(at / "spool", "defang")
    script = (
        f"mimedefang-multiplexor -D -U defang -m 2 -x 4 -b 250 -r 100000 -i 600 -q 64 -Q 240 -z {at}/spool -s {at}/mx.sock -E -F {at}/filter.pl & "
        f"until [ -S {at}/mx.sock ]; do sleep .1; done; mimedefang -D -U defang -q -z {at}/spool -m {at}/mx.sock -p {path} & wait"
    )
    with ExitStack() as stack:
        pid = stack.enter_context(process(["sh", "-c", script], path.exists))
        path.chmod(0o666)
        yield pid


Start = Callable[[Path, Path, PrivatePostfix], AbstractContextManager[int | None]]
ANCHORS: dict[str, Start] = {"naive": naive, "rspamd": rspamd, "clamav": clamav, "mimedefang": mimedefang}
SLOW = frozenset({"naive", "mimedefang"})
