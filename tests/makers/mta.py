"""Whoever speaks the milter protocol to a gateway without being a Postfix, with whatever it likes to say."""

import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from random import Random

_UNANSWERED = {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "L": 0x80, "N": 0x40000, "B": 0x80000, "T": 0x10000}
_NOT_SENT = {"T": 0x200}
_VERSION, _ACTIONS, _STEPS = 6, 0x1FF, 0x1FFFFF
_FINAL = "acdrty"


class Mta:
    """One connection; every answer within half a minute."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(path))
        self.send("O", struct.pack("!III", _VERSION, _ACTIONS, _STEPS))
        self._steps = struct.unpack("!III", self._answer()[1][:12])[2]

    def send(self, command: str, rest: bytes = b"") -> None:
        self._socket.sendall(struct.pack("!I", 1 + len(rest)) + command.encode() + rest)

    def raw(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def say(self, command: str, rest: bytes = b"") -> None:
        """A command, and the answer to it where one was agreed on."""
        if self._steps & _NOT_SENT.get(command, 0):
            return
        self.send(command, rest)
        if not self._steps & _UNANSWERED[command]:
            self._answer()

    def macros(self, command: str, values: Mapping[bytes, bytes]) -> None:
        self.send("D", command.encode() + b"".join(name + b"\0" + value + b"\0" for name, value in values.items()))

    def hello(self, helo: bytes = b"client.example") -> None:
        self.macros("C", {b"j": b"mx", b"{daemon_name}": b"mx"})
        self.say("C", b"client.example\0004\x0f\xa0192.0.2.7\0")
        self.say("H", helo + b"\0")

    def end(self) -> str:
        """The end of a message: what it is answered with, the command or, where it has one, the code of the reply."""
        self.send("E")
        while True:
            command, rest = self._answer()
            if command in _FINAL:
                return rest[:3].decode() if command == "y" else command

    def drop(self) -> None:
        self._socket.close()

    def _answer(self) -> tuple[str, bytes]:
        (length,) = struct.unpack("!I", self._exactly(4))
        octets = self._exactly(length)
        return chr(octets[0]), octets[1:]

    def _exactly(self, length: int) -> bytes:
        octets = b""
        while len(octets) < length:
            more = self._socket.recv(length - len(octets))
            if not more:
                raise ConnectionError("the gateway went away")
            octets += more
        return octets


def begun(mta: Mta, subject: bytes) -> None:
    """A message up to the end of its header."""
    mta.say("M", b"<ada@clinic.example>\0")
    mta.say("R", b"<bo@outside.example>\0")
    mta.say("T")
    mta.say("L", b"Subject\0 " + subject + b"\0")
    mta.say("N")


def odd_message(mta: Mta, chance: Random, subject: bytes) -> str:
    """A message that is odd in some ways, given up at some step; its answer, "" where there is none."""
    senders = (b"<ada@clinic.example>", b"<>", "<j\u00f6rg@clinic.example>".encode(), b"<a@clinic.example>\0SMTPUTF8")
    recipients = [b"<bo%d@outside.example>" % number for number in range(chance.choice((1, 1, 2, 1_500)))]
    fields = [
        (b"From", b" ada@clinic.example"),
        (b"X-Empty", b""),
        (b"X-Eight", b" caf\xe9 \xff\xfe"),
        (b"X-Folded", b" one\n\ttwo\r\n three"),
        (b"X-Long", b" " + b"x" * chance.choice((1, 998, 60_000))),
    ]
    fields = [*chance.sample(fields, chance.randrange(len(fields) + 1)), (b"Subject", b" " + subject)]
    chance.shuffle(fields)
    chunks = [b"\xe9 \r\n" * chance.choice((1, 2, 16_383)) for _ in range(chance.choice((0, 1, 3)))]
    steps = [
        ("M", chance.choice(senders) + b"\0"),
        *(("R", recipient + b"\0") for recipient in recipients),
        ("T", b""),
        *(("L", name + b"\0" + value + b"\0") for name, value in fields),
        ("N", b""),
        *(("B", chunk) for chunk in chunks),
    ]
    stop = chance.randrange(len(steps)) if chance.random() < 0.4 else len(steps)
    for command, rest in steps[:stop]:
        mta.say(command, rest)
    if stop < len(steps):
        mta.send("A")
        return ""
    ids = (b"4ABCDEF", b"\xff\xfe", b"", b"Q" * 60_000)
    mta.macros("E", {b"i": chance.choice(ids), b"{auth_authen}": chance.choice((b"nurse", b"n\xfcrse"))})
    return mta.end()
