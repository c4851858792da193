"""Checking a log: every line, every link, every signature, and that nothing is missing at the end.

What it cannot see, because nothing on the machine could: the whole folder put back to an earlier state with its earlier
signed head. Keep heads elsewhere (syslog, a printed number) and give the last known one as `expected`.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.audit.chain import (
    GENESIS,
    HEAD,
    LOCK,
    MAX_LINE,
    PUBLIC_KEY,
    Head,
    checkpoint_in,
    checkpoint_payload,
    decode_head,
    digest,
    is_signed,
    parse_public_pem,
    segment_numbers,
    segment_path,
)
from gateway.audit.errors import ChainBroken
from gateway.audit.reading import at, code
from gateway.audit.rotated import rotated_words

Progress = Callable[[int, int], None]  # bytes read, bytes in all
EVERY = 4_096  # lines between two calls of Progress
RECOVERED = "log-recovered"


@dataclass(frozen=True, slots=True)
class Verified:
    """`unsigned_tail` events came after the last signature (checkpoint or head): chained, but not signed.

    `recovered` events stood so when the log went on behind them, and are signed since.
    """

    events: int
    last_seq: int
    last_hash: str
    unsigned_tail: int
    checkpoints: int
    segments: int
    recovered: int = 0

    @property
    def doubts(self) -> tuple[str, ...]:
        """What somebody with an older signed head, and without the key, could have put there; in plain words."""
        cause = "a writer was killed before it signed them, or somebody put them there"
        told = []
        if self.unsigned_tail:
            told.append(f"the end fits the chain and is not signed ({_events(self.unsigned_tail)}): {cause}")
        if self.recovered:
            found = f"the log once went on behind an end that was not signed ({_events(self.recovered)}, {RECOVERED})"
            told.append(f"{found}: {cause}")
        return tuple(told)


@dataclass(frozen=True, slots=True)
class Expected:
    """An end of the log known from elsewhere: it must be at least this long and have this line."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Line:
    file: str
    number: int
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What to read, taken while nobody was writing."""

    files: tuple[tuple[Path, int], ...]
    head: Head | None
    key: Ed25519PublicKey | None
    folder: Path
    whole: bool  # a folder, from the first event on


@dataclass(slots=True)
class _State:
    seq: int
    hash: str
    events: int = 0
    checkpoints: int = 0
    signed: int = 0
    recovered: int = 0


def verify(
    path: Path,
    public_key: Ed25519PublicKey | None = None,
    *,
    expected: Expected | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Check a folder, or one segment of it (then its first line is taken as it is). Memory does not grow with the log.

    `public_key` None: the one beside the log, which an attacker may have changed. Raises ChainBroken for the first line
    that is not as it was written, OSError if it cannot be read.
    """
    snapshot = _snapshot(path, public_key)
    try:
        return _verified(snapshot, expected, progress)
    except ChainBroken as error:
        words = rotated_words(snapshot.folder) if snapshot.whole else ""
        raise ChainBroken(error.file, error.line, error.seq, f"{error.why}{words}") from None


def _verified(snapshot: "_Snapshot", expected: Expected | None, progress: Progress | None) -> Verified:
    check = _Check(snapshot, expected)
    total, done = sum(size for _, size in snapshot.files), 0
    for number, (line, following) in enumerate(_with_next(_lines(snapshot.files))):
        check.line(line, following)
        done += len(line.octets)
        if progress and number % EVERY == 0:
            progress(done, total)
    check.end()
    if progress:
        progress(total, total)
    state, head = check.state, snapshot.head
    signed = max(state.signed, head.seq if head and head.seq <= state.seq else 0)
    unsigned, files = state.seq - signed, len(snapshot.files)
    return Verified(state.events, state.seq, state.hash, unsigned, state.checkpoints, files, state.recovered)


