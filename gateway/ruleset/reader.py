"""The rules of a running gateway are read in a process of their own.

Reading and checking them takes some 130 MB, and leaves a process some 40 MB larger than what it has of it then: the
process that serves for months gets the result.
"""

import pickle
import signal
import socket
from pathlib import Path

from gateway.core.errors import FaultyFiles, SetupError
from gateway.detect.database import Shelf, adopt, compiled
from gateway.logs import places
from gateway.processes.channel import ChannelClosed, receive, send
from gateway.processes.cradle import brief
from gateway.processes.sandbox import leave_no_core
from gateway.ruleset import RuleSet, load_ruleset
from gateway.ruleset.signing import SignatureRefused, Signed, load_signed, read_public_key

COMMAND = "from gateway.ruleset.reader import main; main({})"
SECONDS = 600.0  # a slow machine, compiling all patterns, gets its time

Read = tuple[RuleSet, Signed | None]


def main(descriptor: int) -> None:
    """Told of a policy file, a key and what is compiled already, answer with what was read of them, then end."""
    channel = socket.socket(fileno=descriptor)
    leave_no_core()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are for the front process, which ends us
    try:
        frame, _ = receive(channel)
        policy, key, databases = pickle.loads(frame)  # noqa: S301 - from the front process
        adopt(databases)
        send(channel, pickle.dumps(_answer(policy, key)))
    except ChannelClosed:
        return


def _answer(policy: Path, key: Path | None) -> tuple[str, object]:
    try:
        read = read_here(policy, key)
        return "read", (read, {name: database.squeezed for name, database in compiled().items()})
    except FaultyFiles as error:
        return "faulty", error.faults
    except SignatureRefused as error:
        return "unsigned", str(error)
    except SetupError as error:
        return "unusable", str(error)
    except Exception as error:  # noqa: BLE001 - a bug of ours, told by its place
        return "bug", f"{type(error).__name__} at {places(error)}"


def read_here(policy: Path, key: Path | None, proofs: Shelf | None = None) -> Read:
    """In this process; with who signed it where `key`, a file, says whose signature is demanded. Raises SetupError.

    `proofs` as for `load_ruleset`: for commands.
    """
    if key is None:
        return load_ruleset(policy, proofs=proofs), None
    return load_signed(policy, read_public_key(key), proofs)


def read_apart(policy: Path, key: Path | None) -> Read:
    """The same from a process of its own; this one takes over what it compiled. Raises SetupError."""
    try:
        with brief(COMMAND, SECONDS) as reader:
            send(reader.channel, pickle.dumps((policy, key, dict(compiled()))))
            frame, _ = receive(reader.channel)
    except (ChannelClosed, TimeoutError, OSError) as error:
        raise SetupError(
            f"{policy}: the process that reads the rules ended ({type(error).__name__}): is there memory left?"
        ) from None
    kind, answer = pickle.loads(frame)  # noqa: S301 - from a process of ours that saw nothing of a message
    if kind == "read":
        read, databases = answer
        adopt(databases)
        return read  # type: ignore[no-any-return]
    if kind == "faulty":
        raise FaultyFiles(answer)
    if kind == "bug":
        raise RuntimeError(answer)
    raise (SignatureRefused if kind == "unsigned" else SetupError)(answer)
