"""OpenPGP keys: which may be used, pinned on first use."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.audit.errors import AuditUnavailable
from gateway.core.verdict import Means, Method
from gateway.keys.intake import MOST_ADDRESSES
from gateway.keys.openpgp import FACTORED, address_of
from gateway.keys.records import Source, State
from tests.conftest import ON_ONE_MACHINE
from tests.makers.crowd import key_of
from tests.makers.opening import Correspondent

PAT = "pat@x.example"


@pytest.fixture(scope="module")
def pat() -> Iterator[Correspondent]:
    with Correspondent(PAT) as somebody:
        yield somebody


@pytest.fixture(scope="module")
def other() -> Iterator[Correspondent]:
    with Correspondent(PAT) as somebody:
        yield somebody


def take(office: Any, somebody: Correspondent, **more: Any) -> Any:
    (key,) = office.intake.take(somebody.public.encode(), Source.MANUAL, **more)
    return key


def test_good_key_is_used(office: Any, pat: Correspondent) -> None:
    """For the address of its user id."""
    key = take(office, pat)

    assert key.state is State.ACTIVE
    assert office.directory.means([PAT]) == {PAT: (Means(Method.PGP),)}
    assert office.directory.openpgp(PAT).fingerprint == pat.fingerprint


def test_changed_key_waits_until_somebody_accepts_it(office: Any, pat: Correspondent, other: Correspondent) -> None:
    """The pinned key stays in use meanwhile, and the change is an event."""
    take(office, pat)
    waiting = take(office, other)

    assert waiting.state is State.PENDING
    assert office.directory.openpgp(PAT).fingerprint == pat.fingerprint
    assert office.told == [("added", PAT), ("changed", PAT)]

    office.intake.accept(waiting, "admin")
    assert office.directory.openpgp(PAT).fingerprint == other.fingerprint
    assert office.told[-1] == ("accepted", PAT)


def test_key_for_another_address_is_refused(office: Any, pat: Correspondent) -> None:
    """Asked for somebody whom it does not name."""
    key = take(office, pat, addresses=["pat@x.example.evil.example"])

    assert (key.state, key.reason) == (State.REFUSED, f"it is for {PAT}, not for this address")
    assert office.directory.means(["pat@x.example.evil.example"]) == {}


def test_revoked_key_is_refused(office: Any) -> None:
    """GnuPG's own certificate of revocation."""
    with Correspondent(PAT) as somebody:
        revocation = (somebody.home / "openpgp-revocs.d" / f"{somebody.fingerprint}.rev").read_bytes()
        somebody.gpg("--import", stdin=revocation[revocation.index(b":-----") + 1 :])
        key = take(office, somebody, addresses=[PAT])

    assert key.state is State.REFUSED
    assert office.directory.means([PAT]) == {}


def test_what_was_revoked_does_not_come_back(office: Any, other: Correspondent) -> None:
    """An old copy without the revocation changes nothing, wherever it comes from; another key waits for a person."""
    with Correspondent(PAT) as somebody:
        before = somebody.public.encode()
        revocation = (somebody.home / "openpgp-revocs.d" / f"{somebody.fingerprint}.rev").read_bytes()
        somebody.gpg("--import", stdin=revocation[revocation.index(b":-----") + 1 :])
        take(office, somebody, addresses=[PAT])
    for source in (Source.WKD, Source.MANUAL):
        (key,) = office.intake.take(before, source, [PAT])
        assert key.state is State.REFUSED

    (anew,) = office.intake.take(other.public.encode(), Source.WKD, [PAT])
    assert anew.state is State.PENDING
    assert office.directory.openpgp(PAT) is None


def test_a_look_up_undoes_nothing_that_a_person_did(office: Any, pat: Correspondent, other: Correspondent) -> None:
    """The pinned key without its user id, then another one: the first stays in use, the second waits."""
    take(office, pat)
    bare = pat.gpg("--armor", "--export-filter", "keep-uid=uid=nobody", "--export", pat.fingerprint)
    office.intake.take(bare, Source.WKD, [PAT])
    (second,) = office.intake.take(other.public.encode(), Source.WKD, [PAT])

    assert second.state is State.PENDING
    assert office.directory.openpgp(PAT).fingerprint == pat.fingerprint


@ON_ONE_MACHINE
def test_expired_key_is_refused(office: Any) -> None:
    """Its own expiry has passed."""
    with Correspondent(PAT, extra="Expire-Date: seconds=1") as somebody:
        somebody.gpg("--quick-set-expire", somebody.fingerprint, "20200101T000000", expect=None)
        import time

        time.sleep(1.1)
        key = take(office, somebody, addresses=[PAT])

    assert key.state is State.REFUSED


@pytest.mark.parametrize(
    ("uid", "address"),
    [
        ("Pat <pat@x.example>", PAT),
        ("pat@x.example", PAT),
        ("Pat <pat@X.Example>", PAT),
        ("Pat <pat@x.example> <eve@x.example>", ""),
        ("pat@x.example <eve@x.example>", "eve@x.example"),
        (r"Pat\x0a<pat@x.example>", ""),
        ("Pat <pat@x.example", ""),
        ("Pat", ""),
    ],
)
def test_only_a_whole_address_in_a_user_id_counts(uid: str, address: str) -> None:
    """No part of a name, no second one in brackets, nothing with a line break in it."""
    assert address_of(uid) == address


