"""What encrypting costs: each method of Gatepost beside the same tool called by hand for the same bytes, in one run.

`python -m bench.encrypt [messages]`: messages a second and CPU milliseconds (this process and its children), one after
the other, so that the two columns are compared fairly. Writes bench/results/encrypt.json.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gateway.core.plan import Copy, Protection
from gateway.core.verdict import Method
from gateway.demo.pki import Authority, Wish
from gateway.encrypt import GnuPG, Manner, Protector
from gateway.keys.material import Key, Signer, SigningKey
from tests.makers.opening import Correspondent

ANN, PAT = "ann@x.example", "pat@x.example"
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


def main(count: int) -> None:
    authority, rows = Authority(), []
    with tempfile.TemporaryDirectory() as name, Correspondent(PAT) as pat:
        folder = Path(name)
        ann = authority.issue(Wish([ANN]))
        (folder / "ann.pem").write_text(ann.pem)
        (folder / "pat.asc").write_text(pat.public)
        protector = Protector(Keys(ann.pem, pat.public), GnuPG(folder / "gnupg"), Manner(seconds=60))
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
        for label, size in SIZES.items():
            body = (os.urandom(size * 54 // 76).hex()[: size // 2] + "\r\n").encode() * 2
            raw = b"From: n@clinic.example\r\nTo: ann@x.example\r\nSubject: x\r\n\r\n" + body
            times = max(3, count if size < 1 << 20 else count // 10)
            for method, recipient, tool in ((Method.SMIME, ANN, openssl), (Method.PGP, PAT, gpg)):
                copy = Copy((recipient,), (), Protection(method, "gcm" if method is Method.SMIME else ""))
                ours = measure(partial(encrypted, protector, raw, copy), times)
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
