"""A recipient at the portal: a message that waits, and browsers of a machine of their own."""

from tests.web.window import Browser, Window

LETTER = (
    b"From: Nurse <nurse@clinic.example>\r\nTo: pat@home.example\r\nSubject: Your visit\r\n"
    b"Date: Mon, 16 Mar 2026 08:41:55 -0400\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=m\r\n\r\n"
    b"--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    b"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDear Pat, canary-7 \xc3\xbc\r\n"
    b"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Dear <b>Pat</b>, canary-7</p>"
    b"<script>alert(1)</script><img src=https://tracker.example/x.png><a href=https://e.example>x</a>\r\n--a--\r\n"
    b"--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=results.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--m--\r\n"
)
_number = iter(range(1, 250))


class Visitor:
    """A message that waits for a recipient of its own, and browsers of a machine of its own."""

    def __init__(self, portal: Window, raw: bytes) -> None:
        number = next(_number)
        self.portal = portal
        self.address = f"127.0.9.{number}"
        self.recipient = f"pat{number}@home.example"
        self.raw = raw
        self.link = portal.wait_for(self.recipient, raw)
        self._browsers: list[Browser] = []

    def browser(self, **headers: str) -> Browser:
        self._browsers.append(Browser(self.portal.url, self.address, **headers))
        return self._browsers[-1]

    def inside(self) -> Browser:
        """One that has the message open."""
        browser = self.browser()
        browser.ask(self.link)
        assert browser.open(self.link, self.portal.code(self.recipient)).status_code == 303
        return browser

    def close(self) -> None:
        for browser in self._browsers:
            browser.close()
