"""The file of known forms: names and checksums, nothing of their text."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import SetupError
from gateway.detect.forms.phrases import count_words, phrases_of_form
from gateway.detect.text import fold

VERSION = 1
FEWEST, MOST = 12, 50_000  # phrases of a form


class ShelfRefused(SetupError):
    """This file cannot be used. The text says why and what to do, without the path."""


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A form as it is when nobody has filled it in."""

    name: str
    added: str  # ISO 8601, UTC
    words: int
    phrases: frozenset[int] = field(repr=False)


def form_of(name: str, text: str, added: str) -> BlankForm:
    """SetupError for a text that has too little, or too much, to be known by."""
    phrases = phrases_of_form(text)
    if len(phrases) < FEWEST:
        raise SetupError(
            f"only {len(phrases)} phrases of its own could be read, {FEWEST} are needed: a form with so little text"
            " would be taken for every other"
        )
    if len(phrases) > MOST:
        raise SetupError(f"it has {len(phrases):,} phrases, more than {MOST:,}: take the form out of the book")
    return BlankForm(name, added, count_words(fold(text).octets), phrases)


def read_forms(path: Path) -> tuple[tuple[BlankForm, ...], str]:
    """The forms by name, and a digest over all of them. Raises ShelfRefused."""
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        raise ShelfRefused("there is no such file: make it with `gatepost fingerprint add`") from None
    except OSError as error:
        raise ShelfRefused(f"it cannot be read ({error.strerror})") from None
    try:
        document = json.loads(octets)
        if document["version"] != VERSION:
            raise ShelfRefused(f"it is of another version than {VERSION}: add the forms again")
        forms = [
            BlankForm(str(f["name"]), str(f["added"]), int(f["words"]), frozenset(map(int, f["phrases"])))
            for f in document["forms"]
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ShelfRefused("it is damaged: add the forms again with `gatepost fingerprint add`") from None
    return tuple(sorted(forms, key=lambda form: form.name)), hashlib.sha256(octets).hexdigest()


def written(forms: Iterable[BlankForm]) -> bytes:
    """The content of a file with these forms."""
    plain = [
        {"name": f.name, "added": f.added, "words": f.words, "phrases": sorted(f.phrases)}
        for f in sorted(forms, key=lambda form: form.name)
    ]
    return json.dumps({"version": VERSION, "forms": plain}).encode("ascii") + b"\n"
