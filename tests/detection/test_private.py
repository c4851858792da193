"""Private mail speaks of he, she and their mothers all the time: that alone is nobody's care."""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.detection.inspecting import acts, looked_at, sent_outside

FOLDER = Path(__file__).parents[1] / "detection-ordinary"
MOST = 2  # of the clear ones are acted on; 14 were when this was written


def letters(name: str) -> list[str]:
    blocks = re.split(r"(?m)^## .*\n", (FOLDER / name).read_text("utf-8"))[1:]
    assert blocks
    return blocks


@pytest.mark.parametrize(("name", "least", "most"), [("private-clear.txt", 0, MOST), ("private-protected.txt", 4, 4)])
def test_private_mail_is_acted_on_where_it_tells_of_care_alone(name: str, least: int, most: int) -> None:
    """The twins have the same people and pronouns, and somebody's care."""
    look = looked_at()
    acted = 0
    for words in letters(name):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "mara@clinic.example", "someone@outside.example", "Hello"
        mail.set_content(words)
        acted += bool(acts(look(sent_outside(mail.as_bytes())).verdict))

    assert least <= acted <= most
