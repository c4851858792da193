"""gateway.desk.sending, with a quarantine on real files"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from gateway.core.wishes import Wishes
from gateway.desk.redacting import RedactedRelease
from gateway.desk.releasing import EncryptedRelease
from gateway.desk.sending import Outgoing, Sending, Wish
from gateway.postfix.submit import Submitter
from gateway.quarantine import NewItem, QuarantineStore, State, Way
from gateway.quarantine.errors import SecondReviewerNeeded
from gateway.quarantine.release import Terms
from gateway.store.blobs import Blobs
from gateway.store.keyring import Keyring

ITEM, ANN, BOB = "item-0001", "ann@x.example", "bob@y.example"


@dataclass
class World:
    """What was sent, and what was written down."""

    sent: list[tuple[str, ...]] = field(default_factory=list)
    events: list[Mapping[str, object]] = field(default_factory=list)

    def append(self, event: Mapping[str, object]) -> None:
        self.events.append(event)

    def submit(self, mail_from: str, recipients: Sequence[str], chunks: Iterator[bytes], /, *, wishes: Wishes) -> str:
        self.sent.append(tuple(recipients))
        return f"Q{len(self.sent)}"


def test_whoever_agrees_to_a_release_in_several_copies_agrees_to_all_of_them(engine: sa.Engine, tmp_path: Path) -> None:
    """Encrypted, each recipient may have a copy of their own: the second person sends them all."""
    store = QuarantineStore(engine, Blobs(tmp_path / "blobs", Keyring.init(tmp_path / "keyring.json")))
    store.put(NewItem(ITEM, "i", "me@clinic.example", (ANN, BOB), "high", "sha256:00", reviewers=2), [b"sealed"])
    world = World()
    unused = cast("Submitter", None), cast("EncryptedRelease", None), cast("RedactedRelease", None)
    sending = Sending(store, *unused)
    copies = [Outgoing((who,), (who,), world.submit, "pgp") for who in (ANN, BOB)]

    def release(by: str) -> None:
        wish = Wish(by, "checked", Terms(Way.ENCRYPTED))
        sending.send_all(world, store.get(ITEM), copies, wish, pytest.fail)

    with pytest.raises(SecondReviewerNeeded):
        release("ana")
    assert world.sent == []
    release("bo")

    assert world.sent == [(ANN,), (BOB,)]
    assert store.get(ITEM).state is State.RELEASED
