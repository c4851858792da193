"""From what a Postfix is and what Gatepost needs to the changes between them. Nothing is changed here."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.postfix import milters
from gateway.postfix.change import AddService, Change, SetOverride, SetParameter
from gateway.postfix.lanes import lane_changes
from gateway.postfix.survey import LOOPBACK_HOSTS, Service, Survey
from gateway.postfix.wish import Wish

STRIPPED = r"\0"
SILENCED = "no_milters"
BARE_NEWLINE = "smtpd_forbid_bare_newline"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`changes` in the order to make them; `refusals`: why nothing may be changed; `notes`: what stays as it is."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    survey: Survey
    wish: Wish
    changes: list[Change] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def propose(survey: Survey, wish: Wish) -> Proposal:
    """What has to change so that every message passes Gatepost; no changes where that is so already."""
    draft = _Draft(survey, wish)
    draft.refusals += _refusals(survey, wish)
    _listener(draft)
    draft.changes += lane_changes(survey, wish)
    _milter_lists(draft)
    _listeners_apart(draft)
    _handling(draft)
    draft.notes += _notes(survey, wish)
    return Proposal(tuple(draft.changes), tuple(draft.refusals), tuple(draft.notes))


# --- what forbids a change ----------------------------------------------------------------------------------------


def _refusals(survey: Survey, wish: Wish) -> Iterator[str]:
    if not survey.smtpd and not any(service.program == "postscreen" for service in survey.services):
        yield f"{survey.folder}/master.cf has no smtpd service: it takes no mail by SMTP. Is it the right one?"
    if not wish.submit_host.startswith(LOOPBACK_HOSTS):
        yield (
            f"postfix.submit-host is {wish.submit_host}: the listener without a milter must be on this machine alone. "
            "Set it to 127.0.0.1"
        )
    yield from _socket_out_of_reach(survey, wish)
    yield from _forged_listener(survey, wish)
    yield from _port_taken(survey, wish)


def _socket_out_of_reach(survey: Survey, wish: Wish) -> Iterator[str]:
    path = wish.socket_path
    caged = [service.key for service in survey.services if service.program in ("smtpd", "cleanup")]
    caged = [key for key in caged if (service := survey.service(key)) is not None and survey.in_chroot(service)]
    if path is not None and caged and not path.is_relative_to(survey.queue):
        yield (
            f"the milter's socket {path} is out of reach for {', '.join(caged[:3])}, which run in a chroot below "
            f"{survey.queue}. Set milter.socket to unix:{survey.queue}/gatepost/milter.sock and restart Gatepost"
        )


def _forged_listener(survey: Survey, wish: Wish) -> Iterator[str]:
    """Gatepost lets pass what came in by its own listener: nobody else may bear that name."""
    if survey.parameters.get("milter_macro_daemon_name") == wish.listener:
        yield (
            f"main.cf sets milter_macro_daemon_name to {wish.listener} for all mail, so that none would be looked at. "
            "Take that line out"
        )
    for service in survey.services:
        named = service.overrides.get("milter_macro_daemon_name") == wish.listener
        if named and service.key != listener_key(wish):
            yield (
                f"master.cf: {service.key} is named {wish.listener} too, so that its mail would not be looked at. "
                "Take that setting out, or set postfix.submit-port to its port"
            )


def _port_taken(survey: Survey, wish: Wish) -> Iterator[str]:
    for service in survey.services:
        taken = service.kind == "inet" and service.port == str(wish.submit_port)
        if taken and (service.key != listener_key(wish) or not service.is_smtpd):
            yield (
                f"master.cf: port {wish.submit_port} is taken by {service.key} ({service.program}). "
                "Choose another with postfix.submit-port"
            )


# --- the listener without a milter --------------------------------------------------------------------------------


def listener_key(wish: Wish) -> str:
    return f"{wish.submit_host}:{wish.submit_port}/inet"


def _listener_settings(survey: Survey, wish: Wish) -> dict[str, str]:
    """For what Gatepost hands back. Only signers see it: Gatepost has."""
    signers = [item for item in milters.items(survey.value("smtpd_milters")) if milters.is_signer(item)]
    lanes = {"cleanup_service_name": "cleanup-lanes"} if wish.lanes else {}
    return {
        **lanes,
        "smtpd_milters": ",".join(signers),
        "milter_macro_daemon_name": wish.listener,
        "mynetworks": "127.0.0.0/8,[::1]/128",
        "smtpd_client_restrictions": "permit_mynetworks,reject",
        "smtpd_helo_restrictions": "",
        "smtpd_sender_restrictions": "",
        "smtpd_relay_restrictions": "permit_mynetworks,reject",
        "smtpd_recipient_restrictions": "",
        "smtpd_data_restrictions": "",
        "smtpd_end_of_data_restrictions": "",
        "smtpd_sasl_auth_enable": "no",
        "smtpd_tls_security_level": "none",
        "smtpd_authorized_xforward_hosts": "127.0.0.0/8,[::1]/128",
        "smtpd_proxy_filter": "",
        "smtpd_client_connection_count_limit": "0",
        "smtpd_client_connection_rate_limit": "0",
    }


def _listener(draft: _Draft) -> None:
    survey, wish = draft.survey, draft.wish
    key = listener_key(wish)
    present = survey.service(key)
    if present is None:
        line = f"{wish.submit_host}:{wish.submit_port} inet n - n - - smtpd"
        reason = "takes what Gatepost hands back (copies, released messages, notices), which must not come to it again"
        draft.changes.append(AddService(key, line, reason))
    for name, value in _listener_settings(survey, wish).items():
        old = present.written.get(name) if present is not None else None
        now = present.overrides.get(name) if present is not None else None
        if now != value:
            draft.changes.append(SetOverride(key, name, value, old, _LISTENER_REASONS.get(name, _PLAIN)))


_PLAIN = "rules for strangers do not apply to this machine's own filter"
_LISTENER_REASONS = {
    "cleanup_service_name": "copies that Gatepost hands back find their TLS lane",
    "smtpd_milters": "signers alone: Gatepost has seen these messages",
    "milter_macro_daemon_name": "the name by which Gatepost knows its own messages",
    "mynetworks": "this machine alone",
    "smtpd_client_restrictions": "nobody but this machine may use it",
    "smtpd_relay_restrictions": "nobody but this machine may use it",
    "smtpd_tls_security_level": "the connection never leaves this machine",
    "smtpd_authorized_xforward_hosts": "copies keep the name under which the message came in",
    "smtpd_sasl_auth_enable": "the connection never leaves this machine",
    "smtpd_client_connection_count_limit": "many messages may be handed back at once",
    "smtpd_client_connection_rate_limit": "many messages may be handed back at once",
}


# --- the milter lists ---------------------------------------------------------------------------------------------


def _milter_lists(draft: _Draft) -> None:
    survey = draft.survey
    for name, what in (("smtpd_milters", "mail by SMTP"), ("non_smtpd_milters", "mail of local programs (sendmail)")):
        written = survey.written.get(name)
        if name == "non_smtpd_milters" and written is not None and "$smtpd_milters" in written:
            continue
        if (new := _with_ours(draft, written or "")) is not None:
            draft.changes.append(SetParameter(name, new, written, f"{what} comes to Gatepost"))


def _with_ours(draft: _Draft, written: str) -> str | None:
    """The list with our milter, settings and all; None where it is there already."""
    queue = draft.survey.queue
    ours = draft.wish.milter_for(queue)
    present = milters.items(written)
    others = [item for item in present if not milters.same(milters.address(item), milters.address(ours), str(queue))]
    if len(others) < len(present) and ours in present and present.count(ours) == len(present) - len(others):
        return None
    if draft.wish.before and draft.wish.before not in map(milters.address, others):
        draft.notes.append(f"--before {draft.wish.before}: no such milter in “{written}”")
    placed = milters.inserted(others, ours, draft.wish.before)
    return ", ".join(placed)


def _listeners_apart(draft: _Draft) -> None:
    """Services of master.cf that say themselves which milters they have."""
    survey, wish = draft.survey, draft.wish
    for service in survey.smtpd:
        if service.key == listener_key(wish):
            continue
        options = service.overrides.get("receive_override_options", "")
        if SILENCED in options:
            _silenced(draft, service, "receive_override_options", _without_silence(options))
        written = service.written.get("smtpd_milters")
        if written is None or "$smtpd_milters" in written:
            continue
        new = _with_ours(draft, written)
        if new is None:
            continue
        if milters.items(written) or SILENCED in options:
            reason = "it has a list of milters of its own, which lacks Gatepost"
            if milters.items(written):
                draft.changes.append(SetOverride(service.key, "smtpd_milters", new, written, reason))
        else:
            _silenced(draft, service, "smtpd_milters", new)


def _without_silence(options: str) -> str:
    return ",".join(word for word in options.replace(",", " ").split() if word != SILENCED)


def _silenced(draft: _Draft, service: Service, name: str, new: str) -> None:
    """A listener with milters switched off: changed only if told so, since filters hand mail back by them."""
    if service.key in draft.wish.include or service.name in draft.wish.include:
        reason = "you asked for it: milters were switched off here"
        draft.changes.append(SetOverride(service.key, name, new, service.written.get(name), reason))
        return
    who = "programs of this machine" if service.is_loopback_only else "ANYBODY WHO REACHES IT"
    draft.notes.append(
        f"master.cf: {service.key} has milters switched off ({name}) and stays so: {who} can send by it past Gatepost. "
        f"If no filter hands its mail back there, add --include {service.name}"
    )


# --- the rest -----------------------------------------------------------------------------------------------------


def _handling(draft: _Draft) -> None:
    original = draft.survey.written.get("enable_original_recipient")
    if draft.survey.value("enable_original_recipient") == "no":
        reason = "a recipient with an alias whom Gatepost takes off a copy would get it all the same (cleanup(8))"
        draft.changes.append(SetParameter("enable_original_recipient", "yes", original, reason))
    written = draft.survey.written.get("message_strip_characters")
    if written is None:
        reason = "a NUL inside a message is read differently by different programs: Postfix takes it out"
        draft.changes.append(SetParameter("message_strip_characters", STRIPPED, None, reason))
    if draft.survey.written.get(BARE_NEWLINE) is None and draft.survey.value(BARE_NEWLINE) == "no":
        reason = "a client could smuggle a second message into one (SMTP smuggling); clients of mynetworks are excepted"
        draft.changes.append(SetParameter(BARE_NEWLINE, bare_newline(draft.survey), None, reason))


def bare_newline(survey: Survey) -> str:
    """The best that this Postfix knows: versions before 3.6.14, 3.7.10 and 3.8.5 can only refuse."""
    return "normalize" if f"{BARE_NEWLINE}_reject_code" in survey.parameters else "yes"


def _notes(survey: Survey, wish: Wish) -> Iterator[str]:
    limit = survey.value("message_size_limit")
    if limit.isdigit() and (int(limit) == 0 or int(limit) > wish.largest_message):
        size = "has no limit" if int(limit) == 0 else f"is {int(limit):,} bytes"
        yield (
            f"message_size_limit {size}, Gatepost takes {wish.largest_message:,} (milter.max-message-bytes): "
            "larger messages will be refused with 552"
        )
    if survey.parameters.get("smtpd_milter_maps"):
        yield (
            f"smtpd_milter_maps = {survey.parameters['smtpd_milter_maps']}: clients that it maps to DISABLE, "
            "or to other milters, are not filtered. It stays as it is; look through its entries"
        )
    if SILENCED in survey.value("receive_override_options"):
        yield "main.cf: receive_override_options has no_milters: no listener would be filtered. Take it out first"
    if survey.instances:
        yield (
            f"this Postfix has other instances, which stay as they are: {', '.join(survey.instances)}. "
            "Mail that leaves by them without passing this one is not filtered"
        )