@ON_ONE_MACHINE
def test_key_with_a_thousand_user_ids_is_taken_for_a_few(office: Any) -> None:
    """A key that names half a company: read in seconds, the address asked for found among all, the last one too."""
    everybody = [f"p{number}@x.example" for number in range(1_000)]
    crowd, begun = key_of(everybody), time.monotonic()
    (one,) = office.intake.take(crowd, Source.MANUAL, [everybody[-1]])
    all_ = office.intake.take(crowd, Source.MANUAL)

    assert len(all_) == MOST_ADDRESSES
    assert one.state is State.ACTIVE
    assert office.directory.means([everybody[-1]]) == {everybody[-1]: (Means(Method.PGP),)}
    assert time.monotonic() - begun < 60


def test_of_many_keys_in_an_answer_few_are_looked_at(office: Any) -> None:
    """A domain may send what it likes: that fills neither the book nor the log. The right one is found among them."""
    keys = b"".join(key_of([f"x{number}@x.example"]) for number in range(40)) + key_of([PAT])
    taken = office.intake.take(keys, Source.WKD, [PAT], most=3)

    assert [key.state for key in taken] == [State.ACTIVE, State.REFUSED, State.REFUSED]
    assert len(office.book.all_keys()) == 3


@pytest.mark.parametrize(
    "octets", [b"", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"]
)
def test_what_is_no_key_is_nothing(office: Any, octets: bytes) -> None:
    """No exception, no entry."""
    assert office.intake.take(octets, Source.MANUAL) == []


def test_a_key_is_judged_again_by_the_rules_of_today(
    office: Any, pat: Correspondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was strong enough when it came is none for ever, and it is told; one that is still good stays in use."""
    key = take(office, pat)
    assert office.intake.recheck(key).state is State.ACTIVE

    monkeypatch.setattr("gateway.keys.openpgp.FEWEST_BITS", 1 << 20)
    monkeypatch.setattr("gateway.keys.openpgp.FACTORED", frozenset({"18", *FACTORED}))  # its subkey is of Curve25519
    checked = office.intake.recheck(office.book.keys_of([PAT])[0])

    assert checked.state is State.REFUSED
    assert "fewer than" in checked.reason
    assert office.directory.means([PAT]) == {}
    assert office.told[-1] == ("refused", PAT)


def test_a_key_that_somebody_retired_is_not_judged_into_use(office: Any, pat: Correspondent) -> None:
    """Nor one that was refused: what would be used beside the pinned one is for a person to say."""
    key = take(office, pat)
    for state in (State.RETIRED, State.REFUSED, State.PENDING):
        office.book.put(replace(key, state=state, reason="somebody said so"))
        (kept,) = office.book.keys_of([PAT])
        assert office.intake.recheck(kept).state is state


def test_a_key_is_used_from_when_on_something_in_it_can_encrypt(office: Any) -> None:
    """A subkey that a clock ahead of ours made: GnuPG refuses it until then, and mail got 451 as long."""
    soon = datetime.now(UTC) + timedelta(days=3)
    with Correspondent(PAT) as ahead:
        words = ("--faked-system-time", f"{soon:%Y%m%dT%H%M%S}", "--passphrase", "", "--quick-add-key")
        ahead.gpg(*words, ahead.fingerprint, "cv25519", "encr", "1y")
        assert take(office, ahead).why_not(datetime.now(UTC)) == ""
        ahead.gpg("--command-fd", "0", "--edit-key", ahead.fingerprint, stdin=b"key 1\ndelkey\ny\nsave\n")
        key = take(office, ahead)

    assert key.why_not(datetime.now(UTC)) == f"it is valid only from {soon:%Y-%m-%d} on"
    assert office.directory.means([PAT]) == {}


def test_no_key_is_taken_accepted_or_forgotten_without_evidence(
    office: Any, pat: Correspondent, other: Correspondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that came while the audit log was away was used from then on, and never told: it was known by then."""

    def away(*_: object) -> None:
        raise AuditUnavailable("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(office, "tell", away)
        with pytest.raises(AuditUnavailable):
            take(office, pat)
    assert office.book.all_keys() == []

    pinned, waiting = take(office, pat), take(office, other)
    with monkeypatch.context() as patch:
        patch.setattr(office, "tell", away)
        for act, key in ((office.intake.accept, waiting), (office.intake.forget, pinned)):
            with pytest.raises(AuditUnavailable):
                act(key, "admin")
    assert office.directory.openpgp(PAT).fingerprint == pat.fingerprint
    assert office.told == [("added", PAT), ("changed", PAT)]


def test_a_key_that_encrypts_weakly_is_refused(office: Any) -> None:
    """GnuPG takes the newest subkey, and would take this one."""
    with Correspondent(PAT) as weak:
        weak.gpg("--passphrase", "", "--quick-add-key", weak.fingerprint, "rsa1024", "encr", "1y")
        key = take(office, weak)

    assert key.state is State.REFUSED
    assert "1024 bits of RSA or ElGamal, fewer than 2048" in key.reason
