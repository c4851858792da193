"""How labelled data may be laid out."""

from enum import StrEnum


class Layout(StrEnum):
    """A layout of labelled data."""

    AUTO = "auto"
    JSONL = "jsonl"
    LABELLED = "labelled"
    CLEAR = "clear"
    PROTECTED = "protected"
    PRESIDIO_RESEARCH = "presidio-research"
    PRESIDIO_TESTS = "presidio-tests"
    CONLL = "conll"
    CCDA = "ccda"
    HL7V2 = "hl7v2"
    SECRETS = "secrets"
