"""What somebody writes by accident where a frame, a job or a matter of work stands around it, by the shipped rules."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from gateway.core.envelope import Transaction
from gateway.pipeline import Inspection
from tests.detection.inspecting import acts, looked_at, sent_outside

SIGNED = "Mara Lindqvist, RN\nHarbor Clinic"
AGENDA = "Agenda for the meeting: budget, vendor contract, invoices."


def mail(body: str, subject: str = "Hello", to: str = "Someone Else <someone@outside.example>") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Mara Lindqvist <mara@clinic.example>", to, subject
    message.set_content(f"{body}\n")
    return message.as_bytes()


CARELESS = {
    "a postscript right below a signature": mail(f"See you.\n\n{SIGNED}\nPS Joe Oduya's biopsy: malignant melanoma"),
    "a postscript below a closing": mail(
        "See you.\n\nBest regards,\nMara Lindqvist\n\nP.S. Joe Oduya's biopsy showed melanoma"
    ),
    "a line below a signature": mail(f"Thanks\n\n{SIGNED}\nJoe Oduya needs insulin refill"),
    "a heading that begins like a closing": mail("Patient list\nWith diabetes\nJoe Oduya\nWith asthma\nAnn Baker"),
    "a line in an agenda": mail(f"{AGENDA}\nAlso Joe Oduya: HIV positive.\n\n{SIGNED}"),
    "a sentence in a newsletter": mail("Monthly newsletter. Joe Oduya, 54, was diagnosed with breast cancer here."),
    "a doctor who is ill": mail("Dr. Joe Oduya was diagnosed with breast cancer and starts chemo Tuesday."),
    "it is said to be a test": mail("This is test data: patient Joe Oduya, DOB 03/14/1961, MRN 00482913, has HIV."),
    "the subject alone": mail("See above.", subject="Joe Oduya - HIV positive"),
    "the name of an addressee": mail(
        "ok", to='"Patient Joe Oduya DOB 3/14/1961, HIV positive" <someone@outside.example>'
    ),
    "somebody who reads it": mail("Joe Oduya was diagnosed with HIV.", to="Joe Oduya <joe@outside.example>"),
    "somebody who writes it": mail(f"Mara Lindqvist was diagnosed with breast cancer and starts chemo.\n\n{SIGNED}"),
    "what is quoted": mail(
        f"Will do.\n\n{SIGNED}\n\nOn Mon, Mar 3, 2025 at 9:12 AM Ivo Brandt <ivo@outside.example> wrote:\n"
        "> Joe Oduya was diagnosed with breast cancer and starts chemo on Tuesday."
    ),
}
HARMLESS = {
    "a signature": mail(f"The gloves are short.\n\nThanks,\n{SIGNED}\nDiabetes Program\n555-0112"),
    "a doctor at work": mail("Dr. Joe Oduya is on call for oncology and presents on breast cancer on Tuesday."),
}


Look = Callable[[Transaction], Inspection]


@pytest.fixture(scope="module")
def look() -> Look:
    return looked_at()


@pytest.mark.parametrize("octets", CARELESS.values(), ids=CARELESS.keys())
def test_a_patient_in_it_is_protected(look: Look, octets: bytes) -> None:
    """What stands around says nothing of the patient."""
    assert acts(look(sent_outside(octets)).verdict)


@pytest.mark.parametrize("octets", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_tells_of_work_alone_is_not(look: Look, octets: bytes) -> None:
    assert not acts(look(sent_outside(octets)).verdict)
