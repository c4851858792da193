"""Whose word counts: two people where two have to agree, and nobody about the own mail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.people import Role, Roster
from gateway.quarantine import State
from tests.web.conftest import Enter, Person
from tests.web.house import LETTER, House, kinds

TO = "pat@home.example"


def test_the_second_person_may_not_be_the_first(console: House, enter: Enter) -> None:
    """One person agreeing twice is one person."""
    item = console.hold(LETTER, reviewers=2)
    before = len(console.sink.deliveries)
    for _ in range(2):
        enter("rolf").post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
        page = enter("rolf").get(f"/items/{item}").text
        assert "1 of 2 agree" in page
        assert "Yours is noted: somebody else has to release it now." in page
    assert len(console.sink.deliveries) == before
    assert kinds(console, item)[:2] == ["release-requested", "release-agreed"]
    assert "release-failed" not in kinds(console, item)
    timeline = enter("aron").get(f"/audit/incidents/{console.stored.quarantine.get(item).incident}").text
    assert "Agreed to the release; somebody else has to agree as well" in timeline

    enter("rita").post(f"/items/{item}/release", to=[TO], reason="checked too", how="plain")

    assert len(console.sink.wait_for(before + 1)) == before + 1


def test_the_word_of_somebody_who_was_put_out_does_not_count(
    console: House, enter: Enter, stranger: Callable[[str], Person]
) -> None:
    """Who agreed and was disabled since is not the first of two."""
    item = console.hold(LETTER, reviewers=2)
    before = len(console.sink.deliveries)
    console.enrol("vera", Role.REVIEWER)
    vera = stranger("vera")
    vera.sign_in()
    vera.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
    Roster(console.stored.engine).disable("vera")

    enter("rita").post(f"/items/{item}/release", to=[TO], reason="checked too", how="plain")
    assert len(console.sink.deliveries) == before

    enter("rolf").post(f"/items/{item}/release", to=[TO], reason="checked as well", how="plain")
    assert len(console.sink.wait_for(before + 1)) == before + 1


def test_by_command_the_same_words_count(
    console: House, enter: Enter, stranger: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of somebody who was put out, whoever comes second; one person is one there and here."""
    item = console.hold(LETTER, reviewers=2)
    before = len(console.sink.deliveries)
    config = str(console.folder / "gatepost.yaml")

    def release(who: str) -> Result:
        monkeypatch.setenv("SUDO_USER", who)
        return CliRunner().invoke(app, ["quarantine", "release", item, "--reason", "known", "--config", config])

    console.enrol("wilma", Role.REVIEWER)
    wilma = stranger("wilma")
    wilma.sign_in()
    wilma.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
    Roster(console.stored.engine).disable("wilma")

    own = release("wilma")
    assert own.exit_code == Exit.REFUSED
    assert "the account wilma may not decide about messages" in own.stderr
    assert "your agreement is noted" in release("pat").stderr  # the first of two, not the second
    assert len(console.sink.deliveries) == before
    assert release("Rolf").exit_code == Exit.OK
    assert console.stored.quarantine.get(item).agreed == ("pat", "rolf", "wilma")
    assert len(console.sink.wait_for(before + 1)) == before + 1


def test_an_account_made_for_the_occasion_is_no_second_person(
    console: House, enter: Enter, stranger: Callable[[str], Person]
) -> None:
    """Who manages accounts could be two people otherwise: by a new one, a reset one, or one with a new role."""
    item = console.hold(LETTER, reviewers=2, created=datetime.now(UTC) - timedelta(hours=2))
    before = len(console.sink.deliveries)
    enter("rolf").post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
    console.enrol("newt", Role.REVIEWER, new=True)
    console.enrol("herb", Role.HELPDESK)
    Roster(console.stored.engine).set_role("herb", Role.REVIEWER)
    for name in ("newt", "herb"):
        person = stranger(name)
        person.sign_in()
        answer = person.post(f"/items/{item}/release", to=[TO], reason="checked", how="plain")
        assert answer.status_code == 409
        assert "your word counts 24 hours after that" in answer.text

    assert len(console.sink.deliveries) == before
    assert console.stored.quarantine.get(item).agreed == ("rolf",)
    later = console.hold(LETTER, reviewers=2, created=datetime.now(UTC) + timedelta(seconds=1))
    person.post(f"/items/{later}/release", to=[TO], reason="checked", how="plain")
    assert console.stored.quarantine.get(later).agreed == ("herb",)


def test_nobody_releases_the_own_mail(console: House, enter: Enter) -> None:
    """By the page, by a form of one's own making, or with others in one go."""
    rolf, item = enter("rolf"), console.hold(LETTER, mail_from="Rolf@clinic.example")
    before = len(console.sink.deliveries)

    assert "Release as it is" not in rolf.get(f"/items/{item}").text
    assert rolf.post(f"/items/{item}/release", to=[TO], reason="mine", how="plain").status_code == 409
    rolf.post("/items", item=[item], act="release", reason="mine")

    assert "somebody else decides" in rolf.get("/items").text
    assert len(console.sink.deliveries) == before


def test_nobody_destroys_the_own_mail(console: House, enter: Enter) -> None:
    """What somebody sent that should not have gone out is evidence: another one decides about it."""
    rolf, item = enter("rolf"), console.hold(LETTER, mail_from="rolf@clinic.example")
    before = len(console.sink.deliveries)

    assert "Destroy it" not in rolf.get(f"/items/{item}").text
    assert rolf.post(f"/items/{item}/discard", reason="tidy up").status_code == 409
    assert rolf.post(f"/items/{item}/return", note="please use the portal").status_code == 409
    rolf.post("/items", item=[item], act="discard", reason="tidy up")

    assert console.stored.quarantine.get(item).state is State.HELD
    assert len(console.sink.deliveries) == before


@pytest.mark.parametrize("sender", ["mia@xn--bcher-kva.example", "Mia@Bücher.example"])
def test_own_mail_is_known_in_both_forms_of_a_domain(
    sender: str, console: House, stranger: Callable[[str], Person]
) -> None:
    """An account has the one, and a mail program chooses."""
    if "mia" not in console.telephones:
        console.enrol("mia", Role.REVIEWER, "mia@bücher.example")
    mia, item = stranger("mia"), console.hold(LETTER, mail_from=sender)
    assert mia.sign_in().status_code == 303

    assert mia.post(f"/items/{item}/discard", reason="tidy up").status_code == 409
    assert console.stored.quarantine.get(item).state is State.HELD


def test_nobody_lifts_the_hold_of_the_own_mail(console: House, enter: Enter) -> None:
    """It would be gone with the next purge; to put one on it is no harm."""
    olga, item = enter("olga"), console.hold(LETTER, mail_from="olga@clinic.example")

    assert olga.post(f"/items/{item}/hold", on="1", reason="case 4711").status_code == 303
    assert olga.post(f"/items/{item}/hold", on="0", reason="closed").status_code == 409
    assert console.stored.quarantine.get(item).legal_hold
