"""OpenPGP keys (RFC 9580): what one says, as GnuPG reads it in an empty home of its own.

GnuPG drops user ids and subkeys without a valid signature of the key itself when it imports; what is left is believed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.keys.records import form
from gateway.processes.programs import Patience, Ran, private_folder, run

GPG = "gpg"
BATCH = ("--no-options", "--batch", "--no-tty", "--disable-dirmngr", "--no-auto-key-locate", "--no-auto-check-trustdb")
LARGEST = 4 << 20  # bytes of one file
MOST_ADDRESSES = 5_000
FACTORED, FEWEST_BITS = frozenset({"1", "2", "16", "20"}), 2048  # RSA and ElGamal (RFC 9580 section 9.1)
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
# The whole of a user id is an addr-spec, or it ends in one in angle brackets; nothing else counts.
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>\s]+@[^<>\s]+)>")
_BARE = re.compile(r"[^<>\s]+@[^<>\s]+")

REVOKED = "the key is revoked"


@dataclass(frozen=True, slots=True)
class OpenPGPKey:
    """One key. `addresses` are those of its valid user ids; `problem` says why nobody can encrypt to it.

    `begins`: from when on something in it can.
    """

    fingerprint: str
    armored: str = field(repr=False)
    addresses: tuple[str, ...]
    begins: datetime | None
    expires: datetime | None
    problem: str = ""


def read_keys(
    octets: bytes, patience: Patience, program: str = GPG, *, most: int | None = None, wanted: Sequence[str] = ()
) -> list[OpenPGPKey]:
    """The keys in armored or binary bytes; [] where there are none that GnuPG can read. Raises ProgramFailed.

    `most`: so many of them, those for one of the `wanted` addresses first; None: all.
    """
    if not octets or len(octets) > LARGEST:
        return []
    with private_folder() as home:
        gpg = [program, *BATCH, "--homedir", str(home)]
        run([*gpg, "--import-options", "import-minimal", "--import"], octets, patience)
        listed = run([*gpg, "--with-colons", "--fixed-list-mode", "--list-keys"], patience=patience)
        keys = [_key(block) for block in _blocks(listed)]
        if most is not None:
            keys = sorted(keys, key=lambda key: set(wanted).isdisjoint(key.addresses))[:most]
        return [_exported(gpg, key, patience) for key in keys]


def _blocks(listed: Ran) -> Iterator[list[list[str]]]:
    block: list[list[str]] = []
    for line in listed.stdout.decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if fields[0] == "pub" and block:
            yield block
            block = []
        if fields[0] in {"pub", "fpr", "uid", "sub"} or block:
            block.append(fields)
    if block:
        yield block


def _key(block: Sequence[list[str]]) -> OpenPGPKey:
    pub = next(fields for fields in block if fields[0] == "pub")
    fingerprint = next(fields[9] for fields in block if fields[0] == "fpr")
    uids = [fields[9] for fields in block if fields[0] == "uid" and fields[1] not in {"r", "e", "n"}]
    addresses = dict.fromkeys(filter(None, (address_of(uid) for uid in uids[:MOST_ADDRESSES])))
    encrypting = _encrypting(block)
    begins = [when for fields in (pub, *encrypting) if "e" in fields[11] and (when := _time(fields[5]))]
    ends = [when for fields in (pub, *encrypting[-1:]) if (when := _time(fields[6]))]
    return OpenPGPKey(
        fingerprint=fingerprint,
        armored="",
        addresses=tuple(addresses),
        begins=max(filter(None, (_time(pub[5]), min(begins, default=None))), default=None),
        expires=min(ends, default=None),
        problem=_problem(pub) or _weakness([pub, *encrypting]),
    )


def _problem(pub: Sequence[str]) -> str:
    if pub[1] == "r":
        return REVOKED
    if pub[1] == "e":
        return "the key is expired"
    if pub[1] == "i":
        return "the key has no valid signature of its own"
    return "" if "E" in pub[11] else "nothing in the key can encrypt any more"


def _encrypting(block: Sequence[list[str]]) -> list[list[str]]:
    """The subkeys that are good for encryption; the last one for the longest time."""
    subs = [fields for fields in block if fields[0] == "sub" and "e" in fields[11] and fields[1] not in {"r", "e"}]
    return sorted(subs, key=lambda fields: int(fields[6] or 1 << 62))


def _weakness(keys: Sequence[list[str]]) -> str:
    """Why what GnuPG might encrypt to is too weak; "" where nothing of it is: which one it takes is for it to say."""
    bits = [int(fields[2]) for fields in keys if "e" in fields[11] and fields[3] in FACTORED]
    weak = [each for each in bits if each < FEWEST_BITS]
    return f"it would be encrypted to with {min(weak)} bits of RSA or ElGamal, fewer than {FEWEST_BITS}" if weak else ""


def address_of(uid: str) -> str:
    """The addr-spec of a user id, as addresses are compared; "" where it has none, or hides one."""
    octets = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), uid)
    if not octets.isprintable():
        return ""
    found = _IN_BRACKETS.fullmatch(octets)
    if found:
        return form(found[1])
    return form(octets) if _BARE.fullmatch(octets) else ""


def _exported(gpg: Sequence[str], key: OpenPGPKey, patience: Patience) -> OpenPGPKey:
    """With its bytes, without the signatures of others."""
    options = ["--armor", "--export-options", "export-minimal", "--export", key.fingerprint]
    armored = run([*gpg, *options], patience=patience).stdout.decode("ascii", "replace")
    return OpenPGPKey(key.fingerprint, armored, key.addresses, key.begins, key.expires, key.problem)


def _time(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() and int(text) else None
