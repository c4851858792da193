"""Does all mail of this Postfix come to Gatepost, and does nothing change it unseen behind it?"""

import re
from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Found, critical, warning
from gateway.postfix import Service, Survey, Wish, milters
from gateway.postfix.plan import SILENCED, listener_key

APPLY = "gatepost postfix apply"
WIRED = "wired"  # the check that all others of this way stand on
_FILE_TABLES = ("cidr", "texthash", "hash", "lmdb", "btree", "regexp", "pcre")


def ours(survey: Survey, wish: Wish, value: str) -> str | None:
    """The entry of a milter list that leads to Gatepost."""
    queue = str(survey.queue)
    wanted = wish.address_for(survey.queue)
    return next((item for item in milters.items(value) if milters.same(milters.address(item), wanted, queue)), None)


def outward(survey: Survey, wish: Wish) -> Iterator[Service]:
    """Every service that takes mail by SMTP, but for the listener that Gatepost hands back to."""
    return (service for service in survey.smtpd if service.key != listener_key(wish))


def _reached_by(service: Service) -> str:
    return "programs of this machine" if service.is_loopback_only else "ANYBODY WHO REACHES IT"


def wired(machine: Machine) -> Iterator[Found]:
    """Before `gatepost postfix apply`, after `gatepost postfix remove`, or with the milter at another address."""
    for survey, wish in machine.surveyed():
        lists = [survey.value("smtpd_milters"), survey.value("non_smtpd_milters")]
        lists += [survey.value("smtpd_milters", service) for service in outward(survey, wish)]
        by_client = any(value for _, value in everywhere(survey, "smtpd_milter_maps"))
        if not by_client and all(ours(survey, wish, value) is None for value in lists):
            where = wish.address_for(survey.queue)
            reason = f"Postfix is not wired to Gatepost: none of its lists of milters has {where}, all mail goes unseen"
            yield critical(str(survey.folder), reason, APPLY)


def listener_past(machine: Machine) -> Iterator[Found]:
    """A listener whose list of milters lacks Gatepost."""
    for survey, wish in machine.surveyed():
        for service in outward(survey, wish):
            value = survey.value("smtpd_milters", service)
            if ours(survey, wish, value) is not None:
                continue
            said = f"{service.key} sends past Gatepost: its smtpd_milters is “{value or 'empty'}”, and "
            said += f"{_reached_by(service)} can send by it unseen"
            remedy = f"{APPLY} --include {service.name}, unless a content filter hands its mail back there"
            if not service.is_loopback_only:
                yield critical("master.cf", said, remedy, follows=WIRED)
            elif not _hands_back(survey, service):
                yield warning("master.cf", said, remedy, follows=WIRED)


def _hands_back(survey: Survey, service: Service) -> bool:
    """A content filter is in use and milters are switched off here by name: mail comes here a second time."""
    filters = ("content_filter", "smtpd_proxy_filter")
    used = any(survey.value(name, other) for name in filters for other in (None, *survey.smtpd))
    return used and ("smtpd_milters" in service.overrides or SILENCED in survey.value(_OPTIONS, service))


_OPTIONS = "receive_override_options"


def local_mail(machine: Machine) -> Iterator[Found]:
    """Mail of sendmail(1) and of local programs has a list of its own."""
    for survey, wish in machine.surveyed():
        value = survey.value("non_smtpd_milters")
        if ours(survey, wish, value) is None:
            reason = (
                f"mail of local programs (sendmail, cron, web applications) is not filtered: it is “{value or 'empty'}”"
            )
            yield critical("main.cf: non_smtpd_milters", reason, APPLY, follows=WIRED)


def switched_off(machine: Machine) -> Iterator[Found]:
    """`no_milters` takes the milters away, whatever their lists say."""
    for survey, wish in machine.surveyed():
        if SILENCED in survey.parameters.get(_OPTIONS, ""):
            reason = "no_milters switches all milters off, for every listener that does not say otherwise"
            yield critical(f"main.cf: {_OPTIONS}", reason, f"take no_milters out, then {APPLY}")
            continue
        for service in outward(survey, wish):
            if SILENCED in survey.value(_OPTIONS, service) and not (
                service.is_loopback_only and _hands_back(survey, service)
            ):
                reason = f"no_milters switches milters off here: {_reached_by(service)} can send by it unseen"
                yield critical(f"master.cf: {service.key}: {_OPTIONS}", reason, f"{APPLY} --include {service.name}")


def exempted_clients(machine: Machine) -> Iterator[Found]:
    """smtpd_milter_maps lets clients past."""
    for survey, wish in machine.surveyed():
        for place, value in everywhere(survey, "smtpd_milter_maps"):
            if not value:
                continue
            exempt = _disabled(value)
            if exempt is None:
                said = f"{value} says which clients have which milters, and cannot be read through from here"
                yield warning(place, said, "look through it: DISABLE, or a list without Gatepost, lets a client past")
            elif exempt or not _all_ours(survey, wish, value):
                said = f"{value} lets clients past Gatepost" + (f": {', '.join(exempt[:5])}" if exempt else "")
                yield critical(place, said, "take these entries out, or name Gatepost's milter in them too")


