"""Pages that commands write, such as that of `explain --format html`: read on a telephone too."""

from playwright.sync_api import Browser

from gateway.pages import page, table


def test_a_page_of_a_command_fits_a_telephone(browser: Browser) -> None:
    """A digest is broken, and a wide table scrolls for itself: it was the whole page that was wider than the screen."""
    wide = table(tuple(f"column{n}" for n in range(9)), [tuple("a" * 24 for _ in range(9))])
    context = browser.new_context(viewport={"width": 390, "height": 844})
    shown = context.new_page()

    shown.set_content(page("Why: message.eml", [f'<p class="soft">Policy sha256:{"d2" * 32}</p>', wide]))

    assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
