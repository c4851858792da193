"""Attempts at one message in a journal whose clock the test moves."""

from datetime import UTC, datetime

KEY = "key-of-the-message"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now
