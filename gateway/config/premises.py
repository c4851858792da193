"""What `config check` looks at on this machine: what a configuration names must be there, or be possible."""

import getpass
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.config.schema import Config
from gateway.core.errors import Fault
from gateway.documents import Node, load_document

POSTFIX = "postfix"  # the user that Postfix speaks to milters as
Found = tuple[tuple[str, str], str, str]  # section and setting, what is wrong, how to mend it


def premises(config: Config, file: Path | None) -> list[Fault]:
    """Faults of the machine, for the user who asks: no policy, a folder that cannot be made or is open to others."""
    node = load_document(file, []) if file else None
    return sorted(_fault(node, file, *found) for found in _found(config))


def _found(config: Config) -> Iterator[Found]:
    if not os.path.isfile(config.policy.file):  # noqa: PTH113 - is_file() raises where a folder may not be entered
        yield (
            ("policy", "file"),
            f"{config.policy.file}: there is no such file, or it may not be read",
            "write its path",
        )
    for place, folder in (
        (("store", "folder"), config.store.folder),
        (("audit", "folder"), config.audit.folder),
        (("milter", "spool-folder"), config.milter.spool_folder),
    ):
        for problem, remedy in _folder(folder):
            yield place, f"{folder}: {problem}", remedy
    for problem, remedy in _socket_group(config):
        yield ("milter", "socket-group"), problem, remedy


def _socket_group(config: Config) -> Iterator[tuple[str, str]]:
    """What keeps Postfix from the milter's socket: a group that is not there, or that its user is not in."""
    milter = config.milter
    if not milter.socket_group or not milter.socket.startswith("unix:"):
        return
    try:
        group = grp.getgrnam(milter.socket_group).gr_gid
    except KeyError:
        yield f"there is no group {milter.socket_group} on this machine", "name one that there is, such as postfix"
        return
    try:
        groups = os.getgrouplist(POSTFIX, pwd.getpwnam(POSTFIX).pw_gid)
    except KeyError:  # Postfix is elsewhere, or has a user of another name
        return
    if group not in groups and not int(milter.socket_mode, 8) & stat.S_IWOTH:
        remedy = f"usermod -aG {milter.socket_group} {POSTFIX} and restart Postfix, or name a group that it is in"
        yield f"the user {POSTFIX} is not in the group {milter.socket_group}: Postfix cannot reach the milter", remedy


def _folder(folder: Path) -> Iterator[tuple[str, str]]:
    """What keeps this user from using the folder, or lets others in."""
    existing = next(path for path in (folder, *folder.parents) if os.path.lexists(path) or path == path.parent)
    if not os.path.isdir(existing):  # noqa: PTH112 - as above
        yield f"{existing} is not a folder" if existing != folder else "this is not a folder", "name a folder"
    elif not os.access(existing, os.W_OK | os.X_OK):
        what = "cannot be written" if existing == folder else f"cannot be made in {existing}"
        yield f"{what} by {getpass.getuser()}", "check as the user that Gatepost runs as, or mend the permissions"
    elif existing == folder and (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o077:
        yield f"has mode {mode:04o}, so that others may look into it", f"chmod 700 {folder}"


def _fault(node: Node | None, file: Path | None, place: tuple[str, str], problem: str, remedy: str) -> Fault:
    section = node.get(place[0]) if node is not None and node.kind == "mapping" else None
    setting = section.get(place[1]) if section is not None and section.kind == "mapping" else None
    subject = ".".join(place)
    if setting is not None:
        return setting.fault(subject, problem, remedy)
    return Fault(str(file or "defaults"), 0, 0, subject, problem, remedy)
