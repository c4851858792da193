"""The keyring, the organization's keys, and the audit log."""

from collections.abc import Iterator
from datetime import timedelta

from gateway.audit.chain import segment_numbers, segment_path
from gateway.audit.errors import ChainBroken
from gateway.audit.rotated import rotated, rotated_words
from gateway.audit.verify import Expected, verify
from gateway.config import keyring_file
from gateway.core.errors import SetupError
from gateway.doctor.machine import Machine
from gateway.doctor.stores import database, database_file
from gateway.doctor.trouble import Found, critical, warning
from gateway.keys import KeyBook, OwnKeys
from gateway.keys.directory import Directory
from gateway.store.keyring import Keyring
from gateway.store.members import Members
from gateway.wiring.opening import IDENTITY, identity_of

BROKEN = "keep the folder as evidence, find out who changed it: docs/runbook/GatepostAuditBroken.md"
SOON = timedelta(days=30)
MOST_BYTES = 256 << 20  # of the audit log; of a longer one the last segment alone


def keyring(machine: Machine) -> Iterator[Found]:
    """Without it nothing in the quarantine can be opened, and no event signed."""
    try:
        keyring_of(machine)
    except SetupError as error:
        yield critical("keyring", str(error), "restore it from your copy; never make a new one over a store in use")


def keyring_of(machine: Machine) -> Keyring:
    """Raises SetupError."""
    return Keyring.load(keyring_file(machine.config, machine.environ))


def own_keys(machine: Machine) -> Iterator[Found]:
    """Certificates and keys that the organization signs with."""
    for engine in database(machine):
        now = machine.clock()
        for key in OwnKeys(engine, keyring_of(machine), machine.clock).list():
            if key.state != "active" or key.not_after is None:
                continue
            name = f"{key.method.value} key {key.fingerprint[:16]}"
            remedy = "gatepost keys own request (or generate), then import the new one: docs/encryption.md"
            if key.not_after <= now:
                yield critical(name, f"expired on {key.not_after:%Y-%m-%d}: nothing is signed with it", remedy)
            elif key.not_after - now < SOON:
                yield warning(name, f"expires on {key.not_after:%Y-%m-%d}", remedy)


def recipients_keys(machine: Machine) -> Iterator[Found]:
    """The first of the recipients' keys to expire: their mail is held from then on."""
    for engine in database(machine):
        now, book = machine.clock(), KeyBook(engine, machine.clock)
        directory = Directory(book, OwnKeys(engine, keyring_of(machine), machine.clock), dict)
        for kind, (count, first) in directory.expiries().items():
            if kind.startswith("recipient-") and first is not None and first - now < SOON:
                reason = (
                    f"of {count} in use the first expires on {first:%Y-%m-%d}: mail to its owner is held after that"
                )
                yield warning(f"{kind} keys", reason, "gatepost recipients list; ask the owner for a new one")


def authorities(machine: Machine) -> Iterator[Found]:
    """The authorities that certificates of recipients must lead to."""
    from cryptography import x509

    file = machine.config.encryption.anchors
    if not file.exists():
        return
    now = machine.clock()
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except ValueError:
        reason = "holds no certificates in PEM: no certificate of a recipient is used"
        yield critical(str(file), reason, "write the authorities' certificates into it, or remove it")
        return
    for certificate in certificates:
        end = certificate.not_valid_after_utc
        if end - now < SOON:
            name = certificate.subject.rfc4514_string()
            reason = f"the authority {name} {'expired' if end <= now else 'expires'} on {end:%Y-%m-%d}"
            yield warning(str(file), reason, "add its successor; certificates below it are refused after that")


def audit_log(machine: Machine) -> Iterator[Found]:
    """Every line as it was written, and the last one as it was signed."""
    folder = machine.config.audit.folder
    numbers = segment_numbers(folder) if folder.is_dir() else []
    if not numbers:
        if rotated(folder) or _has_served(machine):
            yield critical(str(folder), f"the audit log is gone{rotated_words(folder)}", BROKEN)
        return
    total = sum(segment_path(folder, number).stat().st_size for number in numbers)
    mark = machine.config.store.folder / IDENTITY
    if not machine.config.store.database.startswith("sqlite") and not mark.exists():
        reason = "is gone: the audit log of this gateway is compared with nothing that the database knows of it"
        yield warning(str(mark), reason, "put it back from the backup, or find out who removed it: docs/cluster.md")
    key, whole = keyring_of(machine).audit_key().public_key(), total <= MOST_BYTES
    try:
        log = folder if whole else segment_path(folder, numbers[-1])
        found = verify(log, key, expected=_told(machine) if whole else None)
    except ChainBroken as error:
        yield critical(str(folder), f"the audit log is not as it was written: {error}", BROKEN)
    else:
        if found.unsigned_tail:
            yield critical(str(folder), f"of the audit log {found.doubts[0]}", BROKEN)
        if names := rotated(folder):
            reason = f"{names[0]} is there: logrotate or another program rotates the audit log, and will break it"
            yield warning(str(folder), reason, "take the folder out of its configuration, move that file elsewhere")


def _has_served(machine: Machine) -> bool:
    """It has a database of its own, or made itself known to a shared one: from then on it has a log."""
    file = database_file(machine)
    return (machine.config.store.folder / IDENTITY).exists() or (file is not None and file.exists())


def _told(machine: Machine) -> Expected | None:
    """How far the log had come when this gateway told a shared database last. Raises SetupError, StoreUnavailable."""
    for engine in database(machine) if not machine.config.store.database.startswith("sqlite") else ():
        head = Members(engine).audit_of(identity_of(machine.config, engine))
        return Expected(head.seq, head.hash) if head else None
    return None


def torn_lines(machine: Machine) -> Iterator[Found]:
    """What a crash left of a line that nobody was told is durable."""
    folder = machine.config.audit.folder
    if folder.is_dir() and (torn := sorted(folder.glob("*.torn-*"))):
        reason = f"{len(torn)} times a crash cut a line of the audit log; nobody was told that it was durable"
        yield warning(str(folder), reason, f"find out why the machine crashed, then move {torn[0].name} elsewhere")
