"""Texts about a patient beside a paragraph about something else, as mail has them, through the shipped rules."""

import json
from collections.abc import Callable
from email.message import EmailMessage
from html import escape
from pathlib import Path

import pytest

from tests.detection.inspecting import acts, looked_at, sent_outside

TEXTS = Path(__file__).parents[1] / "detection-eighth" / "texts.jsonl"
OTHER = (
    "Also, please remind everyone that the parking lot will be repaved on Thursday and the meeting moves to room 4. "
    "Budget slides by noon."
)
NOTICE = (
    "CONFIDENTIALITY NOTICE: This e-mail and any documents attached to it may contain confidential information that is "
    "legally privileged, and protected health information under federal law. If you are not the intended recipient, "
    "you are hereby notified that any disclosure, copying or use of it is strictly prohibited. If you have it in "
    "error, call us at (217) 555-0143 and destroy it with all its attachments."
)
OFFICE = "\n\n".join(
    [
        (
            "The landlord will replace the carpet in suite 210 next week, so please move boxes out of the hall by"
            " Friday evening."
        ),
        "Potluck sign-up is on the break room door. We still need plates, ice and somebody who brings a salad.",
        "The new copier needs a code; ask the front desk. Old codes end on Monday.",
        (
            "The holiday calendar is attached, and the bowling team plays on the 12th at seven. Come and cheer "
            "for us, parking is free behind the church."
        ),
    ]
)
LEAST = 190  # of 200 are acted on; 141 were when a note was weighed as a whole alone
LONGER = 190  # 176 were when names were judged as in a note in short texts alone
ON_A_PAGE = 185  # 133 were when lines of HTML were no paragraphs
NOTICED = 198  # as many as without a notice; 178 were when it was weighed together with the note


def plain(words: str) -> bytes:
    """A mail of it to somebody outside."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "mara@clinic.example", "someone@outside.example", "Hello"
    mail.set_content(f"{words}\n")
    return mail.as_bytes()


def page(words: str) -> bytes:
    """The same in HTML."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "mara@clinic.example", "someone@outside.example", "Hello"
    paragraphs = (escape(paragraph).replace("\n", "<br>") for paragraph in words.split("\n\n"))
    mail.set_content("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs), subtype="html")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("form", "below", "least"),
    [(plain, OTHER, LEAST), (plain, OFFICE, LONGER), (plain, NOTICE, NOTICED), (page, OFFICE, ON_A_PAGE)],
)
def test_a_paragraph_about_something_else_hides_few_patients(
    form: Callable[[str], bytes], below: str, least: int
) -> None:
    """It takes care content and names by company with it where a note is weighed by all of its words."""
    look = looked_at()
    texts = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    protected = [text["text"] for text in texts if text["areas"]]

    acted = sum(acts(look(sent_outside(form(f"{text}\n\n{below}"))).verdict) for text in protected)

    assert len(protected) == 200
    assert acted >= least
