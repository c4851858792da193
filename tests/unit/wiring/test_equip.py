"""gateway.wiring.equip"""

from gateway.config.schema import Config
from gateway.wiring.equip import pace_of, pace_of_commands


def test_no_message_of_a_command_steps_aside() -> None:
    """Each that did would cost another worker, and the answers come in order anyway."""
    served, commanded = pace_of(Config()), pace_of_commands(Config())

    assert (served.kept > 0, served.aside > 0) == (True, True)
    assert (commanded.kept, commanded.aside) == (0, 0)
    assert (commanded.count, commanded.deadline) == (served.count, served.deadline)
