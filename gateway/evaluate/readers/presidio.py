"""Data of Microsoft's Presidio: the sentences of presidio-research, and the cases of its recognizers' tests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.evaluate.kinds import kind_of
from gateway.evaluate.readers.base import first_keys, labelled, lines_of, name_of, only, text_sample
from gateway.evaluate.sample import Corpus, Expected, Sample

# Entities of no single country, and those of the United States.
_GENERIC = frozenset(
    {"CREDIT_CARD", "CRYPTO", "DATE_TIME", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "URL"}
)
_AMERICAN = frozenset({"ABA_ROUTING_NUMBER", "MEDICAL_LICENSE"})


def accepts_research(path: Path) -> bool:
    """A list of objects with `full_text`."""
    file = only(path, "*.json")
    if file is None:
        return False
    with file.open(encoding="utf-8", errors="replace") as stream:
        return '"full_text"' in stream.read(4096)


def read_research(path: Path) -> Corpus:
    """Sentences with spans of 17 types; whether one is protected by itself nobody said."""
    file = only(path, "*.json") or path
    rows = json.loads(file.read_text(encoding="utf-8"))
    samples = tuple(_research_sample(number, row) for number, row in enumerate(rows))
    return Corpus(name_of(path), "presidio-research", _kinds(samples), samples)


def _research_sample(number: int, row: Mapping[str, Any]) -> Sample:
    spans = (labelled(s["entity_type"], s["start_position"], s["end_position"]) for s in row["spans"])
    return text_sample(str(number), row["full_text"], tuple(spans))


def accepts_cases(path: Path) -> bool:
    """JSON Lines of test, entities and case."""
    file = only(path, "*.jsonl")
    return file is not None and {"test", "entities", "case"} <= first_keys(file)


def read_cases(path: Path) -> Corpus:
    """The cases of generic and American entities that give a text and what to expect in it.

    Each case judges its own entity alone. Those of other countries, of checksums by themselves, of deny lists and of
    language models are left out.
    """
    file = only(path, "*.jsonl") or path
    samples = tuple(_cases(lines_of(file)))
    return Corpus(name_of(path), "presidio-tests", _kinds(samples), samples)


def _cases(rows: Iterator[Any]) -> Iterator[Sample]:
    for number, row in enumerate(rows, start=1):
        case = row["case"]
        entity = _entity(row)
        text = case.get("text", case.get("iban"))
        places = _places(case)
        if not entity or not text or places is None:
            continue
        expected = tuple(labelled(entity, start, end) for start, end in places)
        yield replace(text_sample(f"{number} {entity}", text, expected), kinds=frozenset({kind_of(entity)}))


def _entity(row: Mapping[str, Any]) -> str:
    """The one entity of a case, "" where it is none of ours to look for."""
    entities = row["entities"] or row["case"].get("entities") or []
    names = set(entities)
    if len(names) != 1:
        return ""
    name = str(names.pop())
    ours = name in _GENERIC or name in _AMERICAN or name == "PHONE_NUMBER" or name.startswith("US_")
    return name if ours else ""


def _places(case: Mapping[str, Any]) -> list[tuple[int, int]] | None:
    """Where the values are; None where the case doesn't say, or says how many there are and not where."""
    if case.get("expected_len") == 0:
        return []
    for key in ("expected_positions", "expected_res"):
        if key in case:
            if case.get("expected_len") and not case[key]:
                return None
            return [(int(start), int(end)) for start, end in case[key]]
    if "expected_position" in case:
        start, end = case["expected_position"]
        return [(int(start), int(end))]
    return None


def _kinds(samples: tuple[Sample, ...]) -> frozenset[str]:
    labels: Iterator[Expected] = (expected for sample in samples for expected in sample.expected)
    return frozenset(kind_of(label.kind) for label in labels)
