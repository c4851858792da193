"""PGP/MIME (RFC 3156): one OpenPGP message, signed and encrypted by GnuPG, in a multipart/encrypted.

GnuPG is run by python-gnupg with a home of its own, without an agent's prompts. It is given the one key of each
recipient as a file (`--recipient-file`), the very bytes that `gateway.keys` has checked and pinned: no keyring, no
trust database and no look-up of its own can put another in its place, which is why it need not judge trust itself.
"""

import copy
import io
import re
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gnupg

from gateway.encrypt.errors import EncryptFailed
from gateway.keys.material import SigningKey
from gateway.processes.programs import (
    PROGRESS_SECONDS,
    SPARE_BYTES,
    Patience,
    ProgramFailed,
    environment,
    kill,
    private_folder,
)
from gateway.processes.programs import run as run_program

GPG = "gpg"
OPTIONS = ["--no-auto-key-locate", "--no-auto-key-import", "--disable-dirmngr", "--no-auto-check-trustdb"]
PROVES_ENCRYPTION = "encryption ok"
# The first that all recipients name in their keys. Those with small blocks are not among them, and come all the same
# where a key names no other: then it is AES with 128 bits, which every recipient has (RFC 9580 section 9.3).
CIPHERS = "AES256 AES192 AES CAMELLIA256 CAMELLIA192 CAMELLIA128 TWOFISH"
SMALL_BLOCKS = frozenset({b"1", b"2", b"3", b"4"})  # IDEA, 3DES, CAST5, Blowfish
_CIPHER = re.compile(rb"^\[GNUPG:\] BEGIN_ENCRYPTION [0-9]+ ([0-9]+)", re.MULTILINE)

Started = Callable[["subprocess.Popen[bytes]"], None]


class GnuPG:
    """Encrypts with the GnuPG of one home folder. Safe for many threads: each run is a process of its own."""

    def __init__(self, home: Path, program: str = GPG) -> None:
        self._home = home
        self._program = program
        self._gpg: _Watched | None = None
        self._lock = threading.Lock()
        self._installed: set[str] = set()

    def encrypt(
        self,
        entity: bytes,
        keys: Sequence[str],
        patience: Patience,
        *,
        hidden: bool = False,
        signing: SigningKey | None = None,
    ) -> tuple[bytes, bytes]:
        """The header fields and the body of the encrypted entity. Raises EncryptFailed, ProgramFailed.

        `keys` are armored, one a recipient. `hidden`: their key ids do not stand in the message.
        """
        if not keys:
            raise EncryptFailed("there is no key to encrypt for")
        if signing is not None:
            self._install(signing, patience)
        with private_folder() as folder:
            arguments = ["--encrypt", "--armor", *OPTIONS, "--personal-cipher-preferences", CIPHERS]
            for number, armored in enumerate(keys):
                file = folder / f"{number}.asc"
                file.write_text(armored, "ascii")
                arguments += ["--hidden-recipient-file" if hidden else "--recipient-file", str(file)]
            armor, cipher = self._run(entity, arguments, signing, patience)
            if cipher in SMALL_BLOCKS:
                armor, _ = self._run(entity, [*arguments, "--cipher-algo", "AES"], signing, patience)
            return _wrapped(armor)

    def _run(
        self, entity: bytes, arguments: list[str], signing: SigningKey | None, patience: Patience
    ) -> tuple[bytes, bytes]:
        """The armored message, and the number of its cipher (RFC 9580 section 9.3)."""
        run = _Run(lambda started: self._opened(started).encrypt_bytes(entity, arguments, signing, started))
        run.wait(patience)
        status = run.result
        if not status.ok or status.status != PROVES_ENCRYPTION or not status.data:
            raise EncryptFailed("gpg refused to encrypt: a key is expired, revoked or cannot encrypt")
        found = _CIPHER.search(status.stderr.encode("utf-8", "replace"))
        return bytes(status.data), found[1] if found else b""

    def _install(self, signing: SigningKey, patience: Patience) -> None:
        """A key that is new here goes into our home of GnuPG; it stays under its passphrase there."""
        with self._lock:
            if signing.fingerprint in self._installed:
                return
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            command = [
                self._program,
                "--no-options",
                "--batch",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
                "--homedir",
                str(self._home),
            ]
            if run_program([*command, "--import"], signing.armored, patience).code:
                raise EncryptFailed("gpg did not take the organization's key to sign with")
            self._installed.add(signing.fingerprint)

    def _opened(self, started: "Started") -> "_Watched":
        """python-gnupg asks the program for its version once, when it is made."""
        with self._lock:
            if self._gpg is None:
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._gpg = _Watched(started, gpgbinary=self._program, gnupghome=str(self._home))
                self._gpg.encoding = "utf-8"
            return self._gpg


