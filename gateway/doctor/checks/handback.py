"""The listener that Gatepost hands copies, released messages and notices back to."""

from collections.abc import Iterator

from gateway.doctor.checks.way import APPLY, WIRED
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning
from gateway.postfix import Service, Survey, milters
from gateway.postfix.plan import listener_key
from gateway.postfix.survey import LOOPBACK_HOSTS

_CLOSED = ("127.", "[::1]", "::1")


def _listener(machine: Machine) -> Iterator[tuple[Survey, Service]]:
    for survey, wish in machine.surveyed():
        service = survey.service(listener_key(wish))
        if service is not None and service.is_smtpd:
            yield survey, service


def missing(machine: Machine) -> Iterator[Found]:
    """Without it every further copy fails."""
    for survey, wish in machine.surveyed():
        service = survey.service(listener_key(wish))
        if service is None or not service.is_smtpd:
            reason = "Gatepost has nowhere to hand copies, released messages and notices: such mail is answered 451"
            yield critical(f"master.cf: {listener_key(wish)}", reason, APPLY, follows=WIRED)


def open_to_others(machine: Machine) -> Iterator[Found]:
    """Who reaches it sends unseen and, as one of mynetworks, anywhere."""
    host = machine.wish.submit_host
    if not host.startswith(LOOPBACK_HOSTS):
        reason = f"Gatepost hands back to {host}, over the network and by a listener that nobody filters"
        yield critical("gatepost.yaml: postfix.submit-host", reason, "set it to 127.0.0.1")
    for survey, wish in machine.surveyed():
        for service in survey.smtpd:
            named = service.overrides.get("milter_macro_daemon_name") == wish.listener
            if (named or service.port == str(wish.submit_port)) and not service.is_loopback_only:
                reason = "the listener that nobody filters can be reached from outside: anybody could send by it unseen"
                yield critical(
                    f"master.cf: {service.key}",
                    reason,
                    f"name it 127.0.0.1:{service.port}, and reload Postfix; then {APPLY}",
                )


def not_for_everybody(machine: Machine) -> Iterator[Found]:
    """Its own restrictions: this machine, and then nobody."""
    for survey, service in _listener(machine):
        networks = survey.value("mynetworks", service).replace(",", " ").split()
        wide = [network for network in networks if not network.startswith(_CLOSED)]
        if wide:
            reason = f"its mynetworks has {', '.join(wide[:3])}: more than this machine may send by it unseen"
            yield critical(f"master.cf: {service.key}: mynetworks", reason, APPLY)
        restrictions = survey.value("smtpd_client_restrictions", service).replace(",", " ").split()
        if "reject" not in restrictions:
            reason = "it turns nobody away: smtpd_client_restrictions has to end with reject"
            yield warning(f"master.cf: {service.key}: smtpd_client_restrictions", reason, APPLY)


def unnamed(machine: Machine) -> Iterator[Found]:
    """By the name Gatepost knows its own messages; else they come round again."""
    for survey, service in _listener(machine):
        wish = machine.wish
        leads_to_us = any(
            milters.same(milters.address(item), wish.address_for(survey.queue), str(survey.queue))
            for item in milters.items(survey.value("smtpd_milters", service))
        )
        if leads_to_us and survey.value("milter_macro_daemon_name", service) != wish.listener:
            reason = "what Gatepost hands back comes to it again, without the name by which it knows its own messages"
            yield critical(f"master.cf: {service.key}: milter_macro_daemon_name", reason, APPLY)


def unsigned(machine: Machine) -> Iterator[Found]:
    """Copies need their signature as the first message has."""
    for survey, service in _listener(machine):
        signers = [item for item in milters.items(survey.value("smtpd_milters")) if milters.is_signer(item)]
        there = survey.value("smtpd_milters", service)
        lost = [milters.address(item) for item in signers if milters.address(item) not in there]
        if lost:
            reason = f"{', '.join(lost)} signs mail, but not what comes in here: copies and released mail go unsigned"
            yield warning(f"master.cf: {service.key}: smtpd_milters", reason, APPLY)
