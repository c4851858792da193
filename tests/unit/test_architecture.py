"""docs/architecture.md names every room, and its calls are where it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_room_has_its_line() -> None:
    """Rooms and modules of gateway/, each once, and nothing that is not there."""
    named = [name for name in re.findall(r"`(\w+)`", section("The rooms")) if name != "gateway"]
    there = {
        path.stem for path in (ROOT / "gateway").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }

    assert sorted(named) == sorted(there - {"__init__"})


def test_every_call_is_where_the_page_says() -> None:
    """By the name in its first column, in the file beside it."""
    calls = re.findall(r"\| `([\w.]+)` in \[`[^`]+`\]\(\.\./([^)]+)\)", section("One message, from call to call"))
    missing = [
        (name, file)
        for name, file in calls
        if not re.search(
            rf"^ *(?:class|def) {name.rpartition('.')[2]}\b", (ROOT / file).read_text("utf-8"), re.MULTILINE
        )
    ]

    assert len(calls) >= 10
    assert missing == []
