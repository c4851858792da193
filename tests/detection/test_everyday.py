"""Mail of work and of private life is full of people, numbers and everyday words: that alone is nobody's care."""

import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.detection.inspecting import acts, looked_at, sent_outside

FOLDER = Path(__file__).parents[1] / "detection-ordinary"
MOST = 2  # of 16 clear ones are acted on; 14 were when this was written
MOST_OF_EVERYDAY = 16  # of 181; 47 were when these were written
LEAST_OF_EVERYDAY = 41  # of 44 in which somebody's care is told of in half a sentence; 33 were then
MOST_IN_PASSING = 5  # of 240 by four more authors; 7 were when these were written
LEAST_IN_PASSING = 95  # of 114; 61 were then
MOST_TELLING, LEAST_TELLING = 17, 414  # of 611 and of 595 by 21 more authors; 17 and 332 were when these were written
MOST_OF_STRANGERS, LEAST_OF_STRANGERS = 10, 145  # of 280 and 200 by two of whom nothing was trained on; 9 and 107 then


def letters(name: str) -> list[tuple[str, str]]:
    """Subjects and texts: what one author (`b-…`) wrote begins with a line for the subject."""
    blocks = re.findall(r"(?m)^## (\S+).*\n((?:(?!## ).*\n?)*)", (FOLDER / name).read_text("utf-8"))
    assert blocks
    return [tuple(text.split("\n\n", 1)) if ident.startswith("b-") else ("Hello", text) for ident, text in blocks]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("private-clear.txt", 0, MOST),
        ("private-protected.txt", 4, 4),
        ("everyday-clear.txt", 0, MOST_OF_EVERYDAY),
        ("everyday-protected.txt", LEAST_OF_EVERYDAY, 44),
        ("passing-clear.txt", 0, MOST_IN_PASSING),
        ("passing-protected.txt", LEAST_IN_PASSING, 114),
        ("telling-clear.txt", 0, MOST_TELLING),
        ("telling-protected.txt", LEAST_TELLING, 595),
        ("strangers-clear.txt", 0, MOST_OF_STRANGERS),
        ("strangers-protected.txt", LEAST_OF_STRANGERS, 200),
    ],
)
def test_mail_is_acted_on_where_it_tells_of_care_alone(name: str, least: int, most: int) -> None:
    """The same voices, with somebody's care in it and without."""
    look = looked_at()
    acted = 0
    for subject, words in letters(name):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "mara@clinic.example", "someone@outside.example", subject.strip()
        mail.set_content(words)
        acted += bool(acts(look(sent_outside(mail.as_bytes())).verdict))

    assert least <= acted <= most
