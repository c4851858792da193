"""Who may read secrets, and who may change what decides."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning

OTHERS = stat.S_IRWXG | stat.S_IRWXO
CREDENTIALS = Path("/run/credentials")  # of systemd: an ACL says who may read them
WRITE = stat.S_IWGRP | stat.S_IWOTH


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def private_folders(machine: Machine) -> Iterator[Found]:
    """Quarantine, evidence, keys: for Gatepost's user alone."""
    config = machine.config
    for folder in (config.store.folder, config.audit.folder, config.milter.spool_folder, config.encryption.gnupg_home):
        mode = _mode(folder)
        if mode is not None and mode & OTHERS:
            reason = f"has mode {mode:04o}: others on this machine may look into it"
            yield critical(str(folder), reason, f"chmod 700 {folder}")


def secret_files(machine: Machine) -> Iterator[Found]:
    """The keyring opens the quarantine and signs the evidence; the database says who wrote to whom; passwords."""
    config = machine.config
    named = (config.store.database_password_file, config.objects.credentials_file)
    files = [config.store.keyring, *(file for file in named if file is not None)]
    if config.store.database.startswith("sqlite:///"):
        files.append(Path(config.store.database.removeprefix("sqlite:///")))
    for file in files:
        mode = _mode(file)
        if mode is not None and mode & OTHERS and CREDENTIALS.resolve() not in file.resolve().parents:
            yield critical(str(file), f"has mode {mode:04o}: others could read it", f"chmod 600 {file}")


def password_in_view(machine: Machine) -> Iterator[Found]:
    """A database URL may hold a password."""
    file = machine.config_file
    account = urlsplit(machine.config.store.database).netloc.rpartition("@")[0]
    if file is None or ":" not in account:
        return
    mode = _mode(file)
    if mode is not None and mode & stat.S_IRWXO:
        reason = f"names the database's password and has mode {mode:04o}: everybody here can read it"
        yield critical(str(file), reason, f"chmod o= {file}, or name a file in store.database-password-file")


def writable_rules(machine: Machine) -> Iterator[Found]:
    """Rules and configuration decide: who may write them decides what leaves the house."""
    policy = machine.config.policy.file
    places = [policy.parent, *(policy.parent / name for name in ("policy.yaml", "packs", "detectors", "lists"))]
    if machine.config_file is not None:
        places += [machine.config_file, machine.config_file.absolute().parent]
    service = _owner(machine.config.store.folder)
    for place in dict.fromkeys(places):
        mode, owner = _mode(place), _owner(place)
        if mode is not None and mode & WRITE and not mode & stat.S_ISVTX:
            reason = f"has mode {mode:04o}: others than its owner may change what decides"
            yield critical(str(place), reason, f"chmod go-w {place}")
        elif service not in (None, 0) and owner == service:
            reason = "belongs to the user that reads hostile mail: taken over, it could change its own rules"
            yield warning(str(place), reason, f"chown root {place}")


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def milter_socket(machine: Machine) -> Iterator[Found]:
    """Who connects to the milter may ask it about messages under any name."""
    kind, _, rest = machine.config.milter.socket.partition(":")
    if kind == "unix":
        path = Path(rest)
        mode = _mode(path)
        if mode is not None and mode & stat.S_IRWXO and _is_open_to_all(path.parent):
            reason = f"has mode {mode:04o} in a folder open to all: every user here may speak to the milter"
            yield warning(str(path), reason, "set milter.socket-mode to 0660 and milter.socket-group to postfix")
        return
    host = rest.partition("@")[2].strip("[]")
    if host not in ("localhost", "::1") and not host.startswith("127."):
        reason = f"the milter listens on {host or 'all addresses'}: others may speak to it, unencrypted"
        yield warning("gatepost.yaml: milter.socket", reason, "bind it to 127.0.0.1, or put a firewall before it")


def _is_open_to_all(folder: Path) -> bool:
    mode = _mode(folder)
    return mode is not None and bool(mode & stat.S_IXOTH)


def status_pages(machine: Machine) -> Iterator[Found]:
    """Metrics tell how much is held and by which rule."""
    host = machine.config.status.host
    if host not in ("localhost", "::1") and not host.startswith("127."):
        reason = f"metrics and health are shown to everybody who reaches {host}"
        yield warning("gatepost.yaml: status.host", reason, "set it to 127.0.0.1, or put a firewall before it")
