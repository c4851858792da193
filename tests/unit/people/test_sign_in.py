"""Nobody gets in who is not meant to, and nobody guesses."""

import threading
from datetime import timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from gateway.people import (
    AccountRefused,
    Gatehouse,
    NotSignedIn,
    PersonState,
    Role,
    Roster,
    Sessions,
    SignInRefused,
    passwords,
    secondfactor,
)
from tests.makers.enrolled import PASSWORD, Enrolled, Moving


def test_somebody_enrolled_signs_in_with_password_and_code(enrolled: Enrolled, gatehouse: Gatehouse) -> None:
    """And with both alone; the case of the name does not matter."""
    _, code, _ = enrolled

    person = gatehouse.sign_in("ROBIN", PASSWORD, code())

    assert (person.name, person.role, person.state) == ("robin", Role.OFFICER, PersonState.ACTIVE)


def test_a_code_is_good_once(enrolled: Enrolled, gatehouse: Gatehouse, clock: Moving) -> None:
    """Whoever looks over a shoulder cannot use the code that was just typed (RFC 6238 section 5.2)."""
    _, code, _ = enrolled
    gatehouse.sign_in("robin", PASSWORD, code())

    with pytest.raises(SignInRefused) as refused:
        gatehouse.sign_in("robin", PASSWORD, code())

    assert refused.value.cause == "code"
    clock.advance(seconds=30)
    gatehouse.sign_in("robin", PASSWORD, code())


def test_a_recovery_code_stands_in_for_a_code_once(enrolled: Enrolled, gatehouse: Gatehouse) -> None:
    """However it is written."""
    gatehouse.sign_in("robin", PASSWORD, enrolled[2][0].upper().replace("-", " "))

    with pytest.raises(SignInRefused):
        gatehouse.sign_in("robin", PASSWORD, enrolled[2][0])


@pytest.mark.parametrize(
    ("name", "password", "code", "cause"),
    [
        ("nobody", PASSWORD, "000000", "unknown"),
        ("robin", "something else entirely", None, "password"),
        ("robin", PASSWORD, "", "code"),
        ("robin", PASSWORD, "12345", "code"),
        ("robin", PASSWORD, "१२३४५६", "code"),
    ],
)
def test_every_refusal_has_the_same_words(
    enrolled: Enrolled, gatehouse: Gatehouse, name: str, password: str, code: str | None, cause: str
) -> None:
    """Nobody learns which names exist, or which part was right; the cause is for the audit log."""
    with pytest.raises(SignInRefused) as refused:
        gatehouse.sign_in(name, password, enrolled[1]() if code is None else code)

    assert refused.value.cause == cause
    assert str(refused.value) == str(SignInRefused("unknown"))


