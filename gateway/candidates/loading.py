"""The console's side: starts the confined process, writes what it unpacked, and takes the rule set that it read."""

import logging
import pickle
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway import logs
from gateway.candidates.child import Bounds, Work
from gateway.candidates.unpacking import MOST_PACKED, MOST_UNPACKED, WANTED
from gateway.core.detector import DetectorSpec
from gateway.core.errors import GatepostError
from gateway.policy import Policy
from gateway.processes.channel import ChannelClosed, loads_from_worker, receive, send
from gateway.processes.cradle import Brief, brief
from gateway.ruleset import RuleSet

COMMAND = "from gateway.candidates.child import main; main({})"
SECONDS = 60.0  # for all of it, the start of the process too
BOUNDS = Bounds(memory_bytes=512 << 20, cpu_seconds=20)
SECONDS_WITH_DETECTORS = 180.0  # their patterns are compiled, and their samples tried
BOUNDS_WITH_DETECTORS = Bounds(memory_bytes=2 << 30, cpu_seconds=120)
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
    return _ruleset("the archive", lambda until: _unpacked(octets, detectors, until), SECONDS, detectors)


def load_folder(folder: Path, detectors: tuple[DetectorSpec, ...]) -> RuleSet:
    """The rule set of a folder: with its own detectors, or with these where it has none. Raises CandidateRefused.

    Nothing outside of the folder is read but the models and lists that these detectors name, and `models` beside it.
    """
    folder = folder.resolve()
    own = (folder / "detectors").is_dir()
    work = Work(folder, None if own else detectors, BOUNDS_WITH_DETECTORS if own else BOUNDS)
    if own:
        work = replace(work, readable=tuple(_named_by(folder, detectors)))
    seconds = SECONDS_WITH_DETECTORS if own else SECONDS
    return _ruleset("the folder", lambda until: _read(work, seconds, until), seconds, detectors)


def _named_by(folder: Path, detectors: Iterable[DetectorSpec]) -> Iterator[Path]:
    """What detectors in the folder may name outside of it, as far as it is there."""
    named = {Path(spec.file).parent / name for spec in detectors for name in (spec.model, spec.index) if name}
    for path in {path.resolve() for path in (folder.parent / "models", *named)}:
        if path.exists():
            yield path


def _ruleset(what: str, read: Callable[[float], Any], seconds: float, detectors: tuple[DetectorSpec, ...]) -> RuleSet:
    """What `read` gives by then; a second time where its process ended. Raises CandidateRefused."""
    until = time.monotonic() + seconds
    try:
        try:
            answer = read(until)
        except ChannelClosed:  # whatever ended it: what a bad candidate does it does again
            answer = read(until)
    except pickle.UnpicklingError:
        raise CandidateRefused(
            f"the process that read {what} gave an answer that is none: an administrator has to look at it"
        ) from None
    except TimeoutError:
        raise CandidateRefused(
            f"reading {what} took more than {seconds:.0f} seconds: is it a rule set? Else try again when this"
            " machine has less to do"
        ) from None
    except ChannelClosed:
        raise CandidateRefused(
            f"the process that read {what} ended, as one does that takes more memory or computing time than it may:"
            " is it a rule set? How it ended is in the log"
        ) from None
    except OSError as error:
        raise CandidateRefused(
            f"{what} could not be laid down to be read ({error.strerror}): an administrator has to look"
        ) from None
    policy, own = answer if isinstance(answer, tuple) and len(answer) == 2 else (None, None)
    if not isinstance(policy, Policy) or not (own is None or _are_detectors(own)):
        raise CandidateRefused(f"{what} gave no policy")
    return RuleSet(policy, detectors if own is None else own)


def _are_detectors(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, DetectorSpec) for each in value)


def _unpacked(octets: bytes, detectors: tuple[DetectorSpec, ...], until: float) -> Any:
    """What is in an archive. Raises as `_answer`, OSError."""
    with tempfile.TemporaryDirectory(prefix="gatepost-candidate-") as scratch, _child(SECONDS) as child:
        folder = Path(scratch)
        send(child.channel, pickle.dumps(Work(folder, detectors, BOUNDS, packed=True)))
        _write(folder, _answer(child, octets, "files", until, folder))
        return _answer(child, b"", "rules", until, folder)


def _read(work: Work, seconds: float, until: float) -> Any:
    """What is in a folder. Raises as `_answer`, OSError."""
    with _child(seconds) as child:
        send(child.channel, pickle.dumps(work))
        return _answer(child, b"", "rules", until, work.folder)


@contextmanager
def _child(seconds: float) -> Iterator[Brief]:
    """The process; how it ended is told where that was too soon. Raises OSError."""
    with brief(COMMAND, seconds) as child:
        try:
            yield child
        except ChannelClosed:
            logs.event("candidate-reader-ended", level=logging.WARNING, status=child.status(ENDING_SECONDS))
            raise


def _answer(child: Brief, frame: bytes, wanted: str, until: float, folder: Path) -> Any:
    """Raises CandidateRefused, ChannelClosed, TimeoutError, UnpicklingError."""
    send(child.channel, frame, until=until)
    answered, _ = receive(child.channel, until=until, most=LARGEST_ANSWER)
    answer = loads_from_worker(answered, _OF_A_POLICY)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise pickle.UnpicklingError("not an answer")
    word, value = answer
    if word == "refused":
        # where a file lies on this machine is nobody's business
        raise CandidateRefused(str(value).replace(f"{folder}/", "").replace(str(folder), ""))
    if word == "bug":
        logs.event("candidate-reader-bug", level=logging.WARNING, places=str(value)[:500])
        raise ChannelClosed
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
