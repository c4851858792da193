"""A candidate rule set on held messages: in workers, with limits, and nothing of a stranger's archive but its rules."""

import io
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from gateway.candidates.unpacking import members
from gateway.desk.replays import MOST_RUNS
from gateway.people import Role, Turns
from gateway.people.turns import KEPT_EVERY
from tests.web.conftest import Enter, NewPage, Person
from tests.web.house import LETTER, House
from tests.web.pages import check

RULES = Path(__file__).parent / "rules"
MILDER = (RULES / "packs/web/web-number.yaml").read_text().replace("status: enforce", "status: monitor")
SSN = "536-22-1894"


def archive(files: Mapping[str, str | bytes], root: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(root + name, content)
    return packed.getvalue()


def candidate(rule: str = MILDER) -> dict[str, str | bytes]:
    return {"policy.yaml": (RULES / "policy.yaml").read_text(), "packs/web/web-number.yaml": rule}


def bring(person: Person, octets: bytes, days: str = "30") -> httpx.Response:
    """As a browser sends it."""
    person.get("/rules/replay")
    form = {"form-token": person._token, "days": days}
    file = {"file": ("milder.zip", octets, "application/zip")}
    return person._keep(person._client.post("/rules/replay", data=form, files=file, headers=person._cookie()))


def ended(person: Person) -> str:
    """The page once the run is over."""
    until = time.monotonic() + 60
    while "Under way" in (page := person.get("/rules/replay").text):
        assert time.monotonic() < until
        time.sleep(0.2)
    return page


def test_an_archive_is_judged_beside_the_rules_in_force(console: House, enter: Enter) -> None:
    """What would be different, by recipient and rule, with masked values; and two events say who had it done."""
    rita, item = enter("rita"), console.hold(LETTER)

    assert bring(rita, archive(candidate(), "milder/"), "366").status_code == 303
    page = ended(rita)

    assert "What would be different" in page
    assert re.search(r"<strong>[1-9][0-9,]*</strong> of", page)
    assert f"/items/{item}" in page or "Examples of what changes" in page
    assert SSN not in page
    kinds = [e["metadata"]["event_code"] for e in console.events() if e.get("actor") == {"user": {"name": "rita"}}]
    assert kinds[-2:] == ["replay-begun", "replay-finished"]


def test_a_folder_on_the_server_is_chosen_by_its_name(console: House, enter: Enter) -> None:
    """Those that an administrator put there, detectors and all; no way leads out of it."""
    folder = console.folder / "candidates" / "stricter"
    shutil.copytree(console.rules_folder, folder, dirs_exist_ok=True)
    console.hold(LETTER)
    rolf = enter("rolf")

    assert "<option>stricter</option>" in rolf.get("/rules/replay").text
    for name in ("../rules", "..", "", "stricter/../../rules", "/etc"):
        assert rolf.post("/rules/replay", folder=name, days="30").status_code == 400
    assert rolf.post("/rules/replay", folder="stricter", days="30").status_code == 303
    assert "Nothing would change for anybody" in ended(rolf)


def test_one_at_a_time_for_each_person_and_it_can_be_stopped(console: House, stranger: Callable[[str], Person]) -> None:
    """The second is refused; what was done until the stop stays to be seen."""
    console.enrol("reni", Role.REVIEWER)
    reni = stranger("reni")
    reni.sign_in()
    for _ in range(3):
        console.hold(LETTER)
    assert bring(reni, archive(candidate()), "366").status_code == 303
    second = bring(reni, archive(candidate()), "366")
    reni.post("/rules/replay/stop")

    assert second.status_code == 400
    assert "have one running" in second.text
    page = ended(reni)
    assert "Stopped: what was done" in page or "What would be different" in page


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"no archive", "no ZIP file"),
        (archive({"x.txt": "x"}), "one policy.yaml"),
        (archive({"a/policy.yaml": "x", "b/policy.yaml": "y"}), "one policy.yaml"),
        (archive({"../policy.yaml": "x"}), "one policy.yaml"),
        (archive(candidate("id: web-number\nnonsense: &a [*a]\n")), "web-number.yaml"),
        (archive({"policy.yaml": b"\0" * (21 << 20)}), "holds more than"),
        (archive({"policy.yaml": "x"}, method=zipfile.ZIP_LZMA), "packed in an unusual way"),
        (archive({f"packs/p/{n}.yaml": "x" for n in range(3_001)}), "more than 3,000 files"),
    ],
    ids=["no zip", "no policy", "two", "out of it", "faults", "bomb", "lzma", "many"],
)
def test_what_is_no_rule_set_is_refused_in_plain_words(enter: Enter, octets: bytes, why: str) -> None:
    """With the file and the place, and without where it lay on this machine."""
    answer = bring(enter("olga"), octets)

    assert answer.status_code == 400
    assert why in answer.text
    assert "gatepost-candidate-" not in answer.text


