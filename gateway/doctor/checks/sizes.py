"""Sizes and times of Postfix and Gatepost that have to fit together."""

from collections.abc import Iterator

from gateway.doctor.checks.way import outward
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, warning
from gateway.postfix import Survey

# What is sealed is written as base64 with line ends: 4/3 times 78/76 is 1.37.
GROWTH = 1.4
BUSY = 100


def _limit(survey: Survey, text: str) -> float:
    """message_size_limit; 0 means none."""
    number = int(text) if text.isdigit() else 0
    return float(number) if number else float("inf")


def _bytes(number: float) -> str:
    return "no limit" if number == float("inf") else f"{int(number):,} bytes"


def larger_than_ours(machine: Machine) -> Iterator[Found]:
    """What Postfix takes and Gatepost refuses."""
    for survey, wish in machine.surveyed():
        limit = _limit(survey, survey.value("message_size_limit"))
        if limit > wish.largest_message:
            reason = (
                f"Postfix takes messages of {_bytes(limit)}, Gatepost of {wish.largest_message:,} "
                "(milter.max-message-bytes): those between are refused with 552"
            )
            yield warning("main.cf: message_size_limit", reason, "set it to Gatepost's limit or below")


def encrypted_copies(machine: Machine) -> Iterator[Found]:
    """cleanup(8) holds an encrypted message to main.cf's limit, whatever its listener may take."""
    if not _encrypts(machine):
        return
    for survey, wish in machine.surveyed():
        ceiling = _limit(survey, survey.parameters.get("message_size_limit", "0"))
        for service in outward(survey, wish):
            taken = _limit(survey, survey.value("message_size_limit", service))
            taken = min(taken, float(wish.largest_message))
            if taken * GROWTH > ceiling:
                yield warning(
                    f"{service.key}: message_size_limit",
                    f"takes messages of {_bytes(taken)}; encrypted they have up to {GROWTH} times that, more than "
                    f"main.cf's limit of {_bytes(ceiling)}, so that Postfix cannot queue the largest",
                    f"set message_size_limit in main.cf to {int(taken * GROWTH):,} (without commas) and give "
                    f"{service.key} -o message_size_limit={int(taken)} in master.cf",
                )


def _encrypts(machine: Machine) -> bool:
    """Somebody can be encrypted for: there are authorities for certificates, or a GnuPG home with keys."""
    encryption = machine.config.encryption
    return encryption.anchors.exists() or (encryption.gnupg_home / "pubring.kbx").exists()


def busy_listener(machine: Machine) -> Iterator[Found]:
    """More connections than messages that Gatepost holds at once."""
    for survey, wish in machine.surveyed():
        most = survey.value("default_process_limit")
        held = machine.config.milter.max_in_flight
        listeners = sum(1 for _ in outward(survey, wish))
        if most.isdigit() and int(most) * listeners > max(held, BUSY):
            reason = (
                f"Postfix may send {int(most) * listeners} messages at once, Gatepost holds {held}: the rest gets 451"
            )
            yield warning("gatepost.yaml: milter.max-in-flight", reason, "raise it, or lower default_process_limit")


def reading_time(machine: Machine) -> Iterator[Found]:
    """Attachments may take no longer than the whole message, both in processor time."""
    limits, workers = machine.config.limits, machine.config.workers
    if limits.seconds >= workers.cpu_seconds:
        reason = (
            f"reading attachments may take {limits.seconds:g} s of processor time, the whole inspection "
            f"{workers.cpu_seconds:g} s: a slow attachment kills its worker instead of counting as unread"
        )
        yield warning("gatepost.yaml: limits.seconds", reason, "set it well below workers.cpu-seconds")


def unpacking_memory(machine: Machine) -> Iterator[Found]:
    """Texts and unpacked files of one message have to fit into one worker."""
    limits, workers = machine.config.limits, machine.config.workers
    if limits.unpacked_bytes > workers.memory_mib << 19:
        reason = f"one message may unpack to {limits.unpacked_bytes:,} bytes, over half of a worker's memory"
        yield warning("gatepost.yaml: limits.unpacked-bytes", reason, "lower it, or raise workers.memory-mib")
