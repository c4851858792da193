"""The shipped model, from detector files to findings."""

import logging
from pathlib import Path

import pytest

from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.limits import Limits
from gateway.core.message import Place, Segment
from gateway.detect import Engine

MODEL = Path(__file__).parents[3] / "models" / "names-en"
LETTER = """Dear Dr. Alvarez,

Thank you for seeing Maria Hernandez, who has type 2 diabetes and lives at 742 Orchard Lane, Springfield, IL 62704.
She was admitted to Mercy General Hospital in May. A Foley catheter was placed; Crohn's disease is stable.

Best regards,
James Whitfield, MD
Lakeside Family Medicine
12 Main St, Portland, OR 97201
"""


def _detect(engine: Engine, text: str) -> list[Finding]:
    detection = engine.detect([Segment("1", Place.BODY, text)], Limits())
    assert detection.failures == ()
    return list(detection.findings)


def _patients(findings: list[Finding]) -> list[str]:
    sure = (f for f in findings if f.confidence >= Confidence.MEDIUM and f.entity == "PERSON")
    return [f.value for f in sure if "patient-identifier" in f.groups]


def test_referral_letter(names_engine: Engine) -> None:
    """The patient, her address and the hospital; not the colleague, the writer, the instrument, the disease."""
    findings = _detect(names_engine, LETTER)

    assert _patients(findings) == ["Maria Hernandez"]
    homes = [f.value for f in findings if f.entity == "STREET_ADDRESS" and "patient-identifier" in f.groups]
    assert len(homes) == 1
    assert homes[0].startswith("742 Orchard Lane")
    assert "Mercy General Hospital" in [f.value for f in findings if f.entity == "FACILITY"]
    assert not {"Foley", "Crohn"} & {f.value for f in findings if f.entity == "PERSON"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("is it ok for anna to take metformin with lisinopril? she has asthma", "anna"),
        ("MRS. OKAFOR WAS ADMITTED WITH PNEUMONIA ON MONDAY", "OKAFOR"),
        ("Priya Sharma was diagnosed with hypothyroidism", "Priya Sharma"),
        ("We evaluated Nguyen Thi Lan for hepatitis C", "Nguyen Thi Lan"),
        ("WILLIAMS, DESHAWN 03/04/1961 E11.9 diabetes", "WILLIAMS, DESHAWN"),
        ("Please call Anna S. about her insulin prescription", "Anna S."),
    ],
)
def test_names_in_the_cases_and_orders_of_mail(names_engine: Engine, text: str, name: str) -> None:
    """Lower case, capitals, other origins, family name first, initials."""
    assert name.rstrip(".") in [value.rstrip(".") for value in _patients(_detect(names_engine, text))]


@pytest.mark.parametrize(
    "text",
    [
        "Patients with diabetes should ask their doctor about metformin and lisinopril.",
        "PROCEDURE: Colonoscopy\nANESTHESIA: General\nImpression: no disease. Penrose drain, Kelly clamp, Gleason 7.",
        "Dear Customer,\nthe Quarterly Business Review of Patient Services is on Monday.\nThe Billing Team",
    ],
)
def test_text_about_nobody_has_no_patient(names_engine: Engine, text: str) -> None:
    """General advice, an anonymous note, administration."""
    assert _patients(_detect(names_engine, text)) == []


def test_same_text_gives_the_same_findings(names_engine: Engine) -> None:
    """Again, and with other texts in between."""
    first = _detect(names_engine, LETTER)
    _detect(names_engine, LETTER.upper())

    assert _detect(names_engine, LETTER) == first


@pytest.mark.parametrize("unit", ["(", "a.", "🙂", "\ud800", "Dr. ", "\n", "x@", "patient 1/", "'s"])
def test_odd_text_ends(names_engine: Engine, unit: str) -> None:
    """Long runs of what tokenizers dislike come to an answer."""
    _detect(names_engine, "patient has asthma " + unit * (40_000 // len(unit)))


def test_no_handler_of_the_libraries_is_left(names_engine: Engine) -> None:
    """spaCy, and Presidio where something else loaded it, attach handlers that could write text to stderr."""
    for name in ("decision_process", "presidio-analyzer", "spacy"):
        kinds = {type(handler) for handler in logging.getLogger(name).handlers}
        assert {kind for kind in kinds if kind.__module__ != "_pytest.logging"} <= {logging.NullHandler}
    assert logging.NullHandler in {type(handler) for handler in logging.getLogger("spacy").handlers}
