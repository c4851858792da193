"""Killed at any line between the end of a message and its reply: the client comes again, each has exactly one copy.

`make kills` goes through 300 of these lines; here is a handful, the last ones among them, where Postfix has all copies.
"""

from collections.abc import Callable
from pathlib import Path

from tests.makers.fanout import Kills, crew


def test_killed_anywhere_each_recipient_has_exactly_one_copy(
    tmp_path: Path, wire_rules: Callable[[Path], Path]
) -> None:
    """S/MIME, PGP, TLS and held: no copy is lost, none comes twice, wherever the gateway dies."""
    with crew(tmp_path, wire_rules(tmp_path / "rules")) as everybody:
        kills = Kills(everybody, tmp_path / "point")
        lines = kills.prepare()
        points = [lines // 2, lines * 3 // 4, lines - 12]

        assert [problem for point in points if (problem := kills.at(point))] == []
