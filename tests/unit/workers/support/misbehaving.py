"""A condition that does to its worker what a hostile message might: the subject says what."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from gateway.policy.conditions.base import Condition, Seen, Situation


@dataclass(frozen=True, slots=True)
class Misbehave(Condition):
    """Does what the subject says."""

    word: ClassVar[str] = "misbehave"

    @property
    def english(self) -> str:
        return "misbehaves"

    def evaluate(self, situation: Situation) -> Seen:
        verb, _, argument = situation.facts.subject.partition(" ")
        match verb:
            case "sleep":
                time.sleep(float(argument))
            case "kill":
                os.kill(os.getpid(), getattr(signal, argument))
                time.sleep(30)
            case "exit":
                os._exit(int(argument))
            case "raise":
                raise RuntimeError("text that must not be shown")
            case "swell":
                bytearray(int(argument) << 20)
            case "spin":
                end = time.monotonic() + float(argument or "inf")
                while time.monotonic() < end:
                    pass
        return Seen(held=verb == "hold" or _achieves(verb, argument), words="")


def _achieves(verb: str, argument: str) -> bool:
    """Whether the worker got done what it must not be able to do."""
    if verb == "privilege":
        return bool(ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) != 1)  # PR_GET_NO_NEW_PRIVS
    try:
        return _does(verb, argument)
    except OSError:
        return False


def _does(verb: str, argument: str) -> bool:
    match verb:
        case "connect":
            host, _, port = argument.rpartition(":")
            socket.create_connection((host, int(port)), timeout=5).close()
        case "datagram":
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
        case "read":
            Path(argument).read_bytes()
        case "list":
            list(Path(argument).iterdir())
        case "write":
            Path(argument).write_text("x")
        case "run":
            subprocess.run([argument], check=True)
        case "fork":
            os.fork() or os._exit(0)
        case "signal":
            os.kill(int(argument), 0)
        case _:
            return _meddles(verb, argument)
    return True


def _meddles(verb: str, argument: str) -> bool:
    """The same, with what belongs to others."""
    if verb == "limit":
        resource.prlimit(int(argument), resource.RLIMIT_NPROC)
    elif verb == "open-up":
        Path(argument).chmod(0o666)
    else:
        return False
    return True
