"""The service's log: one line an event, to standard error.

An event is a name and values. Values are numbers, ids and words of closed sets; whatever else reaches the log is
replaced, so that no content of a message can. Set up once, at the edge, by `setup()`.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TextIO

from gateway.logs.journald import Journald

REFUSED = "[refused]"
Value = str | int | float | bool | None
Format = Literal["json", "text", "journal", "journald"]

# Ids, digests, closed words, paths of ours. No blanks and no "@": neither prose nor an address passes.
_WORD = re.compile(r"[A-Za-z0-9_.:/+=<>-]{0,160}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_NUMBERS = (bool, int, float)
_LOGGER = logging.getLogger("gatepost")
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}  # RFC 5424


class Words(str):
    """Text that we or an administrator wrote (a fault in a rule file, a reason to stop): never from a message."""

    __slots__ = ()


def event(name: str, /, *, level: int = logging.INFO, failure: BaseException | None = None, **values: Value) -> None:
    """Log one event. Of a `failure` its type and where it was raised are told, never its text."""
    if _LOGGER.isEnabledFor(level):
        # not by `log`, which looks for the line that called it: a record of ours does not tell that
        error = None if failure is None else (type(failure), failure, failure.__traceback__)
        _LOGGER.handle(_LOGGER.makeRecord(_LOGGER.name, level, "", 0, name, (), error, extra={"values": values}))


def message_event(
    *,
    incident: str,
    queue_id: str,
    disposition: str,
    reply: int,
    size: int,
    recipients: int,
    copies: int,
    findings: int,
    rules: int,
    opaque: int,
    failures: int,
    ms: float,
) -> None:
    """The one line of a message. `size` in bytes, `ms` from the end of its body to the reply."""
    event("message", **{**locals(), "ms": round(ms, 1)})


def setup(level: str, form: Format, stream: TextIO | None = None) -> None:
    """Send our events from `level` up, and warnings of libraries, to `stream`, and nowhere else.

    `stream` is standard error where it is not given.
    """
    handler = Journald(_PRIORITY) if form == "journald" else logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Scrub())
    handler.setFormatter(_FORMATTERS[form]())
    root = logging.getLogger()
    for name in [None, *logging.root.manager.loggerDict]:
        _reset(logging.getLogger(name))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    # No line of ours tells which thread or process it is of, and asking costs a tenth of it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # A handler that fails would print the record, arguments and all.
    logging.raiseExceptions = False


def _reset(logger: logging.Logger) -> None:
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


class Scrub(logging.Filter):
    """Makes a record safe: its text goes unless it is the name of an event of ours, and every value is checked."""

    def filter(self, record: logging.LogRecord) -> bool:
        given = getattr(record, "values", None)
        values: dict[str, Value] = {}
        if isinstance(given, Mapping) and isinstance(record.msg, str) and _NAME.fullmatch(record.msg):
            name = record.msg
            values.update({key: safe(value) for key, value in given.items()})
        else:
            name = "foreign"
            values.update(logger=safe(record.name), where=safe(f"{record.module}:{record.lineno}"))
        if record.exc_info and record.exc_info[1] is not None:
            values.update(failure=type(record.exc_info[1]).__name__, at=places(record.exc_info[1]))
        record.msg, record.args, record.exc_info, record.exc_text, record.stack_info = name, (), None, None, None
        record.values = values
        return True


def safe(value: object) -> Value:
    """The value where it is a number, an id, a closed word or our own `Words`; else "[refused]"."""
    if value is None or isinstance(value, _NUMBERS):
        return value
    if isinstance(value, Words):
        return " ".join(value.split())
    if isinstance(value, str) and _WORD.fullmatch(value):
        return str(value)
    return REFUSED


def places(error: BaseException) -> str:
    """Where it was raised, innermost first: `file.py:12<caller.py:40`. Never its text, which may hold content."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return "<".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def _values(record: logging.LogRecord) -> Mapping[str, Value]:
    values: Mapping[str, Value] = getattr(record, "values", {})
    return values


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, event, values."""

    def format(self, record: logging.LogRecord) -> str:
        head = {"time": _time(record), "level": record.levelname.lower(), "event": record.msg}
        return json.dumps({**_values(record), **head}, ensure_ascii=True, sort_keys=False)


class Text(logging.Formatter):
    """For people: time, level, event, key=value."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{_time(record)} {record.levelname:<7} {_plain(record)}"


class Journal(logging.Formatter):
    """For the systemd journal: a priority in angle brackets (sd-daemon(3)); the journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        return f"<{_PRIORITY.get(record.levelno, 5)}>{_plain(record)}"


class Plain(logging.Formatter):
    """For the journal's MESSAGE: it adds the time and has the level as a field."""

    def format(self, record: logging.LogRecord) -> str:
        return _plain(record)


def _plain(record: logging.LogRecord) -> str:
    pairs = (f"{key}={_quoted(value)}" for key, value in _values(record).items())
    return " ".join([str(record.msg), *pairs])


def _quoted(value: Value) -> str:
    if isinstance(value, str):
        return json.dumps(value) if " " in value or '"' in value else value
    return json.dumps(value) if value is None or isinstance(value, bool) else repr(value)


_FORMATTERS: Mapping[str, type[logging.Formatter]] = {
    "json": JsonLines,
    "text": Text,
    "journal": Journal,
    "journald": Plain,
}


def guarded(what: str, do: Callable[[], object]) -> None:
    """Something beside the mail; its failure is told and stops nothing."""
    try:
        do()
    except Exception as error:  # noqa: BLE001 - mail goes on
        event(f"{what}-failed", level=logging.ERROR, failure=error)
