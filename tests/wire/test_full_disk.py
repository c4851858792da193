"""No room for the evidence or the quarantine: 451, and mail flows again when there is room."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.core.plan import Copy, Protection
from gateway.core.verdict import Method
from gateway.demo.letters import letter
from gateway.demo.pki import Authority, Wish
from gateway.demo.site import Site
from gateway.encrypt import GnuPG, Manner, Protector
from gateway.keys.material import Key
from gateway.processes import programs
from gateway.processes.programs import ProgramFailed
from tests.makers.opening import Correspondent
from tests.makers.small_disk import SmallDisk


@pytest.fixture
def disk(build_site: Callable[..., Site]) -> Iterator[Callable[[Path, int], SmallDisk]]:
    """Unmounted before the site's folder is removed, hence `build_site` here."""
    disks: list[SmallDisk] = []

    def make(folder: Path, megabytes: int) -> SmallDisk:
        disks.append(SmallDisk(folder, megabytes))
        return disks[-1]

    yield make
    for each in disks:
        each.unmount()


def test_full_store_defers_what_would_be_kept(
    build_site: Callable[..., Site], disk: Callable[[Path, int], SmallDisk]
) -> None:
    """The quarantine cannot take a message: 451, not delivered; with room again the retry is kept exactly once."""
    site = build_site(start=False)
    site.gateway.folder.mkdir(mode=0o755)
    small = disk(site.gateway.state, 16)
    audit = site.folder / "audit"  # has room: the store alone is full
    site.gateway.override("audit", "folder", str(audit))
    site.__enter__()
    raw = letter("case-hold", b"x" * 70_000 + b"\r\n")

    small.fill()
    said = site.send(raw, "a@outside.example").final
    site.postfix.drain()
    assert (said.code, said.enhanced) == (451, "4.7.1")
    assert site.sink.deliveries == ()
    assert site.gateway.answer("/healthz")[0] == 200

    small.free()
    assert site.send(raw, "a@outside.example").final.code == 250
    site.postfix.drain()
    assert site.sink.deliveries == ()
    assert site.gateway.held() == 1


def test_full_audit_folder_defers_everything(
    build_site: Callable[..., Site], disk: Callable[[Path, int], SmallDisk]
) -> None:
    """No evidence, no mail: also a message that nothing is wrong with gets 451, and passes once when there is room."""
    site = build_site(start=False)
    small = disk(site.folder / "audit", 4)
    site.gateway.override("audit", "folder", str(small.folder))
    site.gateway.audit = small.folder
    site.__enter__()

    small.fill()
    said = [site.send(letter("Good morning"), "a@outside.example").final.code for _ in range(12)]
    site.postfix.drain()
    passed = said.count(250)  # an event may still fit into the last page of the log: then it is evidence
    assert said == [250] * passed + [451] * (12 - passed)
    assert 451 in said
    assert len(site.sink.deliveries) == passed

    raw = letter("Good morning")
    codes = [
        site.send(each, "a@outside.example").final.code for each in (raw, letter("case-hold"), letter("case-block"))
    ]
    site.postfix.drain()
    assert codes == [451, 451, 451]
    assert len(site.sink.deliveries) == passed
    assert site.gateway.held() == 0
    assert site.gateway.metrics()['gatepost_deferred_total{cause="audit"}'] == 12 - passed + 3

    small.free()
    assert site.send(raw, "a@outside.example").final.code == 250
    site.postfix.drain()
    assert len(site.sink.deliveries) == passed + 1
    site.gateway.command("audit", "verify")
    events = [event["metadata"]["event_code"] for event in site.gateway.audit_events()]
    assert events.count("message-decided") == passed + 1


def test_full_spool_defers_a_large_message(
    build_site: Callable[..., Site], disk: Callable[[Path, int], SmallDisk]
) -> None:
    """A message that does not fit into the spool folder gets 451; a small one, kept in memory, passes."""
    site = build_site(start=False)
    small = disk(site.folder / "spool", 1)
    site.gateway.override("milter", "spool-folder", str(small.folder))
    site.__enter__()

    large = site.send(letter("large", (b"x" * 998 + b"\r\n") * 4_000), "a@outside.example").final
    little = site.send(letter("little"), "b@outside.example").final

    assert (large.code, little.code) == (451, 250)
    assert [d.recipients for d in site.sink.wait_for(1)] == [("b@outside.example",)]


@pytest.mark.parametrize("method", [Method.SMIME, Method.PGP])
def test_no_room_to_encrypt_is_ours_to_defer(
    tmp_path: Path, disk: Callable[[Path, int], SmallDisk], monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    """Certificates and keys cannot be laid out for the program: no copy, the client gets 451. With room it goes."""
    monkeypatch.setattr(programs, "MEMORY", tmp_path / "memory")
    small = disk(tmp_path / "memory", 1)
    ann = "ann@x.example"
    with Correspondent(ann) as somebody:
        keys = OneKey(Authority().issue(Wish([ann])).pem, somebody.public)
        protector = Protector(keys, GnuPG(tmp_path / "gnupg"), Manner(60.0))
        copy = Copy((ann,), (), Protection(method, "gcm" if method is Method.SMIME else ""))
        small.fill()
        with pytest.raises(ProgramFailed, match=r"no (room|folder)"):
            protector.protect(letter("x", b"x\r\n"), copy, lambda: None)
        small.free()

        assert protector.protect(letter("x", b"x\r\n"), copy, lambda: None).body


@dataclass
class OneKey:
    """One of each kind, for everybody."""

    pem: str
    armored: str

    def certificate(self, address: str) -> Key:
        return Key("f", self.pem)

    def openpgp(self, address: str) -> Key:
        return Key("f", self.armored)

    def signer(self) -> None:
        return None

    def signing_key(self) -> None:
        return None
