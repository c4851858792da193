"""Settings of Postfix itself by which content leaks, messages are read in two ways, or protection is only feigned."""

import re
from collections.abc import Iterator

from gateway.doctor.checks.way import APPLY, WIRED, outward
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning
from gateway.postfix import Service, Survey
from gateway.postfix.lanes import lane_changes
from gateway.postfix.plan import BARE_NEWLINE, bare_newline

OLDEST = (3, 5)  # Debian 11's; the tests run with 3.7
TELLTALE = ("bounce", "2bounce", "delay", "policy", "protocol", "data")
BOUNCED_BYTES = 50_000  # as Postfix is shipped


def _until_wired(survey: Survey, name: str, service: Service | None = None) -> str:
    """`gatepost postfix apply` sets what nobody has set, and leaves what somebody has."""
    written = name in survey.written or (service is not None and name in service.overrides)
    return "" if written else WIRED


def smuggling(machine: Machine) -> Iterator[Found]:
    """A second message hidden in one by a bare line feed."""
    for survey, wish in machine.surveyed():
        known = BARE_NEWLINE in survey.parameters
        if not known:
            reason = "this Postfix cannot forbid bare line feeds: a client can smuggle a second message into one"
            yield warning(BARE_NEWLINE, reason, "upgrade Postfix to 3.5.24, 3.6.14, 3.7.10, 3.8.5 or later")
            continue
        for service in outward(survey, wish):
            if survey.value(BARE_NEWLINE, service) == "no":
                reason = f"by {service.key} a client can smuggle a second message into one, under another's name"
                yield critical(
                    BARE_NEWLINE,
                    reason,
                    f"postconf -e {BARE_NEWLINE}={bare_newline(survey)}; postfix reload",
                    follows=_until_wired(survey, BARE_NEWLINE, service),
                )


def nul_characters(machine: Machine) -> Iterator[Found]:
    """A NUL ends a text for some programs and not for others."""
    for survey, _ in machine.surveyed():
        if r"\0" not in survey.value("message_strip_characters"):
            reason = "a NUL inside a message is read differently by different programs"
            yield warning(
                "main.cf: message_strip_characters",
                reason,
                r"postconf -e 'message_strip_characters=\0'",
                follows=_until_wired(survey, "message_strip_characters"),
            )


def alias_of_recipient(machine: Machine) -> Iterator[Found]:
    """Postfix finds a recipient to take off by the address that the client gave."""
    for survey, _ in machine.surveyed():
        if survey.value("enable_original_recipient") == "no":
            reason = "a recipient with an alias whom Gatepost takes off a message gets it all the same"
            yield critical("main.cf: enable_original_recipient", reason, APPLY, follows=WIRED)


def bounces(machine: Machine) -> Iterator[Found]:
    """Bounces and notices to the postmaster that carry what was to be protected. No milter sees them."""
    for survey, _ in machine.surveyed():
        size = survey.value("bounce_size_limit")
        if size.isdigit() and not 0 < int(size) <= BOUNCED_BYTES:
            reason = (
                "bounces carry whole messages, and no milter sees a bounce: content goes to whom the envelope names"
            )
            yield warning("main.cf: bounce_size_limit", reason, "postconf -e bounce_size_limit=1: the header alone")
        told = [word for word in survey.value("notify_classes").replace(",", " ").split() if word in TELLTALE]
        if told:
            reason = f"notify_classes {', '.join(told)} send headers and transcripts of messages to the postmaster"
            yield warning("main.cf: notify_classes", reason, "postconf -e 'notify_classes=resource, software'")


def old_postfix(machine: Machine) -> Iterator[Found]:
    """Older than what Gatepost is tried with."""
    for survey, _ in machine.surveyed():
        version = survey.parameters.get("mail_version", "")
        found = re.match(r"([0-9]+)\.([0-9]+)", version)
        if found and (int(found[1]), int(found[2])) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            reason = f"this is Postfix {version}; Gatepost supports {oldest} and later"
            yield warning("Postfix", reason, "upgrade Postfix")


def lanes(machine: Machine) -> Iterator[Found]:
    """TLS counts as protection by the lanes that gatepost.yaml names: Postfix must have them, as they were put in."""
    for survey, wish in machine.surveyed():
        if changes := list(lane_changes(survey, wish)):
            places = ", ".join(dict.fromkeys(change.place for change in changes[:3]))
            reason = (
                f"gatepost.yaml says that Postfix has the TLS lanes {', '.join(wish.lanes)}, and it has not, or "
                f"not so: {places}. Mail that counts as encrypted would leave in plain"
            )
            yield critical(
                "gatepost.yaml: postfix.lanes", reason, f"{APPLY} --tls-lanes, or take the lanes out", follows=WIRED
            )


def other_lanes_first(machine: Machine) -> Iterator[Found]:
    """Tables of others before ours could send a copy another way."""
    for survey, wish in machine.surveyed():
        first = re.split(r"[\s,]+", survey.written.get("milter_header_checks", ""))[0]
        if wish.lanes and first and "gatepost-lanes" not in first:
            reason = f"milter_header_checks asks {first} before Gatepost's lanes: a FILTER there would win"
            yield warning("main.cf: milter_header_checks", reason, "put Gatepost's table first")


def local_tls(machine: Machine) -> Iterator[Found]:
    """People's passwords and messages on the way in."""
    for survey, wish in machine.surveyed():
        for service in outward(survey, wish):
            login = survey.value("smtpd_sasl_auth_enable", service) == "yes"
            level = survey.value("smtpd_tls_security_level", service)
            guarded = survey.value("smtpd_tls_auth_only", service) == "yes" or level == "encrypt"
            wrapped = survey.value("smtpd_tls_wrappermode", service) == "yes"
            if login and not guarded and not wrapped and not service.is_loopback_only:
                reason = f"{service.key} takes passwords without TLS: who reads one sends as its owner"
                yield warning(f"{service.key}: smtpd_tls_auth_only", reason, "set it to yes, with a certificate")
