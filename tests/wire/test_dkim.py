"""OpenDKIM behind Gatepost, and on the loopback listener: each copy is signed as it leaves, so each signature holds."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.demo.ports import PortHold, answers, wait_until
from gateway.demo.site import private_folder
from tests.makers.fanout import ANN, PAT, TOM, crew, to_all

CONF = """\
Domain clinic.example
Selector mail
KeyFile {folder}/mail.private
Socket inet:{port}@127.0.0.1
Mode s
Canonicalization simple/simple
InternalHosts 127.0.0.0/8
Background no
UserID opendkim
Syslog no
RequireSafeKeys no
"""

VERIFYING = """\
Mode v
TestDNSData {folder}/dns
InternalHosts 192.0.2.1
Syslog no
UserID opendkim
"""


@contextmanager
def opendkim(folder: Path) -> Iterator[int]:
    """An OpenDKIM that signs, with a key of its own; its port."""
    hold = PortHold()
    subprocess.run(
        ["opendkim-genkey", "-D", str(folder), "-d", "clinic.example", "-s", "mail", "-b", "2048"], check=True
    )
    shutil.chown(folder / "mail.private", "opendkim")
    public = "".join((folder / "mail.txt").read_text().split('"')[1::2])
    (folder / "dns").write_text(f"mail._domainkey.clinic.example {public}\n")
    (folder / "opendkim.conf").write_text(CONF.format(folder=folder, port=hold.port))
    log = (folder / "log").open("wb")
    process = subprocess.Popen(["/usr/sbin/opendkim", "-f", "-x", str(folder / "opendkim.conf")], stderr=log)
    try:
        wait_until(lambda: answers(hold.port), 20, "OpenDKIM answers")
        yield hold.port
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        hold.close()


@pytest.mark.skipif(not Path("/usr/sbin/opendkim").exists(), reason="OpenDKIM is not installed")
def test_every_copy_has_a_valid_signature(tmp_path: Path, wire_rules: Callable[[Path], Path]) -> None:
    """The copy in place and those handed over, encrypted or not: OpenDKIM itself verifies them."""
    with (
        private_folder("gp-dkim-") as folder,
        opendkim(folder) as port,
        crew(tmp_path, wire_rules(tmp_path / "rules"), signer=f"inet:127.0.0.1:{port}") as everybody,
    ):
        everybody.site.send(to_all("case-encrypt", ANN, PAT, TOM), ANN, PAT, TOM)
        everybody.site.postfix.drain()

        assert everybody.got() == {ANN: 1, PAT: 1, TOM: 1}
        for delivery in everybody.deliveries():
            assert delivery.octets.count(b"DKIM-Signature:") == 1
            verify(delivery.octets, folder)


def verify(octets: bytes, folder: Path) -> None:
    """AssertionError where OpenDKIM does not find a good signature of clinic.example."""
    (folder / "verify.conf").write_text(VERIFYING.format(folder=folder))
    (folder / "message").write_bytes(octets)
    command = ["/usr/sbin/opendkim", "-x", str(folder / "verify.conf"), "-t", str(folder / "message"), "-vv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "dkim=pass" in said, said
    assert "2048-bit key) succeeded" in said, said
