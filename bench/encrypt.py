"""What encrypting costs: each method of Gatepost beside the same tool called by hand for the same bytes, in one run.

`python -m bench.encrypt [messages]`: messages a second and CPU milliseconds (this process and its children), one after
the other, so that the two columns are compared fairly. For the portal, which seals a message in the store, notes it in the
database and in the audit log and writes a notification, that tool is `openssl enc` and a sync of the file that it makes.
Writes bench/results/encrypt.json.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from gateway.actions import Notices
from gateway.audit.log import AuditLog
from gateway.core.plan import Copy, Protection
from gateway.core.verdict import Method
from gateway.demo.pki import Authority, Wish
from gateway.encrypt import GnuPG, Manner, Protector
from gateway.encrypt.portal import Portal
from gateway.keys.material import Key, Signer, SigningKey
from gateway.pickup import Pickups
from gateway.store.blobs import Blobs
from gateway.store.database import open_database
from gateway.store.keyring import Keyring
from gateway.wiring.protection import Keeping
from tests.makers.opening import Correspondent

ANN, PAT, KIT = "ann@x.example", "pat@x.example", "kit@x.example"
SIZES = {"10 KiB": 10 << 10, "1 MiB": 1 << 20, "10 MiB": 10 << 20}


class Keys:
    """One recipient of each kind."""

    def __init__(self, certificate: str, key: str) -> None:
        self._certificate, self._key = certificate, key

    def certificate(self, address: str) -> Key | None:
        return Key("f", self._certificate)

    def openpgp(self, address: str) -> Key | None:
        return Key("f", self._key)

    def signer(self) -> Signer | None:
        return None

    def signing_key(self) -> SigningKey | None:
        return None


def measure(act: Callable[[], object], count: int) -> tuple[float, float]:
    """Messages a second, CPU milliseconds a message."""
    act()
    before, begun = cpu(), time.perf_counter()
    for _ in range(count):
        act()
    seconds = time.perf_counter() - begun
    return count / seconds, 1000 * (cpu() - before) / count


def cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def encrypted(protector: Protector, raw: bytes, copy: Copy) -> bytes:
    return protector.protect(raw, copy, lambda: None).octets()


def by_hand(command: list[str], octets: bytes) -> Callable[[], object]:
    return lambda: subprocess.run(command, input=octets, capture_output=True, check=True)


@contextmanager
def portal(folder: Path) -> Iterator[Portal]:
    """As `serve` has it: a sealed store, its database, and the audit log."""
    keyring, engine = Keyring.init(folder / "keyring.json"), open_database(f"sqlite:///{folder}/gatepost.db")
    pickups = Pickups(engine, Blobs(folder / "pickups", keyring), keyring.derive("pickup"), timedelta(days=14))
    try:
        with closing(AuditLog(folder / "audit", keyring.audit_key())) as audit:
            notices = Notices("mail@clinic.example", "Example Clinic", "+1 555 0100")
            yield Portal(Keeping(pickups, "https://portal.example", audit.append), notices)
    finally:
        engine.dispose()


def apart(protector: Protector, raw: bytes, copy: Copy) -> Callable[[], object]:
    """Never the same message twice: what waits already would not be sealed again."""
    numbers = iter(range(1 << 30))
    return lambda: encrypted(protector, raw + b"%d\r\n" % next(numbers), copy)


def main(count: int) -> None:
    authority, rows = Authority(), []
    with tempfile.TemporaryDirectory() as name, Correspondent(PAT) as pat, portal(Path(name)) as waiting:
        folder = Path(name)
        ann = authority.issue(Wish([ANN]))
        (folder / "ann.pem").write_text(ann.pem)
        (folder / "pat.asc").write_text(pat.public)
        protector = Protector(Keys(ann.pem, pat.public), GnuPG(folder / "gnupg"), Manner(seconds=60), waiting)
        openssl = [
            "openssl",
            "cms",
            "-encrypt",
            "-binary",
            "-aes-256-gcm",
            "-outform",
            "DER",
            "-recip",
            f"{folder}/ann.pem",
        ]
        gpg = ["gpg", "--homedir", str(pat.home), "--batch", "--armor", "--encrypt", "-f", f"{folder}/pat.asc"]
        sealing = f"openssl enc -aes-256-ctr -pass pass:x -pbkdf2 -iter 1 -out {folder}/sealed && sync {folder}/sealed"
        for label, size in SIZES.items():
            body = (os.urandom(size * 54 // 76).hex()[: size // 2] + "\r\n").encode() * 2
            raw = b"From: n@clinic.example\r\nTo: ann@x.example\r\nSubject: x\r\n\r\n" + body
            times = max(3, count if size < 1 << 20 else count // 10)
            for method, recipient, tool in (
                (Method.SMIME, ANN, openssl),
                (Method.PGP, PAT, gpg),
                (Method.PORTAL, KIT, ["sh", "-c", sealing]),
            ):
                copy = Copy((recipient,), (), Protection(method, "gcm" if method is Method.SMIME else ""))
                ours = measure(apart(protector, raw, copy), times)
                theirs = measure(by_hand(tool, raw), times)
                rows.append([method.value, label, times, *(round(number, 1) for number in (*ours, *theirs))])
    print(f"{'method':<8}{'size':>8}{'n':>6}{'msg/s':>9}{'CPU ms':>9}{'by hand':>10}{'CPU ms':>9}")
    for row in rows:
        print(f"{row[0]:<8}{row[1]:>8}{row[2]:>6}{row[3]:>9}{row[4]:>9}{row[5]:>10}{row[6]:>9}")
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "encrypt.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
