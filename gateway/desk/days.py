"""Days as people ask for them in forms and addresses of pages."""

from datetime import UTC, datetime, timedelta

FIRST_YEAR, LAST_YEAR = 1970, 9000  # that can be asked for


def day_of(text: str) -> datetime | None:
    """The begin of a day, UTC; None where none is given. Raises ValueError, in words for whoever asked."""
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text!r} is not a day: write it as year-month-day.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"There is no mail of the year {day.year} here.")
    return day


def day_after(day: datetime | None) -> datetime | None:
    """The end of a day that is asked for "until"."""
    return day + timedelta(days=1) if day else None