def test_an_unknown_name_costs_a_hash_too(gatehouse: Gatehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the time of the answer would tell who has an account."""
    seen: list[str] = []
    real = passwords._HASHER.verify

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            seen.append(known)
            return bool(real(known, password))

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    with pytest.raises(SignInRefused):
        gatehouse.sign_in("nobody", PASSWORD, "")

    settings = f"m={passwords.MEMORY_KIB},t={passwords.PASSES},p={passwords.LANES}"
    assert [known.split("$")[1:4] for known in seen] == [["argon2id", "v=19", settings]]


def test_a_name_rests_after_five_failures_and_longer_each_time(
    enrolled: Enrolled, gatehouse: Gatehouse, roster: Roster, clock: Moving
) -> None:
    """Even the right password and code do not help until it has rested; then they do."""
    for _ in range(5):
        with pytest.raises(SignInRefused):
            gatehouse.sign_in("robin", "wrong", enrolled[1]())
    with pytest.raises(SignInRefused) as refused:
        gatehouse.sign_in("robin", PASSWORD, enrolled[1]())
    assert refused.value.cause == "resting"

    clock.advance(seconds=31)
    with pytest.raises(SignInRefused):
        gatehouse.sign_in("robin", "wrong", enrolled[1]())
    rests = roster.get("robin").rests_until
    assert rests is not None
    assert rests - clock() == timedelta(seconds=60)
    clock.advance(seconds=61)
    gatehouse.sign_in("robin", PASSWORD, enrolled[1]())
    assert roster.get("robin").failures == 0


def test_a_stranger_who_knows_a_name_keeps_its_owner_not_out(enrolled: Enrolled, gatehouse: Gatehouse) -> None:
    """The browser in which they signed in before, and what they have open, do not rest with the name."""
    person, code, recovery = enrolled
    mark = gatehouse.mark_of(gatehouse.sign_in("robin", PASSWORD, code()))
    for _ in range(7):
        with pytest.raises(SignInRefused):
            gatehouse.sign_in("robin", "wrong", "")

    gatehouse.sign_in("robin", PASSWORD, recovery[0], marks=["", "x", "9.x.y", mark])
    gatehouse.confirm(person, recovery[1], within="session")
    for marks in ((), (mark[:-1] + "z",)):  # and whoever let it rest goes on waiting
        with pytest.raises(SignInRefused) as refused:
            gatehouse.sign_in("robin", PASSWORD, recovery[2], marks=marks)
        assert refused.value.cause == "resting"


def test_a_known_browser_guesses_no_more_than_another(
    enrolled: Enrolled, gatehouse: Gatehouse, roster: Roster, clock: Moving
) -> None:
    """Its failures are its own, and after some it is a stranger's; so it is with another account, or after a change."""
    person = enrolled[0]
    mark = gatehouse.mark_of(person)
    assert gatehouse.knows("Robin", [mark])
    for _ in range(5):
        with pytest.raises(SignInRefused):
            gatehouse.sign_in("robin", "wrong", "", marks=[mark])
    assert roster.get("robin").failures == 0
    assert not gatehouse.knows("robin", [mark])
    for _ in range(5):
        with pytest.raises(SignInRefused):
            gatehouse.sign_in("robin", "wrong", "", marks=[mark])
    assert roster.get("robin").failures == 5

    clock.advance(minutes=16)
    assert gatehouse.knows("robin", [mark])
    roster.add("kim", Role.REVIEWER, address="kim@clinic.example")
    assert not gatehouse.knows("kim", [mark])
    clock.advance(days=90)
    assert not gatehouse.knows("robin", [mark])
    anew = gatehouse.mark_of(person)
    gatehouse.change_password(person, PASSWORD, "a lantern by the weir")
    assert not gatehouse.knows("robin", [anew])


def test_a_code_is_not_guessed_in_an_open_session(enrolled: Enrolled, gatehouse: Gatehouse, clock: Moving) -> None:
    """Failures count in the session alone: others of the same person go on."""
    person, _, recovery = enrolled
    for _ in range(5):
        with pytest.raises(SignInRefused):
            gatehouse.confirm(person, "000000", within="one")
    with pytest.raises(SignInRefused) as refused:
        gatehouse.confirm(person, recovery[0], within="one")
    assert refused.value.cause == "resting"

    gatehouse.confirm(person, recovery[0], within="another")
    clock.advance(minutes=16)
    gatehouse.confirm(person, recovery[1], within="one")


def test_the_old_password_is_not_guessed_in_an_open_session(
    enrolled: Enrolled, gatehouse: Gatehouse, clock: Moving
) -> None:
    """Failures let the name rest there too: then even the right one changes nothing; later it does."""
    person = enrolled[0]
    for _ in range(5):
        with pytest.raises(SignInRefused):
            gatehouse.change_password(person, "wrong", "a lantern by the weir")
    with pytest.raises(SignInRefused) as refused:
        gatehouse.change_password(person, PASSWORD, "a lantern by the weir")
    assert refused.value.cause == "resting"

    clock.advance(seconds=31)
    gatehouse.change_password(person, PASSWORD, "a lantern by the weir")
    gatehouse.sign_in("robin", "a lantern by the weir", enrolled[1]())


def test_who_saw_the_secret_before_has_no_second_factor(
    roster: Roster, gatehouse: Gatehouse, sessions: Sessions, clock: Moving
) -> None:
    """Whoever had the first password in their hands may have looked: the next one who comes in with it gets another
    secret, and what was open is closed. In one session the page may be loaded anew."""
    _, first = roster.add("lee", Role.REVIEWER, address="lee@clinic.example")
    looked = gatehouse.sign_in("lee", first, "")
    seen, window = gatehouse.begin_enrolment(looked), sessions.open(looked, "192.0.2.9", "")

    lee = gatehouse.sign_in("lee", first, "")

    with pytest.raises(NotSignedIn):
        sessions.find(window)
    secret = gatehouse.begin_enrolment(lee)
    assert secret != seen
    assert gatehouse.begin_enrolment(lee) == secret
    with pytest.raises(AccountRefused):
        gatehouse.enrol(lee, PASSWORD, TOTP(seen, 6, SHA1(), 30).generate(int(clock().timestamp())).decode())
    gatehouse.enrol(lee, PASSWORD, TOTP(secret, 6, SHA1(), 30).generate(int(clock().timestamp())).decode())


def test_a_first_password_ends(roster: Roster, gatehouse: Gatehouse, clock: Moving) -> None:
    """What was written on paper is no door for ever."""
    _, first = roster.add("lee", Role.REVIEWER, address="lee@clinic.example")
    clock.advance(hours=73)

    with pytest.raises(SignInRefused) as refused:
        gatehouse.sign_in("lee", first, "")

    assert refused.value.cause == "expired"


@pytest.mark.parametrize("chosen", ["short", "passwordpassword1", "aaaaaaaaaaaaaaaa", "robin1robin2robin", "x" * 300])
def test_a_password_that_would_be_guessed_is_refused(
    roster: Roster, gatehouse: Gatehouse, clock: Moving, chosen: str
) -> None:
    """Short, of one sign, of the own name, of usual words, endless."""
    person, _ = roster.add("robin", Role.ADMIN)
    secret = gatehouse.begin_enrolment(person)
    code = TOTP(secret, 6, SHA1(), 30).generate(int(clock().timestamp())).decode()

    with pytest.raises(AccountRefused):
        gatehouse.enrol(person, chosen, code)


def test_a_qr_code_says_what_an_app_needs() -> None:
    """Issuer, name and secret, as an address of the otpauth scheme; drawn as one SVG element."""
    address = secondfactor.address_of(b"12345678901234567890", "robin", "Gatepost")

    assert address == ("otpauth://totp/Gatepost:robin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Gatepost")
    assert secondfactor.qr_code(address).startswith("<svg ")


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238 appendix B, SHA-1: 94287082 at 59 seconds, of which apps show the last six digits."""
    assert secondfactor.step_of(b"12345678901234567890", "287082", 59, 0) == 1
    assert secondfactor.step_of(b"12345678901234567890", "287082", 59, 1) is None


def test_few_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MB: strangers who come together must not take all memory."""
    under_way, most, lock = 0, 0, threading.Lock()

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - as the library names it
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            try:
                return super().verify(hash, password)
            finally:
                with lock:
                    under_way -= 1

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    threads = [threading.Thread(target=passwords.is_right, args=("wrong", None)) for _ in range(3 * passwords.AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= most <= passwords.AT_ONCE
