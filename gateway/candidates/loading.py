"""The console's side: starts the confined process, writes what it unpacked, and takes the policy that it read."""

import contextlib
import logging
import pickle
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway import logs
from gateway.candidates.unpacking import MOST_PACKED, MOST_UNPACKED, WANTED
from gateway.channel import ChannelClosed, loads_from_worker, receive, send
from gateway.core.detector import DetectorSpec
from gateway.core.errors import GatepostError
from gateway.policy import Policy
from gateway.ruleset import RuleSet

COMMAND = "from gateway.candidates.child import main; main({})"
SECONDS = 60.0  # for all of it, the start of the process too
ENDING_SECONDS = 1.0  # from the end of its channel to its own
LARGEST_ANSWER = 128 << 20  # a policy of the largest lists
# What a policy is made of: values without a way to files, programs or other machines.
_OF_A_POLICY = frozenset(
    {
        "datetime",
        "gateway.policy.conditions.fields",
        "gateway.policy.conditions.finds",
        "gateway.policy.conditions.parts",
        "gateway.policy.conditions.people",
        "gateway.policy.conditions.stream",
        "gateway.policy.conditions.trouble",
        "gateway.policy.lists",
        "gateway.policy.model",
        "gateway.policy.organization",
        "gateway.policy.questions",
        "gateway.policy.rollout",
        "gateway.policy.text",
    }
)


class CandidateRefused(GatepostError):
    """It is no rule set that can be used; the text says why, with the file and the place."""


def load(octets: bytes, detectors: tuple[DetectorSpec, ...]) -> RuleSet:
    """The rules in a ZIP file, with these detectors. Raises CandidateRefused."""
    if len(octets) > MOST_PACKED:
        raise CandidateRefused(f"the archive is larger than {MOST_PACKED >> 20} MB")
    until = time.monotonic() + SECONDS
    try:
        try:
            policy = _read(octets, detectors, until)
        except ChannelClosed:  # whatever ended it: what a bad archive does it does again
            policy = _read(octets, detectors, until)
    except pickle.UnpicklingError:
        raise CandidateRefused(
            "the process that read the archive gave an answer that is none: an administrator has to look at it"
        ) from None
    except TimeoutError:
        raise CandidateRefused(
            f"reading the archive took more than {SECONDS:.0f} seconds: is it a rule set? Else try again when this"
            " machine has less to do"
        ) from None
    except ChannelClosed:
        raise CandidateRefused(
            "the process that read the archive ended, as one does that takes more memory or computing time than it may:"
            " is it a rule set? How it ended is in the log"
        ) from None
    except OSError as error:
        raise CandidateRefused(
            f"the archive could not be laid down to be read ({error.strerror}): an administrator has to look"
        ) from None
    if not isinstance(policy, Policy):
        raise CandidateRefused("the archive gave no policy")
    return RuleSet(policy, detectors)


def _read(octets: bytes, detectors: tuple[DetectorSpec, ...], until: float) -> Any:
    """What the policy is, in a process of its own. Raises as `_answer`, OSError."""
    with tempfile.TemporaryDirectory(prefix="gatepost-candidate-") as scratch, _child() as channel:
        folder = Path(scratch)
        send(channel, pickle.dumps((folder, detectors)))
        _write(folder, _answer(channel, octets, "files", until, folder))
        return _answer(channel, b"", "policy", until, folder)


@contextmanager
def _child() -> Iterator[socket.socket]:
    """An interpreter of its own, gone at the end whatever it does. Raises OSError."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", COMMAND.format(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # where a bug is told, a stranger's text would be too
            )
        try:
            ours.settimeout(SECONDS)
            yield ours
        except ChannelClosed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                logs.event("candidate-reader-ended", level=logging.WARNING, status=process.wait(ENDING_SECONDS))
            raise
        finally:
            process.kill()
            process.wait()


def _answer(channel: socket.socket, frame: bytes, wanted: str, until: float, folder: Path) -> Any:
    """Raises CandidateRefused, ChannelClosed, TimeoutError, UnpicklingError."""
    send(channel, frame)
    answered, _ = receive(channel, until=until, most=LARGEST_ANSWER)
    answer = loads_from_worker(answered, _OF_A_POLICY)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise pickle.UnpicklingError("not an answer")
    word, value = answer
    if word == "refused":
        # where a file lies on this machine is nobody's business
        raise CandidateRefused(str(value).replace(f"{folder}/", "").replace(str(folder), ""))
    if word != wanted:
        raise pickle.UnpicklingError("not the answer")
    return value


def _write(folder: Path, files: Any) -> None:
    """Names and sizes are looked at again: whoever unpacked them is not trusted. Raises OSError, UnpicklingError."""
    left = MOST_UNPACKED
    if not isinstance(files, dict):
        raise pickle.UnpicklingError("no files")
    for name, content in files.items():
        if not isinstance(name, str) or not isinstance(content, bytes) or not WANTED.fullmatch(name):
            raise pickle.UnpicklingError("not a file of a rule set")
        left -= len(content)
        if left < 0:
            raise pickle.UnpicklingError("more than may be")
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