class _Check:
    """The walk along the chain."""

    def __init__(self, snapshot: _Snapshot, expected: Expected | None) -> None:
        self._snapshot = snapshot
        self._expected = expected
        self._last: Line | None = None
        self._prev = ""  # of the last line
        self.state = _State(0, GENESIS)

    def line(self, line: Line, following: Line | None) -> None:
        """Check one line against all before it; `following` tells which of two lines that do not fit was changed."""
        event = self._parsed(line)
        if self._last is None and not self._snapshot.whole:
            self.state = _State(_number(event["seq"]) - 1, str(event["prev"]))
            self._check_reach(line)
        self._check_link(line, event, following)
        self._check_checkpoint(line, event)
        self.state.seq += 1
        self.state.hash = digest(line.octets)
        self.state.events += 1
        self.state.recovered += _recovered(event)
        self._last, self._prev = line, str(event["prev"])
        self._check_known(line)

    def end(self) -> None:
        """After the last line: is this all of it?"""
        snapshot, state = self._snapshot, self.state
        if snapshot.key is None:
            raise ChainBroken(PUBLIC_KEY, 0, 0, "the public key is missing or not an Ed25519 key")
        if snapshot.head is None and (snapshot.whole or self._expected is None):
            raise ChainBroken(HEAD, 0, state.seq, "the signed head is missing, changed, or of another key")
        known = [head for head in (snapshot.head, self._expected) if head is not None and self._concerns(head)]
        longest = max((head.seq for head in known), default=0)
        if state.seq < longest:
            place = self._last or Line(segment_path(snapshot.folder, 1).name, 0, b"")
            raise ChainBroken(place.file, place.number + 1, state.seq + 1, f"the log is cut: it had {longest} events")

    def _check_reach(self, line: Line) -> None:
        """A single segment cannot show an end that was noted before it began."""
        expected = self._expected
        if expected is not None and expected.seq <= self.state.seq:
            why = f"event {expected.seq} is in an earlier file: give the folder, or that file"
            raise ChainBroken(line.file, line.number, self.state.seq + 1, why)

    def _concerns(self, head: Head | Expected) -> bool:
        """Of a single segment only its own end is known, if the head is in it."""
        if self._snapshot.whole or isinstance(head, Expected):
            return True
        return segment_path(self._snapshot.folder, head.segment) == self._snapshot.files[0][0]

    def _parsed(self, line: Line) -> dict[str, object]:
        event: object = None
        if line.octets.endswith(b"\n"):
            try:
                event = json.loads(line.octets)
            except (ValueError, RecursionError):
                event = None
        if isinstance(event, dict) and isinstance(event.get("seq"), int) and isinstance(event.get("prev"), str):
            return event
        whole = "it is not an event" if line.octets.endswith(b"\n") else "the line is cut"
        raise ChainBroken(line.file, line.number, self.state.seq + 1, whole)

    def _check_link(self, line: Line, event: dict[str, object], following: Line | None) -> None:
        state, last = self.state, self._last
        due, seq = state.seq + 1, _number(event["seq"])
        if event["prev"] == state.hash and seq == due:
            return
        if last is not None and seq == state.seq and event["prev"] == self._prev:
            raise ChainBroken(last.file, last.number, state.seq, "a line that was not written was put in here")
        if seq != due:
            raise ChainBroken(line.file, line.number, due, f"event {due} was due, not {seq}: dropped, moved or put in")
        if last is not None and self._is_intact(line, seq, following):
            raise ChainBroken(last.file, last.number, state.seq, "the line was changed")
        raise ChainBroken(line.file, line.number, due, "the line does not follow the one before: it was changed")

    def _is_intact(self, line: Line, seq: int, following: Line | None) -> bool:
        """Whether something signed or written later vouches for this line as it is."""
        own, head = digest(line.octets), self._snapshot.head
        if head is not None and head.seq == seq and head.hash == own:
            return True
        try:
            event = json.loads(following.octets) if following else {}
        except (ValueError, RecursionError):
            return False
        return isinstance(event, dict) and event.get("prev") == own

    def _check_checkpoint(self, line: Line, event: dict[str, object]) -> None:
        if (checkpoint := checkpoint_in(event)) is None:
            return
        key = self._snapshot.key
        seq, prev = self.state.seq + 1, self.state.hash
        signature = checkpoint.get("signature") if isinstance(checkpoint, dict) else None
        if key is not None and not is_signed(key, checkpoint_payload(seq, prev), signature):
            raise ChainBroken(line.file, line.number, seq, "the checkpoint's signature is not of this log and key")
        self.state.checkpoints += 1
        self.state.signed = seq

    def _check_known(self, line: Line) -> None:
        """The line at which the log ended when its head was signed, or noted elsewhere."""
        for known in (self._snapshot.head, self._expected):
            if known is not None and known.seq == self.state.seq and known.hash != self.state.hash:
                raise ChainBroken(line.file, line.number, self.state.seq, "the line is not the one that was signed")


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"


def _recovered(event: dict[str, object]) -> int:
    """How many events before this one it says nobody had signed."""
    count = at(event, "unmapped", "unsigned_events") if code(event) == RECOVERED else 0
    return count if isinstance(count, int) else 0


def _snapshot(path: Path, public_key: Ed25519PublicKey | None) -> _Snapshot:
    folder = path if path.is_dir() else path.parent
    with _Quiet(folder):
        chosen = [segment_path(folder, number) for number in segment_numbers(folder)] if path.is_dir() else [path]
        files = tuple((file, file.stat().st_size) for file in chosen)
        key = public_key or parse_public_pem(_octets(folder / PUBLIC_KEY))
        head = decode_head(_octets(folder / HEAD), key) if key else None
    return _Snapshot(files, head, key, folder, whole=path.is_dir())


class _Quiet:
    """While held nobody adds to the log; a copy of a log, without a lock file, is quiet anyway."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._fd: int | None = None

    def __enter__(self) -> None:
        if self._path.exists():
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._fd, fcntl.LOCK_SH)

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            os.close(self._fd)


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()[:65_536]
    except FileNotFoundError:
        return b""


def _lines(files: tuple[tuple[Path, int], ...]) -> Iterator[Line]:
    for path, size in files:
        with path.open("rb") as file:
            number, left = 0, size
            while left > 0 and (octets := file.readline(min(left, MAX_LINE))):
                number, left = number + 1, left - len(octets)
                yield Line(path.name, number, octets)


def _with_next(lines: Iterator[Line]) -> Iterator[tuple[Line, Line | None]]:
    held = next(lines, None)
    while held is not None:
        following = next(lines, None)
        yield held, following
        held = following


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
