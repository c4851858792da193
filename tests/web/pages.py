"""What is asked of every page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}


def check(page: Page) -> None:
    """axe-core finds nothing serious, and no page is wider than the window."""
    found = Axe().run(page).response["violations"]
    serious = [
        f"{each['id']}: {node['html'][:120]}" for each in found if each["impact"] in SERIOUS for node in each["nodes"]
    ]
    assert serious == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
