"""A signed rule set: who answers for it, and that nobody changed it since.

`signature.json` beside `policy.yaml` holds the digests of every file of the rule set, and of the models and lists that
its detectors name, with an Ed25519 signature. What is loaded is what was checked: the files are looked at before and
after loading, and a file that was touched meanwhile refuses the whole set (who may only write cannot set a ctime).
"""

import base64
import binascii
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from gateway.core.errors import SetupError
from gateway.detect.database import Shelf
from gateway.ruleset import RuleSet, load_ruleset

VERSION = 2
NAME = "signature.json"
SIGNED = ("policy.yaml", "packs", "lists", "detectors")
_PURPOSE = b"gatepost-rules-v1\n"  # a signature for anything else is none for this
_MOST_BYTES = 8 << 20
_SETTLED = 0.1  # seconds: the clock of a file system moves on in far shorter steps
_SHOWN = 5

_Facts = dict[str, tuple[int, ...]]


class SignatureRefused(SetupError):
    """The rule set is not signed, not by this key, or was changed since."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, when (ISO 8601, UTC), with which key (fingerprint), and how many files."""

    signer: str
    when: str
    key: str
    files: int


def fingerprint(key: Ed25519PublicKey) -> str:
    """ "sha256:<hex>" of the raw public key."""
    return "sha256:" + sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def read_public_key(file: Path) -> Ed25519PublicKey:
    """An Ed25519 public key in PEM. Raises SetupError."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise SetupError(f"{file}: cannot be read ({(error.strerror or 'input/output error').lower()})") from None
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SetupError(f"{file}: this is not an Ed25519 public key in PEM")
    return key


def sign(policy_file: Path, key: Ed25519PrivateKey, *, signer: str, when: datetime) -> Signed:
    """Load the rule set and write its signature beside it. Raises FaultyFiles, SignatureRefused, OSError."""
    folder = policy_file.parent
    before = _settled(folder, policy_file.name)
    ruleset = load_ruleset(policy_file)
    digests = {name: _digest(folder / name) for name in before}
    _refuse_touched(folder, policy_file.name, before)
    manifest = {
        "version": VERSION,
        "signer": signer,
        "signed": when.astimezone(UTC).isoformat(timespec="seconds"),
        "key": fingerprint(key.public_key()),
        "policy": policy_file.name,
        "files": digests,
        "outside": _outside(ruleset),
    }
    signature = base64.b64encode(key.sign(_payload(manifest))).decode()
    text = json.dumps({"manifest": manifest, "signature": signature}, indent=1, sort_keys=True) + "\n"
    temporary = folder / f".{NAME}.new"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(folder / NAME)
    return _signed(manifest)


def load_signed(policy_file: Path, key: Ed25519PublicKey, proofs: Shelf | None = None) -> tuple[RuleSet, Signed]:
    """The rule set, if it is the one that was signed with this key. Raises SignatureRefused, FaultyFiles.

    `proofs` as for `load_ruleset`.
    """
    folder = policy_file.parent
    manifest = _manifest(folder, key)
    if manifest.get("policy") != policy_file.name:
        raise SignatureRefused(f"{folder / NAME}: signs {manifest.get('policy')}, not {policy_file.name}")
    before = _settled(folder, policy_file.name)
    _compare(folder, manifest["files"], {name: _digest(folder / name) for name in before})
    ruleset = load_ruleset(policy_file, proofs=proofs)
    _refuse_touched(folder, policy_file.name, before)
    if _outside(ruleset) != manifest["outside"]:
        changed = {**_outside(ruleset), **manifest["outside"]}
        names = sorted(name for name in changed if _outside(ruleset).get(name) != manifest["outside"].get(name))
        problem = f"the model or list of {', '.join(names)} is not the one that was signed"
        raise SignatureRefused(f"{folder / NAME}: {problem}")
    return ruleset, _signed(manifest)


def _manifest(folder: Path, key: Ed25519PublicKey) -> dict[str, Any]:
    """What was signed, its signature checked. Raises SignatureRefused."""
    file = folder / NAME
    try:
        with file.open("rb") as stream:
            octets = stream.read(_MOST_BYTES)
    except OSError:
        raise SignatureRefused(f"{file}: the rules are not signed: run `gatepost rules sign`") from None
    try:
        said = json.loads(octets)
        manifest, signature = said["manifest"], base64.b64decode(said["signature"], validate=True)
        payload = _payload(manifest)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise SignatureRefused(f"{file}: this is not a signature of rules: run `gatepost rules sign`") from None
    try:
        key.verify(signature, payload)
    except InvalidSignature:
        problem = "the signature is not of the key that the configuration names, or the file was changed"
        raise SignatureRefused(f"{file}: {problem}") from None
    files, outside = manifest.get("files"), manifest.get("outside")
    if manifest.get("version") != VERSION or not isinstance(files, dict) or not isinstance(outside, dict):
        raise SignatureRefused(f"{file}: signed by another version of Gatepost: sign it anew")
    return dict(manifest)


def _compare(folder: Path, signed: Mapping[str, str], there: Mapping[str, str]) -> None:
    both = sorted(signed.keys() & there.keys())
    found = [f"{folder / name}: changed since it was signed" for name in both if signed[name] != there[name]]
    new, gone = sorted(there.keys() - signed.keys()), sorted(signed.keys() - there.keys())
    found += [f"{folder / name}: was not there when the rules were signed" for name in new]
    found += [f"{folder / name}: was signed and is gone" for name in gone]
    if found:
        more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        raise SignatureRefused(
            "\n".join([*found[:_SHOWN], *more, "look at what was changed, then sign the rules anew"])
        )


def _payload(manifest: Mapping[str, Any]) -> bytes:
    return _PURPOSE + json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()


def _signed(manifest: Mapping[str, Any]) -> Signed:
    return Signed(str(manifest["signer"]), str(manifest["signed"]), str(manifest["key"]), len(manifest["files"]))


def _outside(ruleset: RuleSet) -> dict[str, list[str]]:
    """Digests, at load, of what detectors name, wherever it lies: models, indexes of lists, known forms, word lists,
    networks."""
    found = {
        spec.id: [spec.model_digest, spec.index_digest, *(digest for _, digest in spec.lists)]
        for spec in ruleset.detectors
    }
    return {name: digests for name, digests in found.items() if any(digests)}


def _settled(folder: Path, policy: str) -> _Facts:
    """The files and their facts, once the last change of any is older than the steps of the clock."""
    while True:
        facts = _facts(folder, policy)
        newest = max((known[0] for known in facts.values()), default=0) / 1e9
        if not time.time() - _SETTLED < newest <= time.time():
            return facts
        time.sleep(_SETTLED)


def _refuse_touched(folder: Path, policy: str, before: _Facts) -> None:
    now = _facts(folder, policy)
    touched = sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))
    if touched:
        raise SignatureRefused(f"{folder / touched[0]}: touched while the rules were loaded: try again")


def _facts(folder: Path, policy: str) -> _Facts:
    """Change time, inode, size and device of each file, and of the link that leads to it. Raises SignatureRefused."""
    return {
        path.relative_to(folder).as_posix(): facts
        for name in dict.fromkeys((policy, *SIGNED))
        for path in _files(folder / name)
        if (facts := _facts_of(path))
    }


def _facts_of(path: Path) -> tuple[int, ...]:
    try:
        facts, link = path.stat(), path.lstat()
    except OSError as error:
        raise SignatureRefused(f"{path}: cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(facts.st_mode):
        raise SignatureRefused(f"{path}: only files can be signed")
    return facts.st_ctime_ns, facts.st_ino, facts.st_size, facts.st_dev, link.st_ctime_ns, link.st_ino


def _files(top: Path) -> Iterator[Path]:
    if not top.is_dir():
        if os.path.lexists(top):
            yield top
        return
    for entry in sorted(top.iterdir()):
        if entry.is_dir() and entry.is_symlink():
            raise SignatureRefused(f"{entry}: a link to a folder cannot be signed: copy the folder")
        yield from _files(entry)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SignatureRefused(f"{path}: cannot be read ({error.strerror})") from None
