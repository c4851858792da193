"""Reports from the browser: for whom they are meant, made of the verified log, each an event."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.people import Role
from tests.web.conftest import Enter, NewPage, Person
from tests.web.house import LETTER, House, stale
from tests.web.pages import check

SSN = "536-22-1894"
NOW = datetime.now(UTC)
QUARTER = f"{NOW.year}-Q{(NOW.month - 1) // 3 + 1}"


@pytest.mark.parametrize(
    ("kind", "form", "starts"),
    [("quarterly", "pdf", b"%PDF"), ("quarterly", "csv", b"PK"), ("safeguards", "html", b"<!doctype html>")],
)
def test_reports_of_a_quarter(console: House, enter: Enter, kind: str, form: str, starts: bytes) -> None:
    """As a file; who had it made is in the log before it is handed over."""
    console.hold(LETTER)
    answer = enter("aron").post("/reports", kind=kind, form=form, quarter=QUARTER)

    assert answer.status_code == 200
    assert answer.content.lower().startswith(starts.lower())
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="gatepost-{kind}-')
    event = console.events("audit-exported")[-1]
    assert (event["unmapped"]["what"], event["actor"]["user"]["name"]) == (f"report {kind}", "aron")
    if form == "csv":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.namelist()


def test_the_report_of_an_incident(console: House, enter: Enter) -> None:
    """One that is in the log; for another one nothing is made, and no event invents it."""
    incident = console.stored.quarantine.get(console.hold(LETTER)).incident
    olga = enter("olga")

    assert incident in olga.post("/reports", kind="incident", form="html", incident=incident).text
    for other in ("20991231-none", "../x", "x" * 100, ""):
        assert olga.post("/reports", kind="incident", form="html", incident=other).status_code == 400
    assert not [event for event in console.events() if event["metadata"].get("correlation_uid") == "20991231-none"]


def test_whom_a_patients_data_went_to(console: House, enter: Enter) -> None:
    """Asked by a value, which is in no log and on no page, neither when it is found nor in a refusal."""
    console.hold(LETTER)
    olga = enter("olga")
    answer = olga.post("/reports", kind="disclosures", form="html", value=SSN)
    refused = olga.post("/reports", kind="disclosures", form="html", value=SSN, since="2026-02-02", until="2026-01-01")

    assert answer.status_code == 200
    assert refused.status_code == 400
    far = olga.post("/reports", kind="disclosures", form="html", value=SSN, until="9999-12-31")
    assert (far.status_code, "no mail of the year 9999" in far.text) == (400, True)
    assert SSN not in answer.text
    assert SSN not in refused.text
    assert SSN not in str(console.events())
    assert console.events("audit-exported")[-1]["unmapped"]["what"] == "report disclosures"


def test_a_report_asks_for_a_fresh_proof(console: House, stranger: Callable[[str], Person]) -> None:
    """It leaves the console: as an export does."""
    console.enrol("audra", Role.AUDITOR)
    audra = stranger("audra")
    audra.sign_in()
    stale(console, "audra")

    answer = audra.post("/reports", kind="quarterly", form="html", quarter=QUARTER, back="/reports")
    assert answer.headers["location"] == "/confirm?next=/reports"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "x", "form": "pdf"},
        {"kind": "quarterly", "form": "exe"},
        {"kind": "quarterly", "form": "pdf"},
        {"kind": "quarterly", "form": "csv", "quarter": "9999-Q4"},
        {},
    ],
)
def test_what_cannot_be_meant_is_refused(enter: Enter, fields: dict[str, str]) -> None:
    """With the form again, and why."""
    answer = enter("aron").post("/reports", **fields)  # type: ignore[arg-type]  # of text alone

    assert answer.status_code == 400
    assert "choose" in answer.text.lower()


def test_the_page_can_be_used_by_everybody(shared: tuple[House, str], new_page: NewPage) -> None:
    """axe-core finds nothing serious, also on a telephone in the dark."""
    page = new_page("aron", scheme="dark", phone=True)
    page.goto(f"{shared[1]}/reports")
    check(page)
