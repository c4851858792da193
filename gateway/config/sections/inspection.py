"""Sections on looking at messages: the workers, how much is read, by which rules."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from gateway.config import checks
from gateway.config.places import shipped
from gateway.config.sections.base import MIB, Count, Place, Seconds, Section, setting
from gateway.core.limits import Limits as CoreLimits


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


class Workers(Section):
    """The processes that inspect messages."""

    count: Count = setting(
        cores, "Number of worker processes.", unit="processes", shown="number of cores", ge=1, le=512
    )
    deadline_seconds: Seconds = setting(
        60,
        "Longest time for the inspection of one message, by the clock. Then its worker is killed.",
        unit="seconds",
        gt=0,
        le=600,
    )
    memory_mib: Count = setting(
        424,
        "Most memory that a worker takes for one message, beside four times the size of that message.",
        unit="MiB",
        ge=128,
        le=65_536,
    )
    cpu_seconds: Count = setting(
        20, "Most processor time of one worker for one message.", unit="seconds", ge=1, le=3_600
    )
    aside: Count = setting(
        8,
        "Messages that may be finished aside: one that takes longer than a quarter of a second goes on at a low "
        "priority, and another worker takes its place. More than so many at the same time make others wait.",
        unit="messages",
        ge=0,
        le=512,
    )
    recycle_after: Count = setting(
        2_000, "A worker is replaced after this many messages.", unit="messages", ge=1, le=1_000_000
    )
    queue_limit: Count = setting(
        256, "Messages that may wait for a worker. One more is answered 451.", unit="messages", ge=1, le=100_000
    )


class Limits(Section):
    """How much of one message is read. What lies past a limit is opaque, which the policy decides on."""

    depth: Count = setting(32, "Nesting of multiparts, attached messages and files.", unit="levels", ge=1, le=200)
    parts: Count = setting(2_000, "Parts of one message.", unit="parts", ge=1, le=100_000)
    header_bytes: Count = setting(MIB, "Header of one part.", unit="bytes", ge=1_024, le=64 * MIB)
    headers: Count = setting(2_000, "Header fields of one part.", unit="fields", ge=10, le=100_000)
    text_bytes: Count = setting(64 * MIB, "Decoded text of one message.", unit="bytes", ge=1_024, le=2_048 * MIB)
    unpacked_bytes: Count = setting(
        128 * MIB, "What archives and documents of one message unpack to.", unit="bytes", ge=MIB, le=2_048 * MIB
    )
    ratio: Count = setting(
        200, "Unpacked to packed bytes of one file, where it unpacks to more than 4 MiB.", ge=2, le=1_100
    )
    entries: Count = setting(2_000, "Files inside the files of one message.", unit="files", ge=1, le=1_000_000)
    pages: Count = setting(1_000, "Pages of the documents of one message.", unit="pages", ge=1, le=100_000)
    pixels: Count = setting(
        64_000_000, "Pixels of the pictures of one message.", unit="pixels", ge=1_000_000, le=1_000_000_000
    )
    seconds: Seconds = setting(
        15,
        "Processor time for reading the files of one message. Keep it well below `workers.cpu-seconds`.",
        unit="seconds",
        gt=0,
        le=600,
    )
    findings: Count = setting(10_000, "Findings of one detector in one message.", unit="findings", ge=1, le=1_000_000)
    model_characters: Count = setting(
        300_000, "Characters of one message that a language model reads.", unit="characters", ge=1_000, le=10_000_000
    )

    def core(self) -> CoreLimits:
        """The same values in the vocabulary of the inspection."""
        return CoreLimits(**self.model_dump())


class Policy(Section):
    """Which rules decide."""

    file: Place = setting(
        lambda: shipped("rules") / "policy.yaml",
        "The policy. Packs and detectors are the folders `packs` and `detectors` beside it.",
        shown="the shipped `rules/policy.yaml`",
    )
    require_signature: Annotated[Path | None, AfterValidator(checks.absolute_or_none)] = setting(
        None,
        "Public key (Ed25519, PEM). Only rules that `gatepost rules sign` signed with its private key are taken. "
        "Others are refused at start; a reload keeps the old ones.",
        shown="none: rules need no signature",
    )
