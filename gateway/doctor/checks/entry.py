"""How Postfix calls Gatepost: the entry of its milter lists."""

import re
from collections.abc import Iterator

from gateway.doctor.checks.way import APPLY, ours, outward
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning
from gateway.postfix import Survey, Wish, milters

SPEAKS = 6  # version of the milter protocol in which header values come as they are
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def seconds(text: str) -> float | None:
    """A time as postconf(5) writes it; a bare number is seconds."""
    found = re.fullmatch(r"([0-9]+)([smhdw]?)", text.strip())
    return float(found[1]) * _UNITS[found[2] or "s"] if found else None


def _lists(survey: Survey, wish: Wish) -> Iterator[tuple[str, str, str]]:
    """Place, whole list and our entry of every list that leads to Gatepost, each of the same words once."""
    named = [("main.cf: smtpd_milters", survey.value("smtpd_milters"))]
    named.append(("main.cf: non_smtpd_milters", survey.value("non_smtpd_milters")))
    own = (service for service in outward(survey, wish) if "smtpd_milters" in service.overrides)
    named += [(f"master.cf: {service.key}: smtpd_milters", service.overrides["smtpd_milters"]) for service in own]
    seen = set()
    for place, value in named:
        entry = ours(survey, wish, value)
        if entry is not None and value not in seen:
            seen.add(value)
            yield place, value, entry


def _said(survey: Survey, entry: str, name: str) -> str:
    """A setting of the entry, else the one for all milters."""
    return milters.settings(entry).get(name) or survey.value(f"milter_{name}")


def default_action(machine: Machine) -> Iterator[Found]:
    """What Postfix does while Gatepost does not answer."""
    for survey, wish in machine.surveyed():
        for place, _, entry in _lists(survey, wish):
            action = _said(survey, entry, "default_action")
            if action == "accept":
                reason = "default_action is accept: while Gatepost is down or slow, mail passes unseen"
                yield critical(place, reason, f"{APPLY} (it sets default_action=tempfail for this milter alone)")
            elif action not in ("tempfail", "shutdown"):
                reason = f"default_action is {action}: a short outage of Gatepost loses or strands mail"
                yield warning(place, reason, f"{APPLY} (tempfail lets the client try again)")


def protocol(machine: Machine) -> Iterator[Found]:
    """Older protocols hand headers over changed."""
    for survey, wish in machine.surveyed():
        for place, _, entry in _lists(survey, wish):
            version = _said(survey, entry, "protocol")
            if version.isdigit() and int(version) < SPEAKS:
                reason = f"milter protocol {version}: Gatepost needs {SPEAKS} to see headers byte for byte"
                yield critical(place, reason, APPLY)


def time_out(machine: Machine) -> Iterator[Found]:
    """Postfix must have more patience than one message can take."""
    for survey, wish in machine.surveyed():
        for place, _, entry in _lists(survey, wish):
            given = seconds(_said(survey, entry, "content_timeout"))
            needed = machine.config.workers.deadline_seconds + machine.config.postfix.timeout_seconds
            if given is not None and given < needed:
                reason = (
                    f"Postfix waits {given:g} s for Gatepost, one message may take {needed:g} s "
                    "(workers.deadline-seconds and postfix.timeout-seconds): it would be deferred again and again"
                )
                yield critical(place, reason, APPLY)


def signer_before(machine: Machine) -> Iterator[Found]:
    """A signature made before Gatepost changes the message does not hold."""
    for survey, wish in machine.surveyed():
        for place, value, entry in _lists(survey, wish):
            items = milters.items(value)
            early = [item for item in items[: items.index(entry)] if milters.is_signer(item)]
            if early:
                who = milters.address(early[0])
                reason = f"{who} signs before Gatepost: what Gatepost changes then breaks the signature (DKIM)"
                yield critical(place, reason, f"put it behind Gatepost; then {APPLY} --before {who}")


def several_times(machine: Machine) -> Iterator[Found]:
    """The same milter twice in one list: each message inspected and recorded twice."""
    for survey, wish in machine.surveyed():
        for place, value, entry in _lists(survey, wish):
            queue, where = str(survey.queue), milters.address(entry)
            if sum(milters.same(milters.address(item), where, queue) for item in milters.items(value)) > 1:
                yield warning(place, "Gatepost stands here twice: every message is inspected twice", APPLY)
