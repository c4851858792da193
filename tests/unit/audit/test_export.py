"""An export can be checked by hand, as its README says."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.chain import digest
from gateway.audit.errors import ChainBroken
from gateway.audit.export import export
from gateway.audit.log import AuditLog

MakeEvent = Callable[[int], dict[str, object]]


def _incident(name: str) -> Callable[[object], bool]:
    return lambda event: isinstance(event, dict) and event["metadata"].get("correlation_uid") == name


def _openssl(folder: Path, payload: str, signature: str) -> bool:
    """Step 3 of the README."""
    (folder / "signed").write_text(payload)
    (folder / "signature").write_bytes(base64.b64decode(signature))
    command = "openssl pkeyutl -verify -pubin -inkey audit-key.pub.pem -rawin -in signed -sigfile signature"
    return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0


def test_an_event_is_led_to_a_signed_checkpoint(written: Path, tmp_path: Path, signing_key: Ed25519PrivateKey) -> None:
    """The run starts with the event, is linked line by line, and ends at a signature that openssl accepts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    out = tmp_path / "out"
    done = export(written, out, _incident("incident-4"), signing_key.public_key())

    assert (done.events, done.checkpoints) == (1, 1)
    lines = (out / "proof.jsonl").read_bytes().splitlines(keepends=True)
    assert (out / "events.jsonl").read_bytes() == lines[0]
    for line, following in pairwise(lines):
        assert json.loads(following)["prev"] == digest(line)
    last = json.loads(lines[-1])
    payload = f"gatepost audit checkpoint\nseq {last['seq']}\nprev {last['prev']}\n"
    assert _openssl(out, payload, last["checkpoint"]["signature"])
    assert not _openssl(out, payload.replace("seq 1", "seq 2"), last["checkpoint"]["signature"])


def test_an_event_behind_the_last_checkpoint_is_led_to_the_head(
    folder: Path, tmp_path: Path, signing_key: Ed25519PrivateKey, event: MakeEvent
) -> None:
    """The head is signed too, in a text that can be made by hand."""
    log = AuditLog(folder, signing_key)
    log.append(event(1))
    log.append(event(2))
    out = tmp_path / "out"
    export(folder, out, _incident("incident-1"), signing_key.public_key())

    head = json.loads((out / "head.json").read_bytes())
    assert digest((out / "proof.jsonl").read_bytes().splitlines(keepends=True)[-1]) == head["hash"]
    names = ("segment", "size", "seq", "hash", "checkpoint", "time")
    payload = "gatepost audit head\n" + "".join(f"{name} {head[name]}\n" for name in names)
    if shutil.which("openssl"):
        assert _openssl(out, payload, head["signature"])


def test_nothing_wanted_is_an_empty_export_with_instructions(
    written: Path, tmp_path: Path, signing_key: Ed25519PrivateKey
) -> None:
    """The files are all there."""
    done = export(written, tmp_path / "out", lambda _: False, signing_key.public_key())

    assert (done.events, done.lines) == (0, 0)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"README.txt", "audit-key.pub.pem", "events.jsonl", "head.json", "proof.jsonl"}


def test_a_log_of_another_key_is_not_exported(written: Path, tmp_path: Path) -> None:
    """Nothing is written that would look like a proof."""
    with pytest.raises(ChainBroken):
        export(written, tmp_path / "out", lambda _: True, Ed25519PrivateKey.generate().public_key())

    assert not (tmp_path / "out").exists()
