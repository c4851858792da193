"""Browsers by the names that people know, from what they say of themselves (`User-Agent`, RFC 9110 section 10.1.5).

For a person who looks for a session that is not theirs: it is what the browser says, and no proof of anything.
"""

import re

# The first that fits: browsers that are made of others name those too.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|HeadlessChrome|Chromium|CriOS)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)


def browser(agent: str) -> str:
    """Such as Firefox on Windows; what it says itself where the browser is none of these."""
    name = next((name for name, known in _BROWSERS if known.search(agent)), "")
    system = next((system for system, known in _SYSTEMS if known.search(agent)), "")
    return f"{name} on {system}" if name and system else name or agent