def everywhere(survey: Survey, name: str) -> Iterator[tuple[str, str]]:
    """Where a setting is written, and its value there."""
    yield f"main.cf: {name}", survey.parameters.get(name, "")
    for service in survey.services:
        if name in service.overrides:
            yield f"master.cf: {service.key}: {name}", service.overrides[name]


def _rows(value: str) -> list[tuple[str, str]] | None:
    """Pattern and answer of each line of all tables; None where one of them is no text file."""
    rows = []
    for table in re.findall(r"[^\s,]+", value):
        kind, _, where = table.partition(":")
        if kind not in _FILE_TABLES or not Path(where).is_file():
            return None
        for line in Path(where).read_text("utf-8", "replace").splitlines():
            pattern, _, answer = line.strip().partition(" " if kind not in ("regexp", "pcre") else "/ ")
            if pattern and not pattern.startswith("#"):
                rows.append((pattern, answer.strip()))
    return rows


def _disabled(value: str) -> list[str] | None:
    rows = _rows(value)
    return None if rows is None else [pattern for pattern, answer in rows if answer.upper() == "DISABLE"]


def _all_ours(survey: Survey, wish: Wish, value: str) -> bool:
    return all(ours(survey, wish, answer) is not None for _, answer in _rows(value) or ())


def content_filter(machine: Machine) -> Iterator[Found]:
    """A filter behind the queue gets the message after Gatepost and hands back what it likes."""
    for survey, _ in machine.surveyed():
        for place, value in everywhere(survey, "content_filter"):
            if value:
                reason = (
                    f"{value} gets each message behind Gatepost and hands it back by a listener that nobody filters"
                )
                remedy = "make sure that it neither adds recipients nor text; better, make it a milter before Gatepost"
                yield warning(place, reason, remedy)


def proxy_filter(machine: Machine) -> Iterator[Found]:
    """With a before-queue proxy Postfix shows the milters no content."""
    for survey, wish in machine.surveyed():
        for service in outward(survey, wish):
            if value := survey.value("smtpd_proxy_filter", service):
                reason = f"{value} gets the content here; what it hands back must come in by a filtered listener"
                yield warning(
                    f"{service.key}: smtpd_proxy_filter",
                    reason,
                    "filter the listener that it hands back to (--include), or make the proxy a milter",
                )


def silent_copies(machine: Machine) -> Iterator[Found]:
    """Recipients that Postfix adds behind the milters are seen by nobody."""
    for survey, _ in machine.surveyed():
        for name in ("always_bcc", "sender_bcc_maps", "recipient_bcc_maps"):
            for place, value in everywhere(survey, name):
                if value:
                    reason = f"{value}: Postfix adds these recipients behind Gatepost, which does not see them"
                    yield warning(place, reason, "use a rule with copy-to instead, or see that they are inside")


def other_instances(machine: Machine) -> Iterator[Found]:
    """Mail that leaves by another Postfix of this machine."""
    for survey, _ in machine.surveyed():
        if survey.instances:
            reason = f"other Postfix instances run here: {', '.join(survey.instances)}"
            remedy = "run this command for each, with --postfix-config; or say for yourself why one needs no filter"
            yield warning("main.cf: multi_instance_directories", reason, remedy)


def feigned_listener(machine: Machine) -> Iterator[Found]:
    """The name by which Gatepost knows its own messages, borne by somebody else."""
    for survey, wish in machine.surveyed():
        reason = f"what comes in under the name {wish.listener} is taken for Gatepost's own and not looked at"
        if survey.parameters.get("milter_macro_daemon_name") == wish.listener:
            yield critical("main.cf: milter_macro_daemon_name", reason, "take the line out of main.cf")
        for service in survey.services:
            if service.overrides.get("milter_macro_daemon_name") == wish.listener and service.key != listener_key(wish):
                yield critical(f"master.cf: {service.key}: milter_macro_daemon_name", reason, "take the setting out")


def out_of_reach(machine: Machine) -> Iterator[Found]:
    """A unix socket outside the chroot of those who should connect to it."""
    for survey, wish in machine.surveyed():
        path = wish.socket_path
        caged = [s.key for s in survey.services if s.program in ("smtpd", "cleanup") and survey.in_chroot(s)]
        if path is not None and caged and not path.is_relative_to(survey.queue):
            reason = (
                f"{', '.join(caged[:3])} run in a chroot below {survey.queue} and cannot reach {path}: all mail waits"
            )
            remedy = f"set milter.socket to unix:{survey.queue}/gatepost/milter.sock, restart Gatepost, then {APPLY}"
            yield critical("gatepost.yaml: milter.socket", reason, remedy)


def half_done(machine: Machine) -> Iterator[Found]:
    """`gatepost postfix apply` was cut off: by a power cut, say."""
    from gateway.postfix.record import APPLYING, RecordBook

    if machine.postfix is not None:
        record = RecordBook(machine.postfix.folder).read()
        if record is not None and record.state == APPLYING:
            reason = "a change of Postfix's configuration was cut off, and nobody knows how far it came"
            yield critical(str(machine.postfix.folder), reason, f"{APPLY}, or gatepost postfix remove")
