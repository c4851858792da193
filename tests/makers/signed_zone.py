"""unbound, validating, with a signed zone of our own: what DNSSEC vouches for and what it does not."""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import DSDigest
from dns.rdtypes.dnskeybase import Flag

from gateway.demo.lasting import Lasting
from gateway.demo.ports import wait_until


class Unbound(Lasting):
    """One signed zone, `lines` of it in DNS's notation, at port 53 of an address of loopback."""

    def __init__(self, folder: Path, zone: str, lines: Sequence[str], address: str, port: int = 53) -> None:
        self.address, self.port = address, port
        self._folder, self._zone = folder, zone
        anchor = self._sign(lines)
        (folder / "unbound.conf").write_text(
            f"""server:
  interface: {address}
  port: {port}
  do-daemonize: no
  use-syslog: no
  logfile: "{folder}/unbound.log"
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  access-control: 127.0.0.0/8 allow
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
remote-control:
  control-enable: no
auth-zone:
  name: "{zone}"
  zonefile: "{folder}/zone"
  for-downstream: no
  for-upstream: yes
"""
        )
        self._process: subprocess.Popen[bytes] | None = None

    def _sign(self, lines: Sequence[str]) -> str:
        """Writes the zone; its trust anchor."""
        text = f"@ 60 IN SOA ns hostmaster 1 3600 600 86400 60\n@ 60 IN NS ns\nns 60 IN A {self.address}\n"
        zone = dns.zone.from_text(text + "\n".join(lines) + "\n", origin=f"{self._zone}.", relativize=False)
        private = ec.generate_private_key(ec.SECP256R1())
        key = dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=Flag.ZONE | Flag.SEP)
        until = datetime.now(UTC) + timedelta(days=2)
        dns.dnssec.sign_zone(
            zone, keys=[(private, key)], expiration=until, inception=datetime.now(UTC) - timedelta(hours=1)
        )
        zone.to_file(str(self._folder / "zone"), relativize=False)
        name = dns.name.from_text(self._zone)
        return f"{name} DS {dns.dnssec.make_ds(name, key, DSDigest.SHA256)}"

    def start(self) -> None:
        command = ["unbound", "-d", "-c", str(self._folder / "unbound.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, 20, "unbound answers")

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        query = dns.message.make_query(self._zone, "SOA")
        try:
            return bool(dns.query.udp(query, self.address, timeout=1, port=self.port).answer)
        except (OSError, dns.exception.DNSException):
            return False
