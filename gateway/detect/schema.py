"""The JSON Schema of detector files, made from the words that the loader knows."""

from collections.abc import Sequence
from typing import Any

from gateway.core.detector import DetectorSpec
from gateway.detect import declaration as known
from gateway.detect.fields import LEVEL_WORDS, WIDEST
from gateway.detect.validators import NAMES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": ["string", "number", "boolean"], "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_LEVEL = {"enum": list(LEVEL_WORDS)}
_LISTED = ("groups", "exclude", "labels", "columns", "forms", "references")


def detector_schema() -> dict[str, Any]:
    """Of one file of `detectors/`."""
    given: dict[str, Any] = dict.fromkeys(known.KEYS, _TEXT) | dict.fromkeys(_LISTED, _TEXTS)
    given |= {
        "entity": {"type": "string", "pattern": "^[A-Z_][A-Z0-9_]*$"},
        "patterns": {"type": "array", "minItems": 1, "items": _pattern()},
        "validator": {"enum": sorted(NAMES)},
        "labelled": {"type": "array", "minItems": 1, "items": _labelled()},
        "context": _context(),
        "reads": {"enum": list(known.READS)},
        "confidence": _LEVEL,
        "mask": {"enum": list(known.MASKS)},
        "engine": {"enum": list(known.ENGINES)},
        "within": _number(known.FARTHEST),
        "threshold": _number(100),
        "samples": _settings(known.SAMPLE_KEYS, dict.fromkeys(known.SAMPLE_KEYS, _TEXTS)),
        "enough": _number(known.MOST),
    }
    schema = _settings(known.KEYS, given, ("id", "entity", "title"))
    sources = [{"required": [name]} for name in (*known.SOURCES, "engine")]
    about = f"A detector: {(DetectorSpec.__doc__ or '').splitlines()[0]}"
    return {"$schema": DIALECT, "title": "A detector of Gatepost", "description": about, **schema, "anyOf": sources}


def _pattern() -> dict[str, Any]:
    given = dict.fromkeys(known.PATTERN_KEYS, _TEXT) | dict.fromkeys(known.LEVELS, _LEVEL)
    return _settings(known.PATTERN_KEYS, {**given, "case-sensitive": {"type": "boolean"}}, ("name", "regex"))


def _labelled() -> dict[str, Any]:
    given: dict[str, Any] = dict.fromkeys(known.LABELLED_KEYS, _TEXT) | dict.fromkeys(known.LEVELS, _LEVEL)
    given |= {"labels": {**_TEXTS, "minItems": 1}, "bare": {"type": "boolean"}}
    return _settings(known.LABELLED_KEYS, given, ("name", "labels"))


def _context() -> dict[str, Any]:
    given: dict[str, Any] = dict.fromkeys(known.CONTEXT_KEYS, _TEXTS) | dict.fromkeys(("list", "against-list"), _TEXT)
    return _settings(known.CONTEXT_KEYS, given | dict.fromkeys(("before", "after"), _number()))


def _number(most: int = WIDEST) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": most}


def _settings(names: Sequence[str], given: dict[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: given[name] for name in names},
        "additionalProperties": False,
    }
    return {**schema, "required": list(required)} if required else schema
