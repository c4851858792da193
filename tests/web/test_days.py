"""Days of the people who use the console, in a real browser, from the door to the end of the work."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gateway.people import Role, Roster
from gateway.quarantine import State
from tests.web.conftest import NewPage, Scheme
from tests.web.house import LETTER, PASSWORD, House, Telephone, stale
from tests.web.pages import check


def sign_in(page: Page, house: House, url: str, name: str) -> None:
    """With a code of the telephone."""
    page.goto(f"{url}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.fill("#code", house.telephones[name].code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_an_officers_day(shared: tuple[House, str], new_page: NewPage) -> None:
    """From the door with a code to a release: found by its rule, understood, read, assigned, sent, noted."""
    house, url = shared
    item = house.hold(LETTER, "day.nurse@clinic.example", ("day.pat@home.example",))
    before = len(house.sink.deliveries)
    page = new_page()
    sign_in(page, house, url, "olga")
    check(page)
    page.get_by_role("link", name="Held mail").click()
    check(page)
    page.fill("#search", "day.nurse")
    page.keyboard.press("Enter")
    page.locator("table.items tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("day.nurse@clinic.example")
    expect(page.locator(".snippet mark")).to_have_text("***-**-1894")
    check(page)
    page.locator(".reasons").get_by_role("button", name="web-number is right").click()
    expect(page.get_by_text("right, says olga")).to_be_visible()
    page.fill("#comment", "The ward will be asked.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("The ward will be asked.")).to_be_visible()
    page.fill("#reveal-reason", "to see whether the insurer may have it")
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator(".mailtext mark").first).to_have_text("536-22-1894")
    check(page)
    page.get_by_role("link", name="Back to what is known of it").click()
    page.fill("#release-reason", "the insurer may have it")
    page.get_by_role("button", name="Release as it is").click()
    expect(page.get_by_text("Postfix has the message")).to_be_visible()
    assert [each.recipients for each in house.sink.wait_for(before + 1)[before:]] == [("day.pat@home.example",)]
    assert house.stored.quarantine.get(item).state is State.RELEASED
    page.goto(f"{url}/rules/web-number")
    expect(page.get_by_role("heading", level=1)).to_have_text("A social security number leaves")
    check(page)
    page.goto(f"{url}/rules/bench")
    page.fill("#message", LETTER.decode())
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("What would happen")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_auditors_day(shared: tuple[House, str], new_page: NewPage, tmp_path: Path) -> None:
    """Reads all, believes nothing, takes the proof along, and can change nothing."""
    house, url = shared
    item = house.hold(LETTER, "audited@clinic.example")
    page = new_page()
    sign_in(page, house, url, "aron")
    page.get_by_role("link", name="Audit").click()
    check(page)
    page.get_by_role("button", name="Verify every line").click()
    expect(page.get_by_text("The chain is whole").first).to_be_visible()
    page.goto(f"{url}/audit/incidents/{house.stored.quarantine.get(item).incident}")
    check(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export these events with proof").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert {"README.txt", "head.json", "audit-key.pub.pem"} <= {Path(name).name for name in archive.namelist()}
    page.goto(f"{url}/items/{item}")
    expect(page.get_by_role("heading", name="Why it is held")).to_be_visible()
    for act in ("Release as it is", "Destroy it", "Assign"):
        expect(page.get_by_role("button", name=act)).to_have_count(0)
    page.goto(f"{url}/people")
    check(page)


def test_the_first_day_of_somebody_new(shared: tuple[House, str], new_page: NewPage) -> None:
    """A first password leads to a QR code and recovery codes, and nowhere else before that."""
    house, url = shared
    person, first = Roster(house.stored.engine).add(
        "nina", Role.REVIEWER, display="Nina New", address="nina@staff.example"
    )
    page = new_page()
    page.goto(f"{url}/sign-in")
    page.fill("#name", "nina")
    page.fill("#password", first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up your account")).to_be_visible()
    page.goto(f"{url}/items")
    expect(page.get_by_role("heading", name="Set up your account")).to_be_visible()
    check(page)
    secret = house.gatehouse.begin_enrolment(person)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.fill("#code", Telephone(secret).code())
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".codes li")).to_have_count(10)
    check(page)
    page.get_by_role("link", name="I have written them down").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_shows_all_of_it(shared: tuple[House, str], new_page: NewPage, scheme: Scheme) -> None:
    """In both themes: nothing is wider than the screen, contrasts hold."""
    house, url = shared
    item = house.hold(LETTER)
    page = new_page("aron", scheme=scheme, phone=True)  # has every word of the menu
    for path in ("/", "/items", f"/items/{item}", "/rules", "/account"):
        page.goto(f"{url}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check(page)
        tops = [box["y"] for link in page.locator("nav[aria-label=Main] a").all() if (box := link.bounding_box())]
        assert len(set(tops)) == 1, "the menu stands on one line"


def test_all_is_within_reach_of_the_keyboard(shared: tuple[House, str], new_page: NewPage) -> None:
    """The first stop leads past the menu; an item is opened, and a comment written, without a mouse."""
    house, url = shared
    house.hold(LETTER, "keys@clinic.example")
    page = new_page("rita")
    page.goto(f"{url}/items?search=keys%40clinic.example")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.locator("table.items tbody a").first.focus()
    page.keyboard.press("Enter")
    page.locator("#comment").focus()
    page.keyboard.type("By keys alone.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("By keys alone.")).to_be_visible()


def test_a_recovery_code_can_be_typed_on_a_telephone(shared: tuple[House, str], new_page: NewPage) -> None:
    """It has letters: no field that takes one asks the telephone for a keypad of digits alone."""
    house, url = shared
    house.enrol("thea", Role.OFFICER)
    item = house.hold(LETTER)
    page = new_page(phone=True)
    page.goto(f"{url}/sign-in")
    fields = [page.locator("#code").get_attribute("inputmode")]
    sign_in(page, house, url, "thea")
    stale(house, "thea")
    page.goto(f"{url}/items/{item}")
    proofs = page.locator("input[name=code]")
    fields += [each.get_attribute("inputmode") for each in proofs.all()]
    page.goto(f"{url}/confirm?next=/items")
    fields.append(page.locator("#code").get_attribute("inputmode"))
    check(page)

    page.fill("#code", house.proof("thea"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Held mail")).to_be_visible()
    assert len(fields) > 3
    assert set(fields) == {None}


def test_the_log_tells_of_people_in_plain_words(shared: tuple[House, str], new_page: NewPage) -> None:
    """Who was added as what, and why somebody did not come in; nobody becomes an administrator by a default."""
    house, url = shared
    page = new_page()
    page.goto(f"{url}/sign-in")
    page.fill("#name", "aron")
    page.fill("#password", "not the right one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, house, url, "ada")
    page.goto(f"{url}/people")
    page.fill("#name", "newcomer")
    page.get_by_role("button", name="Add", exact=True).click()
    assert page.evaluate("document.activeElement.id") == "role"
    page.select_option("#role", "auditor")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("First password of newcomer")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    sign_in(page, house, url, "olga")
    page.goto(f"{url}/audit")

    for words in ("A sign-in was refused: wrong password", "Added the account newcomer as auditor"):
        expect(page.locator("summary", has_text=words).first).to_be_visible()
    check(page)