@pytest.mark.parametrize("days", ["0", "367", "-1", "x", ""])
def test_days_have_bounds(enter: Enter, days: str) -> None:
    """Nothing is begun."""
    assert bring(enter("olga"), archive(candidate()), days).status_code == 400


def test_nothing_but_rules_comes_out_of_an_archive() -> None:
    """No detector, no model, no link, no way out of the folder: names that are none of a rule set are passed over."""
    files: dict[str, str | bytes] = {
        **candidate(),
        "detectors/evil.yaml": "x",
        "models/evil/config.cfg": "x",
        "packs/web/../../../out.yaml": "x",
        "/etc/out.yaml": "x",
        "lists/partners.txt": "x.example\n",
        "lists/..txt": "x",
        "packs/web/deep/er.yaml": "x",
        "policy.yaml.exe": "x",
    }
    packed = io.BytesIO(archive(files))
    with zipfile.ZipFile(packed, "a") as opened:
        link = zipfile.ZipInfo("packs/web/link.yaml")
        link.external_attr = 0o120777 << 16
        opened.writestr(link, "/etc/passwd")

    found = members(packed.getvalue())

    assert sorted(found) == ["lists/partners.txt", "packs/web/link.yaml", "packs/web/web-number.yaml", "policy.yaml"]
    assert found["packs/web/link.yaml"] == b"/etc/passwd"  # as text: it is no link


def test_a_run_in_another_process_of_the_console_counts(console: House, stranger: Callable[[str], Person]) -> None:
    """One a person and two of all, whichever process they are in; stopping reaches it."""
    console.enrol("rene", Role.REVIEWER)
    rene = stranger("rene")
    rene.sign_in()
    elsewhere = Turns(console.stored.engine, MOST_RUNS)
    own = elsewhere.take("rene")

    assert "in another process" in rene.get("/rules/replay").text
    second = bring(rene, archive(candidate()))
    rene.post("/rules/replay/stop")
    own.kept -= KEPT_EVERY

    assert "have one running" in second.text
    assert not elsewhere.goes_on(own)
    elsewhere.give_back(own)
    others = [elsewhere.take("one"), elsewhere.take("two")]
    assert "thers have some running" in bring(rene, archive(candidate())).text
    for turn in others:
        elsewhere.give_back(turn)
    third = bring(rene, archive(candidate()))
    assert third.status_code == 303, third.text
    ended(rene)
    assert not elsewhere.is_taken("rene")


def test_the_bench_can_be_used_by_everybody(shared: tuple[House, str], new_page: NewPage) -> None:
    """axe-core on the form and on a result, on a telephone too."""
    house, url = shared
    house.hold(LETTER)
    page = new_page("olga", phone=True)
    page.goto(f"{url}/rules/replay")
    check(page)
    page.set_input_files("#file", {"name": "m.zip", "mimeType": "application/zip", "buffer": archive(candidate())})
    page.get_by_role("button", name="Judge them").click()
    for _ in range(100):
        if page.get_by_role("link", name="Look again").count() == 0:
            break
        check(page)
        page.wait_for_timeout(200)
        page.get_by_role("link", name="Look again").click()
    check(page)
