"""Chosen events with a proof that they stand in the signed log, and that none of those asked for is left out.

An event is proved by the unbroken run of lines from it to the next signature behind it (a checkpoint, or the head):
their hashes lead to what is signed. So the proof also shows the events between, as the log has them. A whole period is
one run, from the line before it to a signature behind it. The line of a checkpoint is vouched for by the next
signature, not by its own, which says nothing of its time.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.audit.chain import HEAD, HEAD_BYTES, PUBLIC_KEY, Head, checkpoint_in, decode_head, public_pem
from gateway.audit.errors import ChainBroken
from gateway.audit.handed.pages import as_html
from gateway.audit.reading import Event, at, milliseconds, read_lines

EVENTS, PROOF, QUESTION, SCRIPT = "events.jsonl", "proof.jsonl", "question.json", "verify.py"
SUMS, SUMS_SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
README, PAGE = "README.txt", "README.html"
LATEST = 1 << 62  # milliseconds: for ever
SIGNED = """The gateway signed the digests, and so the number of events and what was asked for.

    $ openssl pkeyutl -verify -pubin -inkey audit-key.pub.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig"""
UNSIGNED = (
    "The digests are not signed: this export was made without the gateway's keyring. Whoever handed it to you may have "
    "left out a run of the log as a whole; what is here is proved all the same."
)
PERIOD = (
    "The proof is one run over the whole period, from the line before it to a signature behind it, or to the end that "
    "the log had then: the script says when that was. So nothing of the period is missing."
)
CHOSEN = (
    "The events that were asked for stand apart in the log. That no run of it was left out here is said by the "
    "gateway's signature of SHA256SUMS and question.json; export the whole period to have it proved by the log itself."
)


@dataclass(frozen=True, slots=True)
class Question:
    """Which events: of an incident, of one code, written in [since, until) milliseconds. Empty: all."""

    incident: str = ""
    code: str = ""
    since: int = 0
    until: int = LATEST

    @property
    def metadata(self) -> dict[str, str]:
        """What stands in the metadata of each of them."""
        named = {"correlation_uid": self.incident, "event_code": self.code}
        return {name: wanted for name, wanted in named.items() if wanted}

    @property
    def is_whole_period(self) -> bool:
        return not self.metadata

    def wants(self, event: Event) -> bool:
        named = all(at(event, "metadata", name) == wanted for name, wanted in self.metadata.items())
        return named and self.since <= milliseconds(event) < self.until


@dataclass(frozen=True, slots=True)
class Exported:
    events: int
    lines: int  # of proof
    checkpoints: int


def export(
    folder: Path,
    to: Path,
    question: Question,
    public_key: Ed25519PublicKey,
    *,
    words: str = "",
    signing_key: Ed25519PrivateKey | None = None,
    beside: Mapping[str, tuple[str, bytes]] | None = None,
) -> Exported:
    """Write events, proof, public key, script and instructions into the new folder `to`, or the new file if *.zip.

    `words` say for people what was asked for; `beside` are further files by name, with a line about each. Reads the log
    once, for a period with an end twice, and keeps one line. Run `verify` first: a log that is broken is not noticed
    here, but where a line is no event.
    Raises ChainBroken, OSError (`to` exists, no space).
    """
    head = (folder / HEAD).read_bytes()[:HEAD_BYTES]
    end = decode_head(head, public_key)
    if end is None:
        raise ChainBroken(HEAD, 0, 0, "the signed head is missing, changed, or of another key")
    kit = _Kit(question, public_key, signing_key, words, dict(beside or {}))
    if to.suffix != ".zip":
        to.mkdir(mode=0o700)
        return kit.fill(folder, to, head, end)
    with TemporaryDirectory(dir=to.absolute().parent, prefix=".export-") as scratch:
        exported = kit.fill(folder, Path(scratch), head, end)
        _pack(Path(scratch), to)
    return exported


@dataclass(frozen=True, slots=True)
class _Kit:
    """All that is handed over."""

    question: Question
    public_key: Ed25519PublicKey
    signing_key: Ed25519PrivateKey | None
    words: str
    beside: dict[str, tuple[str, bytes]]

    def fill(self, log: Path, to: Path, head: bytes, end: Head) -> Exported:
        exported = _copy(log, to, self.question, end)
        (to / HEAD).write_bytes(head)
        (to / PUBLIC_KEY).write_bytes(public_pem(self.public_key))
        (to / QUESTION).write_bytes(self._asked(exported))
        (to / SCRIPT).write_bytes((files("gateway.audit.handed") / SCRIPT).read_bytes())
        for name, (_, octets) in self.beside.items():
            (to / name).write_bytes(octets)
        told = self._page(exported)
        (to / README).write_text(told, encoding="utf-8")
        (to / PAGE).write_text(as_html(told), encoding="utf-8")
        sums = "".join(f"{_sha256(path)}  {path.name}\n" for path in sorted(to.iterdir())).encode()
        (to / SUMS).write_bytes(sums)
        if self.signing_key is not None:
            (to / SUMS_SIGNATURE).write_bytes(self.signing_key.sign(sums))
        return exported

    def _asked(self, exported: Exported) -> bytes:
        question = self.question
        document = {
            "metadata": question.metadata,
            "from": question.since,
            "until": question.until,
            "whole-period": question.is_whole_period,
            "events": exported.events,
        }
        return json.dumps(document, indent=2).encode("ascii") + b"\n"

    def _page(self, exported: Exported) -> str:
        der = self.public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return (
            (files("gateway.audit.handed") / "page.txt")
            .read_text(encoding="utf-8")
            .format(
                question=self.words or "All events of the log.",
                events=exported.events,
                lines=exported.lines,
                fingerprint=hashlib.sha256(der).hexdigest(),
                scope=PERIOD if self.question.is_whole_period else CHOSEN,
                signing=SIGNED if self.signing_key else UNSIGNED,
                more="".join(f"\n{name}: {about}" for name, (about, _) in self.beside.items()),
            )
        )


def _copy(log: Path, to: Path, question: Question, end: Head) -> Exported:
    events = lines = checkpoints = 0
    with (to / EVENTS).open("xb") as chosen, (to / PROOF).open("xb") as proof:
        for line, event, wanted in _proof(log, question, end):
            proof.write(line)
            lines += 1
            checkpoints += checkpoint_in(event) is not None
            if wanted:
                chosen.write(line)
                events += 1
    return Exported(events, lines, checkpoints)


def _proof(log: Path, question: Question, end: Head) -> Iterator[tuple[bytes, Event, bool]]:
    """The lines that prove: each with its event, and whether it was asked for. None written after `end`."""
    if question.is_whole_period:
        return _whole_period(_lines(log, end), question, _last_wanted(_lines(log, end), question))
    return _runs(_lines(log, end), question)


def _lines(log: Path, end: Head) -> Iterator[tuple[bytes, Event]]:
    return takewhile(lambda each: _number(each[1]) <= end.seq, read_lines(log))


def _last_wanted(lines: Iterable[tuple[bytes, Event]], question: Question) -> int:
    """The number of the last event of a period: where the clock was set back, events of it stand behind its end."""
    if question.until == LATEST:
        return 0
    return max((_number(event) for _, event in lines if question.wants(event)), default=0)


def _runs(lines: Iterable[tuple[bytes, Event]], question: Question) -> Iterator[tuple[bytes, Event, bool]]:
    """From each wanted event to the next checkpoint behind it, or to the end."""
    proving = False
    for line, event in lines:
        wanted = question.wants(event)
        proving = proving or wanted
        if proving:
            yield line, event, wanted
        proving = wanted or (proving and checkpoint_in(event) is None)


def _whole_period(
    lines: Iterable[tuple[bytes, Event]], question: Question, last: int
) -> Iterator[tuple[bytes, Event, bool]]:
    """From the line before the period to the first checkpoint that vouches for an event behind it, and for its `last`
    one, or to the end."""
    before: tuple[bytes, Event] | None = None
    begun = over = False
    for line, event in lines:
        if not begun and milliseconds(event) < question.since:
            before = line, event
            continue
        if not begun and before:
            yield *before, False
        begun = True
        yield line, event, question.wants(event)
        if checkpoint_in(event) is not None and over and _number(event) > last:
            return
        over = over or milliseconds(event) >= question.until
    if not begun and before:
        yield *before, False


def _pack(folder: Path, to: Path) -> None:
    with to.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{to.stem}/{path.name}")  # no time of ours: the same export is the same file
            entry.external_attr, entry.compress_type = 0o600 << 16, zipfile.ZIP_DEFLATED
            with path.open("rb") as octets, archive.open(entry, "w", force_zip64=True) as member:
                while piece := octets.read(1 << 20):
                    member.write(piece)
    to.chmod(0o600)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _number(event: Event) -> int:
    seq = event.get("seq")
    return seq if isinstance(seq, int) else 0
