"""gateway.people.turns"""

import pytest
import sqlalchemy as sa

from gateway.people import TurnRefused, Turns
from tests.unit.people.conftest import Clock


def test_one_for_each_person_and_few_of_all(engine: sa.Engine, clock: Clock) -> None:
    """Over all who use the database; given back they are free again."""
    here, there = Turns(engine, 2, clock), Turns(engine, 2, clock)
    rita = here.take("rita")
    rolf = there.take("rolf")

    with pytest.raises(TurnRefused, match="you have one"):
        there.take("rita")
    with pytest.raises(TurnRefused, match="others have some"):
        here.take("olga")
    assert not here.is_taken("olga")
    there.give_back(rolf)
    here.take("olga")
    here.give_back(rita)
    assert not there.is_taken("rita")


def test_a_process_that_died_holds_nobody_up_for_long(engine: sa.Engine, clock: Clock) -> None:
    """Its lease runs out; should it live after all, it ends, and takes nothing from who came after."""
    turns = Turns(engine, 2, clock)
    lost = turns.take("rita")
    clock.advance(minutes=4)
    assert turns.goes_on(lost)
    clock.advance(minutes=4)
    assert turns.is_taken("rita")
    clock.advance(minutes=2)
    assert not turns.is_taken("rita")

    again = turns.take("rita")

    assert not turns.goes_on(lost)
    turns.give_back(lost)
    assert turns.is_taken("rita")
    assert turns.goes_on(again)


def test_stopping_is_heard_of_in_another_process(engine: sa.Engine, clock: Clock) -> None:
    """Within moments: the database is not asked after each message."""
    here, there = Turns(engine, 2, clock), Turns(engine, 2, clock)
    turn = here.take("rita")
    there.stop("rita")

    assert here.goes_on(turn)
    clock.advance(seconds=3)
    assert not here.goes_on(turn)
