"""Security keys: an answer is good for its person, its site, its question, and once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from gateway.people import AccountRefused, Gatehouse, KeyAnswer, Person, Role, Roster, SecurityKeys, SignInRefused, Site
from gateway.people.challenges import Challenges
from tests.makers.enrolled import PASSWORD, Enrolled, Moving
from tests.makers.softkey import PRESENT, VERIFIED, SoftKey

SITE = Site("localhost", "https://localhost")
ASKED = b"c" * 32


def answered(key: SoftKey, challenge: bytes = ASKED) -> KeyAnswer:
    return KeyAnswer(SITE, ASKED, key.asked(challenge))


@pytest.fixture
def owner(enrolled: Enrolled, keys: SecurityKeys) -> tuple[Person, SoftKey]:
    """Somebody enrolled, with a key."""
    person, _, _ = enrolled
    key = SoftKey()
    keys.add(person, "blue key", KeyAnswer(SITE, ASKED, key.made(ASKED)))
    return person, key


def test_a_key_takes_the_place_of_a_code(owner: tuple[Person, SoftKey], gatehouse: Gatehouse) -> None:
    """Beside the password, again and again; codes go on working."""
    person, key = owner
    for _ in range(2):
        assert gatehouse.sign_in("robin", PASSWORD, "", answered(key)).id == person.id
    gatehouse.confirm(person, "", answered(key))


def test_a_key_is_no_password(owner: tuple[Person, SoftKey], gatehouse: Gatehouse) -> None:
    """Whoever finds it still needs what its owner knows."""
    with pytest.raises(SignInRefused) as refused:
        gatehouse.sign_in("robin", "some other password", "", answered(owner[1]))
    assert refused.value.cause == "password"


Lie = Callable[[SoftKey], KeyAnswer]
LIES: dict[str, Lie] = {
    "another question": lambda key: answered(key, b"d" * 32),
    "another site": lambda key: answered(replace(key, site="evil.example")),
    "another page": lambda key: answered(replace(key, origin="https://localhost.evil.example")),
    "a plain page": lambda key: answered(replace(key, origin="http://localhost")),
    "nobody there": lambda key: answered(replace(key, flags=VERIFIED)),
    "no finger and no PIN": lambda key: answered(replace(key, flags=PRESENT)),
    "a copy that lags behind": lambda key: answered(replace(key, count=0)),
    "another key of that name": lambda key: answered(replace(SoftKey(), credential=key.credential)),
    "a key that nobody has": lambda _: answered(SoftKey()),
    "the making of a key": lambda key: KeyAnswer(SITE, ASKED, key.made(ASKED)),
    "the key at another of our sites": lambda key: KeyAnswer(
        Site("console.example", SITE.origin), ASKED, key.asked(ASKED)
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_key_that_lies_opens_nothing(owner: tuple[Person, SoftKey], gatehouse: Gatehouse, lie: Lie) -> None:
    """The same words as for a wrong code; and it counts as a failure of the name."""
    person, key = owner
    key.asked(ASKED)
    gatehouse.sign_in("robin", PASSWORD, "", answered(key))

    with pytest.raises(SignInRefused) as refused:
        gatehouse.sign_in("robin", PASSWORD, "", lie(key))
    assert (refused.value.cause, refused.value.name) == ("key", "robin")
    with pytest.raises(SignInRefused):
        gatehouse.confirm(person, "", lie(key))


GARBAGE: list[Any] = [
    "",
    "{}",
    "[]",
    "null",
    "x" * 20_000,
    '{"rawId": 1}',
    '{"rawId": "AA"}',
    "[" * 5_000,
    '{"rawId": "é"}',
]


@pytest.mark.parametrize("said", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_answer_is_refused(enrolled: Enrolled, gatehouse: Gatehouse, keys: SecurityKeys, said: str) -> None:
    """Whatever somebody puts into the form, no failure of ours comes of it."""
    person, _, _ = enrolled
    with pytest.raises(SignInRefused):
        gatehouse.sign_in("robin", PASSWORD, "", KeyAnswer(SITE, ASKED, said))
    with pytest.raises(AccountRefused):
        keys.add(person, "x", KeyAnswer(SITE, ASKED, said))


def test_an_answer_with_pieces_cut_out_is_refused(
    owner: tuple[Person, SoftKey], gatehouse: Gatehouse, clock: Moving
) -> None:
    """Of what was signed and the signature: never a bug, never an open door."""
    said = json.loads(owner[1].asked(ASKED))
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        whole = said["response"][name]
        for at in range(0, len(whole) - 4, 9):
            cut = {**said, "response": {**said["response"], name: whole[:at] + whole[at + 3 :]}}
            with pytest.raises(SignInRefused):
                gatehouse.confirm(owner[0], "", KeyAnswer(SITE, ASKED, json.dumps(cut)))
            clock.advance(hours=1)  # the name rests after some


def test_a_key_of_one_person_is_none_of_another(
    owner: tuple[Person, SoftKey], roster: Roster, gatehouse: Gatehouse, keys: SecurityKeys, clock: Moving
) -> None:
    """Neither to sign in with, nor to register a second time, nor to remove."""
    other, _ = roster.add("sam", Role.REVIEWER, address="sam@clinic.example")
    secret = gatehouse.begin_enrolment(other)
    gatehouse.enrol(other, PASSWORD, TOTP(secret, 6, SHA1(), 30).generate(int(clock().timestamp())).decode())

    with pytest.raises(SignInRefused):
        gatehouse.sign_in("sam", PASSWORD, "", answered(owner[1]))
    with pytest.raises(AccountRefused, match="registered already"):
        keys.add(other, "mine now", KeyAnswer(SITE, ASKED, owner[1].made(ASKED)))
    with pytest.raises(AccountRefused, match="no such key"):
        keys.remove(other, keys.of(owner[0])[0].id)
    assert len(keys.of(owner[0])) == 1


def test_keys_have_names_and_can_be_removed(
    owner: tuple[Person, SoftKey], gatehouse: Gatehouse, keys: SecurityKeys
) -> None:
    """Several; one that is removed opens nothing, the other does."""
    person, blue = owner
    red = SoftKey()
    keys.add(person, "red key", KeyAnswer(SITE, ASKED, red.made(ASKED)))
    assert {key.name for key in keys.of(person)} == {"blue key", "red key"}

    keys.remove(person, next(key.id for key in keys.of(person) if key.name == "blue key"))

    gatehouse.confirm(person, "", answered(red))
    with pytest.raises(SignInRefused):
        gatehouse.confirm(person, "", answered(blue))
    for name in ("", " ", "x" * 65, "a\nb", "<b>"):
        with pytest.raises(AccountRefused):
            keys.add(person, name, KeyAnswer(SITE, ASKED, SoftKey().made(ASKED)))


def test_a_reset_forgets_the_keys(owner: tuple[Person, SoftKey], roster: Roster, keys: SecurityKeys) -> None:
    """As on the first day."""
    person, _ = roster.reset("robin")

    assert keys.of(person) == ()


def test_a_question_is_good_for_one_browser_one_purpose_and_once() -> None:
    """And for five minutes; nothing is kept for those who only ask."""
    now = [1_000.0]
    challenges = Challenges(b"k" * 32, lambda: now[0])
    question = challenges.new("sign-in", "cookie")

    assert not challenges.spend(question, "confirm", "cookie")
    assert not challenges.spend(question, "sign-in", "another cookie")
    assert not challenges.spend(question, "sign-in", "")
    assert not challenges.spend(question[:-1] + b"x", "sign-in", "cookie")
    assert not challenges.spend(b"", "sign-in", "cookie")
    assert challenges.spend(question, "sign-in", "cookie")
    assert not challenges.spend(question, "sign-in", "cookie")
    late = challenges.new("sign-in", "cookie")
    now[0] += timedelta(minutes=6).total_seconds()
    assert not challenges.spend(late, "sign-in", "cookie")
