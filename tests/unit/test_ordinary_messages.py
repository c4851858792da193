"""Ordinary mail of today's clinics and insurers, as it comes over the wire: delivered, unless it tells of a patient."""

from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.verdict import Disposition
from gateway.detect import Engine
from gateway.pipeline import inspect
from gateway.policy import Policy

NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
LINK = "https://clinic.list.example/track/click?u=04141384474efd55d564a4851&id=d9e503475d&e=035d9c94a9"
NURSE = "\n\nAda Finch, RN\nPractice Manager, Example Clinic\nOffice: (217) 555-0143"

ORDINARY = {
    "newsletter with counted links": f"Living with type 2 diabetes: insulin and healthy plates.\n{LINK}\n",
    "log of a relay": "\n".join(
        f"Nov 26 03:19:{second} gw postfix/smtpd[20{second}]: A1C5C4B06{second}: client=host11{second}.clinic.example"
        for second in range(10, 20)
    ),
    "list of pumps": "\n".join(
        f"Asset: CE-004{n}\nModel: Plum 360 infusion pump\nSerial number: 278558{n}\nLocation: ICU\n"
        for n in range(10, 20)
    ),
    "enrolment of a payer": f"We enrolled for 835 remittance with payer ID 60054, submitter ID EX4418.{NURSE}",
    "policy of a physician": f"For recredentialing: malpractice policy PL-884120 (limits 1M/3M).{NURSE}",
    "case at a court": f"I have jury duty next week, county case 2026-CH-00418.{NURSE}",
    "minutes of a committee": "Present: L. Vogt, M. Hale, G. Lim, H. Weiss.\n\n1. Influenza vaccination rate is 81%.\n",
    "answer from a telephone": "Great\n\n> On Nov 26, 2026, at 9:14 AM, Bo Lund <bo@outside.example> wrote:\n> \n"
    "> New sign is up\n\nSent from my iPhone",
    "folder that is shared": "Diabetes education: https://drive.example/folders/1x8ZkW1xYb3LrT0vGdHq8?usp=sharing",
    "letters of a colleague": "The diabetes class is full.\n\nSincerely,\nRosa Delgado\nExample Clinic",
}

TELLING = {
    "member beside such a link": f"Her insulin was refused, Member ID: XYZ123456789, insurance.\n{LINK}\n",
    "patient in such a log": "client=host1196.clinic.example\nPatient MRN: 00482913, diagnosis type 2 diabetes",
    "pump of a patient": "Patient Erika Musterfrau, insulin pump S/N: 88-2213-7, her diabetes got worse",
    "patient below such minutes": "Present: L. Vogt, M. Hale, G. Lim.\n\n"
    "Patient: Erika Musterfrau, MRN 00482913, has diabetes.",
    "patient in a quoted mail": "Great\n\n> On Nov 26, 2026, at 9:14 AM, Bo Lund <bo@outside.example> wrote:\n> \n"
    "> Mrs. Erika Musterfrau, DOB 03/04/1961, has diabetes\n\nSent from my iPhone",
    "result in a mail with a closing": "Erika Musterfrau, MRN 00482913: A1c 8.2, diabetes.\n\nSincerely,\nAda",
}


@pytest.fixture(scope="module")
def judged() -> tuple[Policy, Engine]:
    ruleset = rules_of(Path(__file__).parents[2] / "rules" / "policy.yaml")
    return ruleset.policy, Engine(ruleset.detectors)


def disposition(judged: tuple[Policy, Engine], text: str, subject: str = "Tuesday") -> Disposition:
    head = (
        "From: Ada Finch <ada@clinic.example>\nTo: Bo Lund <bo@outside.example>\nMessage-ID: <1@clinic.example>\n"
        f"Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    )
    raw = (head + text).replace("\n", "\r\n").encode()
    envelope = Envelope("ada@clinic.example", (Recipient("bo@outside.example"),))
    transaction = Transaction(Session(), envelope, raw, "Q1", "20260101-i")
    policy, engine = judged
    return inspect(transaction, policy, engine, Limits(), NOTICES, lambda: 0.0).verdict.disposition


@pytest.mark.parametrize("what", ORDINARY)
def test_ordinary_message_is_delivered(judged: tuple[Policy, Engine], what: str) -> None:
    """Nothing in it is about a patient, though it has numbers, names of staff and words of health."""
    assert disposition(judged, ORDINARY[what]) is Disposition.DELIVER


@pytest.mark.parametrize("what", TELLING)
def test_patient_in_the_same_frame_is_held(judged: tuple[Policy, Engine], what: str) -> None:
    """What is ordinary around patient information hides none of it."""
    assert disposition(judged, TELLING[what]) is Disposition.QUARANTINE
