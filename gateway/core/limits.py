"""How much of one message is read. Past a limit the rest is `Opaque`, which the policy decides on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """For the message as a whole; enforced on real bytes, never on declared ones."""

    depth: int = 32  # nesting of multiparts, messages and files
    parts: int = 2_000
    header_bytes: int = 1_048_576  # of one part
    headers: int = 2_000  # fields of one part
    text_bytes: int = 67_108_864  # decoded text handed to detecting
    findings: int = 10_000  # of one detector in one message
    model_characters: int = 300_000  # characters of one message that a model of language reads
    unpacked_bytes: int = 134_217_728  # that come out of archives and documents
    ratio: int = 200  # unpacked to packed bytes of one file, from 4 MiB on
    entries: int = 2_000  # files inside files
    pages: int = 1_000
    pixels: int = 64_000_000  # decoded for reading pictures
    seconds: float = 15.0  # of the processor, for reading files
