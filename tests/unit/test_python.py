"""What Debian 12's Python, 3.11.2, does otherwise than those that came later, and the product has to do without."""

import re
from pathlib import Path

GATEWAY = Path(__file__).parents[2] / "gateway"
# A group with a possessive quantifier: before 3.11.5 it misses what it should match (CPython's issue 106052). An
# atomic group around the group with a greedy one says the same.
POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)[*+?]\+(?! )")


def test_no_expression_makes_a_group_possessive() -> None:
    """Patterns that decide what is seen mean the same under each Python."""
    places = [
        f"{path.relative_to(GATEWAY)}:{number}"
        for path in sorted(GATEWAY.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if POSSESSIVE_GROUP.search(line) and "_BINHEX_ALPHABET" not in line
    ]

    assert places == []