class _Run:
    """One run of gpg in a thread of its own, so that it can be given up: python-gnupg would wait for ever."""

    def __init__(self, work: Callable[[Started], Any]) -> None:
        self.result: Any = None
        self._failure: BaseException | None = None
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._given_up = False
        self._thread = threading.Thread(target=self._work, args=(work,), name="gpg", daemon=True)
        self._thread.start()

    def _work(self, work: Callable[[Started], Any]) -> None:
        try:
            self.result = work(self._started)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._failure = error

    def _started(self, process: "subprocess.Popen[bytes]") -> None:
        """A process that comes after its run was given up dies at once."""
        with self._lock:
            self._processes.append(process)
            if self._given_up:
                kill(process)

    def wait(self, patience: Patience) -> None:
        """Raises ProgramFailed where gpg did not end in time: it is killed then."""
        try:
            self._join(patience)
        finally:
            if self._thread.is_alive():
                self._give_up()
        if self._failure is not None:
            raise ProgramFailed("gpg could not be run") from self._failure

    def _give_up(self) -> None:
        with self._lock:
            self._given_up = True
            for process in self._processes:
                kill(process)
        self._thread.join(PROGRESS_SECONDS)

    def _join(self, patience: Patience) -> None:
        until = time.monotonic() + patience.seconds
        while True:
            self._thread.join(max(0.0, min(until - time.monotonic(), PROGRESS_SECONDS)))
            if not self._thread.is_alive():
                return
            if time.monotonic() >= until:
                raise ProgramFailed(f"gpg did not end within {patience.seconds:g} s and was killed")
            if patience.progress:
                patience.progress()


class _Watched(gnupg.GPG):
    """A GPG that tells which processes it starts, each in a session of its own."""

    buffer_size = 1 << 18

    def __init__(self, started: Started, **settings: Any) -> None:
        self._told = threading.local()
        self._told.started = started
        super().__init__(options=["--no-options"], **settings)

    def _open_subprocess(self, args: Any, passphrase: bool = False) -> Any:
        process = subprocess.Popen(
            self.make_args(args, passphrase),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=environment(),
        )
        self._told.started(process)
        return process

    def encrypt_bytes(self, entity: bytes, arguments: list[str], signing: SigningKey | None, started: Started) -> Any:
        """python-gnupg's result; its own `encrypt` knows only recipients that are in a keyring."""
        self._told.started = started
        run, heap = copy.copy(self), _Heap(2 * len(entity) + SPARE_BYTES)
        run.on_data = heap.takes
        result = run.handled(entity, arguments, signing)
        if heap.is_full:
            raise ProgramFailed("gpg wrote far too much")
        return result

    def handled(self, entity: bytes, arguments: list[str], signing: SigningKey | None) -> Any:
        """One run, its output given to `on_data`."""
        result = self.result_map["crypt"](self)
        if signing is not None:
            arguments = [*arguments, "--sign", "--local-user", signing.fingerprint]
        passphrase = signing.passphrase if signing else None
        self._handle_io(arguments, io.BytesIO(entity), result, passphrase=passphrase, binary=True)
        return result


class _Heap:
    """Counts what comes out; python-gnupg forgets what it does not take."""

    def __init__(self, most: int) -> None:
        self._left = most

    @property
    def is_full(self) -> bool:
        return self._left < 0

    def takes(self, piece: bytes) -> bool:
        self._left -= len(piece)
        return not self.is_full


def _wrapped(armor: bytes) -> tuple[bytes, bytes]:
    boundary = f"=_pgp_{secrets.token_hex(16)}"
    fields = f'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="{boundary}"\r\n'
    body = (
        f"--{boundary}\r\n"
        "Content-Type: application/pgp-encrypted\r\nContent-Description: PGP/MIME version identification\r\n\r\n"
        f"Version: 1\r\n\r\n--{boundary}\r\n"
        'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        "Content-Description: OpenPGP encrypted message\r\n"
        'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n'
    )
    text = armor.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return fields.encode(), body.encode() + text + f"\r\n--{boundary}--\r\n".encode()
