"""gateway.desk.releasing"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gateway.core.limits import Limits
from gateway.core.plan import Copy, Protection
from gateway.core.verdict import Means, Method
from gateway.core.wishes import Wishes
from gateway.desk.releasing import EncryptedRelease, Unreachable
from gateway.encrypt import EncryptFailed, Origin, Protected
from gateway.quarantine import Item
from gateway.quarantine.items import Recipient, State

ANN, BOB, EVE = "ann@x.example", "bob@x.example", "eve@x.example"
RAW = b"From: me@clinic.example\r\nTo: ann@x.example\r\nCc: Bob <BOB@x.example>\r\nSubject: x\r\n\r\nbody\r\n"
RAW = b"Message-ID: <1@clinic.example>\r\nX-Case: 4711\r\n" + RAW
TOLD = ("cc", "from", "subject", "to", "x-case")
SMIME, PGP, TLS = Means(Method.SMIME, "gcm"), Means(Method.PGP), Means(Method.TLS, "secure")


@dataclass
class World:
    """Who can be reached how; what is found elsewhere; what was sent."""

    known: dict[str, tuple[Means, ...]]
    elsewhere: dict[str, tuple[Means, ...]] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)
    sent: list[tuple[object, ...]] = field(default_factory=list)
    wished: list[Wishes] = field(default_factory=list)
    broken: bool = False

    def means(self, addresses: Iterable[str]) -> Mapping[str, tuple[Means, ...]]:
        return {who: self.known[who] for who in addresses if who in self.known}

    def look_up(self, addresses: Iterable[str], progress: Callable[[], None]) -> bool:
        self.looked += addresses
        self.known.update(self.elsewhere)
        return bool(self.elsewhere)

    def protect(
        self,
        raw: bytes,
        copy: Copy,
        progress: Callable[[], None],
        origin: Origin = Origin(),  # noqa: B008 - frozen
    ) -> Protected:
        if self.broken:
            raise EncryptFailed("no")
        return Protected((), lambda: b"sealed " + raw, lane="secure")

    def submit(
        self,
        mail_from: str,
        recipients: Sequence[str],
        chunks: Iterable[bytes],
        *,
        lane: str = "",
        token: str = "",
        wishes: Wishes = Wishes(),  # noqa: B008 - frozen
    ) -> str:
        self.sent.append((mail_from, tuple(recipients), b"".join(chunks), lane))
        self.wished.append(wishes)
        return "Q1"


def item() -> Item:
    held = tuple(Recipient(who, State.HELD) for who in (ANN, BOB, EVE))
    when = datetime(2026, 3, 4, tzinfo=UTC)
    return Item("i", "i", when, State.HELD, "me@clinic.example", held, 1, "", "", (), (), (), "", None, None, "", "")


def copies(world: World, *methods: Method, only: Sequence[str] = (ANN, BOB, EVE)) -> tuple[Copy, ...]:
    release = EncryptedRelease(world, world, world, world, methods or (Method.SMIME, Method.PGP, Method.TLS))
    return release.copies(item(), only, RAW)


def test_who_is_named_shares_a_copy_and_who_is_not_has_one_alone() -> None:
    """As if a rule had asked for encryption: the fewest copies, Bcc apart and hidden; where a value stood is not known
    any more, so that nothing but addresses and what servers need is in sight."""
    world = World({ANN: (SMIME, TLS), BOB: (SMIME,), EVE: (SMIME,)})

    assert copies(world) == (
        Copy((ANN, BOB), (), Protection(Method.SMIME, "gcm", telling=TOLD)),
        Copy((EVE,), (), Protection(Method.SMIME, "gcm", hidden=True, telling=TOLD)),
    )


def test_method_that_is_asked_for_is_taken() -> None:
    """In the order that somebody gave."""
    world = World({ANN: (SMIME, PGP, TLS), BOB: (TLS,), EVE: (TLS,)})

    assert [c.protection for c in copies(world, Method.TLS, Method.PGP)] == [Protection(Method.TLS, "secure")]
    with pytest.raises(Unreachable, match=f"no way to reach {BOB}, {EVE} by pgp"):
        copies(world, Method.PGP)


def test_what_is_lacking_is_looked_up_once() -> None:
    """Only for those who have nothing; where nothing is found nobody gets anything."""
    world = World({ANN: (SMIME,), BOB: (SMIME,)}, {EVE: (PGP,)})

    assert [c.recipients for c in copies(world)] == [(ANN, BOB), (EVE,)]
    assert world.looked == [EVE]
    with pytest.raises(Unreachable, match=ANN):
        copies(World({}))


def test_nothing_is_sent_where_it_cannot_be_protected() -> None:
    """The copy goes out protected, by its lane; a failure raises and sends nothing."""
    world = World({ANN: (TLS,)})
    (copy,) = copies(world, only=(ANN,))
    send = EncryptedRelease(world, world, world).submit(item(), copy)

    asked = Wishes(("RET=HDRS",), {ANN: ("NOTIFY=SUCCESS",)})
    assert send("me@clinic.example", (ANN,), iter([b"one ", b"two"]), wishes=asked) == "Q1"
    world.broken = True
    with pytest.raises(EncryptFailed):
        send("me@clinic.example", (ANN,), iter([b"one"]), wishes=asked)
    assert world.sent == [("me@clinic.example", (ANN,), b"sealed one two", "secure")]
    assert world.wished == [asked]


def test_a_field_behind_very_many_others_goes_inside_too() -> None:
    """A message with more fields than are read is held for that, and released like any other."""
    world = World({ANN: (SMIME,)})
    release = EncryptedRelease(world, world, world)

    (copy,) = release.copies(item(), (ANN,), b"X-Filler: 0\r\n" * Limits().headers + RAW)

    assert copy.protection is not None
    assert set(TOLD) < set(copy.protection.telling)


def test_an_address_that_is_typed_in_other_letters_is_protected_for_the_recipient_that_gets_it() -> None:
    """The store sends it to the address of the item: a key of the typed one would be somebody else's."""
    world = World({ANN: (SMIME,), ANN.upper(): (PGP,)})

    (copy,) = EncryptedRelease(world, world, world).copies(item(), (ANN.upper(), ANN), RAW)

    assert copy.recipients == (ANN,)
    assert copy.protection is not None
    assert copy.protection.method is Method.SMIME
