"""Chosen events with a proof that they stand in the signed log.

An event is proved by the unbroken run of lines from it to the next signature behind it (a checkpoint, or the head):
their hashes lead to what is signed. So the proof also shows the events between, as the log has them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.audit.chain import HEAD, HEAD_BYTES, PUBLIC_KEY, decode_head, public_pem, segment_numbers, segment_path
from gateway.audit.errors import ChainBroken

EVENTS = "events.jsonl"
PROOF = "proof.jsonl"
README = "README.txt"

HOW_TO = """\
Audit events of a Gatepost mail gateway, with proof
===================================================

events.jsonl        the events that were asked for, one JSON object a line
proof.jsonl         runs of the log: from each of these events to the next signature behind it
head.json           the signed end of the log when this was exported
audit-key.pub.pem   the public key (Ed25519). Compare it with the one that you got by another way.

Events asked for: {events}. Lines of proof: {lines}. Signatures in them: {checkpoints}.

How to check without Gatepost (jq, sha256sum, openssl 3)
--------------------------------------------------------
1. An event is in the proof, byte for byte:
       grep -Fxq -f events.jsonl proof.jsonl && echo found
2. Lines of the proof are linked. For line N+1, if its "seq" is that of line N plus one:
       sed -n "${{N}}p" proof.jsonl | sha256sum      gives "prev" of line N+1
3. A line with "checkpoint" is signed. With its "seq" and "prev":
       printf 'gatepost audit checkpoint\\nseq %s\\nprev %s\\n' SEQ PREV > signed
       jq -r .checkpoint.signature line.json | base64 -d > signature
       openssl pkeyutl -verify -pubin -inkey audit-key.pub.pem -rawin -in signed -sigfile signature
4. A run that ends without a checkpoint ends at the head: its last line's sha256sum is "hash" in head.json. With the
   values of head.json:
       printf 'gatepost audit head\\nsegment %s\\nsize %s\\nseq %s\\nhash %s\\ncheckpoint %s\\ntime %s\\n' ... > signed
       jq -r .signature head.json | base64 -d > signature       and openssl as in 3.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    events: int
    lines: int  # of proof
    checkpoints: int


def export(
    folder: Path, to: Path, wanted: Callable[[Mapping[str, object]], bool], public_key: Ed25519PublicKey
) -> Exported:
    """Write the wanted events, their proof, head, public key and instructions into the new folder `to`.

    Reads the log once, keeps one line. Run `verify` first: a log that is broken is not noticed here, but where a line
    is no event. Raises ChainBroken, OSError (`to` exists, no space).
    """
    head = (folder / HEAD).read_bytes()[:HEAD_BYTES]
    end = decode_head(head, public_key)
    if end is None:
        raise ChainBroken(HEAD, 0, 0, "the signed head is missing, changed, or of another key")
    to.mkdir(mode=0o700)
    events = lines = checkpoints = 0
    proving = False
    with (to / EVENTS).open("xb") as chosen, (to / PROOF).open("xb") as proof:
        for line, event in _events(folder):
            if _number(event) > end.seq:  # written after the head was read: nothing here would prove it
                break
            if wanted(event):
                chosen.write(line)
                events, proving = events + 1, True
            if proving:
                proof.write(line)
                lines += 1
                if "checkpoint" in event:
                    checkpoints, proving = checkpoints + 1, False
    (to / HEAD).write_bytes(head)
    (to / PUBLIC_KEY).write_bytes(public_pem(public_key))
    done = Exported(events, lines, checkpoints)
    (to / README).write_text(HOW_TO.format(events=events, lines=lines, checkpoints=checkpoints), encoding="ascii")
    return done


def _number(event: Mapping[str, object]) -> int:
    seq = event.get("seq")
    return seq if isinstance(seq, int) else 0


def _events(folder: Path) -> Iterator[tuple[bytes, dict[str, object]]]:
    """Every whole line; one still being written at the very end is left out."""
    for number in segment_numbers(folder):
        path = segment_path(folder, number)
        with path.open("rb") as file:
            for count, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    event = json.loads(line)
                except (ValueError, RecursionError):
                    event = None
                if not isinstance(event, dict):
                    raise ChainBroken(path.name, count, 0, "it is not an event")
                yield line, event
