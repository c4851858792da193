"""No room while a message is being encrypted: deferred, nobody has a byte, nothing is left behind; then once each."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.demo.service import COMMAND
from tests.makers.fanout import ANN, BODY, EVERYBODY, PAT, TOM, Crew, to_all
from tests.makers.fanout import crew as make_crew
from tests.makers.opening import opened_by_gpg, opened_by_openssl
from tests.makers.small_disk import SmallDisk

# In a mount namespace of its own the gateway sees a small file system where programs get their keys.
ELSEWHERE = 'mount --bind "$1" /dev/shm && shift && exec "$@"'
MORE = b"line after line of an attachment that nobody reads, so that the message is kept in a file\r\n" * 16_000


@dataclass(frozen=True)
class Cramped:
    """A crew whose gateway has a small disk for each thing."""

    crew: Crew
    programs: SmallDisk
    spool: SmallDisk
    store: SmallDisk

    def left(self) -> list[str]:
        """Files of messages: in the folders of programs, of the spool and of the blobs."""
        folders = (self.programs.folder, self.spool.folder, self.store.folder / "blobs")
        names = (path.name for folder in folders for path in folder.rglob("*") if path.is_file())
        return sorted(name for name in names if name not in ("filler", ".lock"))


@pytest.fixture(scope="module")
def cramped(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Cramped]:
    folder = tmp_path_factory.mktemp("crew")
    with make_crew(folder, wire_rules(folder / "rules")) as crew, ExitStack() as stack:
        gateway = crew.site.gateway
        gateway.stop()
        shutil.move(gateway.audit, folder / "audit")  # has room, or nothing would be tried at all
        gateway.audit = folder / "audit"
        state = gateway.state.rename(folder / "state")
        places = {"programs": (folder / "shm", 1), "spool": (folder / "spool", 4), "store": (gateway.state, 16)}
        disks = {name: SmallDisk(*place) for name, place in places.items()}
        for disk in disks.values():
            stack.callback(disk.unmount)
        shutil.copytree(state, gateway.state, dirs_exist_ok=True)
        gateway.override("audit", "folder", str(gateway.audit))
        gateway.override("milter", "spool-folder", str(folder / "spool"))
        gateway.launcher = ("unshare", "-m", "sh", "-c", ELSEWHERE, "sh", str(folder / "shm"), *COMMAND)
        gateway.start()
        stack.callback(gateway.stop)
        yield Cramped(crew, **disks)


@pytest.mark.parametrize("where", ["programs", "spool", "store"])
def test_no_room_to_encrypt_defers_and_leaves_nothing(cramped: Cramped, where: str, tmp_path: Path) -> None:
    """Of four recipients nobody has anything, nor is anything kept for the fourth; the retry serves each once."""
    crew, site, disk = cramped.crew, cramped.crew.site, getattr(cramped, where)
    crew.clear()
    held, left = site.gateway.held(), cramped.left()
    raw = to_all("case-encrypt", *EVERYBODY) + MORE

    disk.fill()
    said = site.send(raw, *EVERYBODY).final
    disk.free()

    assert (said.code, said.enhanced) == (451, "4.7.1")
    assert site.postfix.queue() == []
    assert crew.deliveries() == ()
    assert (site.gateway.held(), cramped.left()) == (held, left)

    assert site.send(raw, *EVERYBODY).final.code == 250
    site.postfix.drain()
    by = {address: delivery.message for delivery in crew.deliveries() for address in delivery.recipients}
    assert crew.got() == Counter([ANN, PAT, TOM])
    assert site.gateway.held() == held + 1
    for inside in (opened_by_openssl(by[ANN], crew.ann, tmp_path), opened_by_gpg(by[PAT], crew.pat)):
        assert inside.endswith(MORE)
    assert crew.tls.to(TOM)[0].tls in {"TLSv1.2", "TLSv1.3"}
    assert BODY[:20] not in by[ANN] + by[PAT]
