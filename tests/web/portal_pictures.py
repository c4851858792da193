"""Pictures of the portal for docs/portal: what a recipient meets, from the link to the message; light and dark.

.venv/bin/python -m tests.web.portal_pictures [FOLDER]
"""

import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.web.conftest import CHROMIUM, Scheme
from tests.web.pictures import picture
from tests.web.window import Window, window

TEXT = """Dear Pat,

your results of Monday are in. The blood count is as it should be; the cholesterol is
higher than in spring, so please make an appointment within the next four weeks.

The report is attached. Call us on weekdays from 8 to 4 with any question.

Nina Okafor, RN
"""


def letter() -> bytes:
    made = EmailMessage()
    made["From"] = "Nina Okafor <nurse@clinic.example>"
    made["To"] = "pat@home.example"
    made["Subject"] = "Your results"
    made["Date"] = "Mon, 23 Nov 2026 08:41:55 -0500"
    made.set_content(TEXT)
    made.add_attachment(b"%PDF-1.4\n" * 9_000, "application", "pdf", filename="results.pdf")
    return made.as_bytes()


def take(browser: Browser, portal: Window, to: Path, scheme: Scheme, *, phone: bool) -> None:
    """The way of one recipient; each page under its own name."""
    size: ViewportSize = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 860}
    page = browser.new_context(color_scheme=scheme, viewport=size).new_page()
    recipient, mark = ("pat@mobile.example", "-telephone") if phone else ("pat@home.example", "")
    shots = iter(("link", "code", "message"))

    def shoot(page: Page) -> None:
        picture(page, to / f"{next(shots)}{mark}.png")

    page.goto(f"{portal.url}/m/{portal.wait_for(recipient, letter())}")
    shoot(page)
    page.get_by_role("button", name="Mail me a code").click()
    page.locator("#code").wait_for()
    shoot(page)
    page.fill("#code", portal.code(recipient))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your results").wait_for()
    shoot(page)


def main() -> None:
    to = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/portal")
    to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        window(Path(folder)) as portal,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        take(browser, portal, to, "light", phone=False)
        take(browser, portal, to, "dark", phone=True)


if __name__ == "__main__":
    main()
