"""Root working in a folder of Gatepost's user does so as that user."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def as_owner(folder: Path) -> Iterator[None]:
    """Where we are root: read and make files as the owner of the folder, so that none belongs to root afterwards.

    Of the whole process: for commands, never for a service. Raises OSError where the folder is not there.
    """
    owner = folder.stat()
    if os.geteuid() or not owner.st_uid:
        yield
        return
    groups = os.getgroups()
    os.setgroups([owner.st_gid])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
