"""OpenLDAP's slapd on a loopback port, with entries of its own folder."""

import base64
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway.demo.lasting import Lasting
from gateway.demo.ports import PortHold, answers, wait_until

SUFFIX = "dc=partner,dc=example"
ADMIN, PASSWORD = f"cn=admin,{SUFFIX}", "correct horse"
MODULES = Path("/usr/lib/ldap")


class Slapd(Lasting):
    """`people`: certificates (DER) by mail address.

    `tls`: PEM files (certificate with its key; authority) for ldaps. `closed`: whoever gives no name reads nothing.
    """

    def __init__(
        self,
        folder: Path,
        people: Mapping[str, Sequence[bytes]],
        *,
        tls: tuple[Path, Path] | None = None,
        closed: bool = False,
    ) -> None:
        self._conf = folder / "slapd.conf"
        self._people = people
        self._hold = PortHold()
        (folder / "data").mkdir()
        lines = [f"include /etc/ldap/schema/{name}.schema" for name in ("core", "cosine", "inetorgperson")]
        lines += [f"modulepath {MODULES}", "moduleload back_mdb", f"pidfile {folder}/pid"]
        if tls:
            lines += [f"TLSCertificateFile {tls[0]}", f"TLSCertificateKeyFile {tls[0]}"]
            lines += [f"TLSCACertificateFile {tls[1]}"]
        lines += ["database mdb", f'suffix "{SUFFIX}"', f'rootdn "{ADMIN}"', f'rootpw "{PASSWORD}"']
        lines += [f"directory {folder}/data"]
        lines += ["access to * by anonymous auth by users read"] if closed else ["access to * by * read"]
        self._conf.write_text("\n".join(lines) + "\n")
        self.url = f"{'ldaps' if tls else 'ldap'}://127.0.0.1:{self._hold.port}"
        self.other_url = self.url.replace("127.0.0.1", "127.0.0.2")  # as if it were another machine's
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        added = subprocess.run(
            ["slapadd", "-f", str(self._conf)], input=_ldif(self._people), capture_output=True, check=False
        )
        assert added.returncode == 0, added.stderr
        command = ["slapd", "-d", "0", "-f", str(self._conf), "-h", f"{self.url}/ {self.other_url}/"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(self._hold.port), 20, "slapd answers")

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._hold.close()


def _ldif(people: Mapping[str, Sequence[bytes]]) -> bytes:
    text = [f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: partner\no: Partner\n"]
    for number, (address, certificates) in enumerate(people.items()):
        lines = [f"dn: cn=p{number},{SUFFIX}", "objectClass: inetOrgPerson", f"cn: p{number}", "sn: x"]
        lines += [f"mail: {address}"]
        lines += [f"userCertificate;binary:: {base64.b64encode(der).decode()}" for der in certificates]
        text.append("\n".join(lines) + "\n")
    return "\n".join(text).encode()
