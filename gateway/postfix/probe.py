"""Sends a probe message to each listener of a Postfix and reads from the reply whether Gatepost saw it."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.probe import SEEN, ProbeMark
from gateway.postfix.survey import Service, Survey
from gateway.postfix.wish import Wish

ANSWER_SECONDS = 20.0
TRIES = 6  # a process with the old configuration may take one more message
PAUSE_SECONDS = 0.5
TEXT = (
    "From: {sender}\r\nTo: {recipient}\r\nSubject: Gatepost probe\r\n\r\n"
    "This is a probe by `gatepost postfix`. If you read it, mail by the listener\r\n"
    "{listener} does not pass Gatepost: tell your mail administrator.\r\n"
)


@dataclass(slots=True)
class Probe:
    """`proven` are the listeners whose mail came to Gatepost; `unproven` those that took no message from here."""

    mark: ProbeMark
    now: Callable[[], datetime]
    wish: Wish
    pause: Callable[[float], None] = time.sleep
    proven: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)

    def __call__(self, survey: Survey) -> list[str]:
        """What is wrong, a line for each listener; none: every listener that could be tried leads to Gatepost."""
        return [wrong for service in probed(survey, self.wish) if (wrong := self._one(survey, service))]

    def _one(self, survey: Survey, service: Service) -> str:
        answer = ""
        for attempt in range(TRIES):
            if attempt:
                self.pause(PAUSE_SECONDS)
            try:
                code, answer = self._send(survey, service)
            except (OSError, smtplib.SMTPException) as error:
                answer = f"no answer ({type(error).__name__})"
                continue
            if SEEN in answer:
                self.proven.append(service.key)
                return ""
            if code == _NOT_TAKEN:
                self.unproven.append(f"{service.key}: {answer}")
                return ""
        return f"{service.key}: the probe was not seen by Gatepost; Postfix said: {answer}"

    def _send(self, survey: Survey, service: Service) -> tuple[int, str]:
        """The reply to the message. `_NOT_TAKEN`: strangers may send nothing here (authentication, restrictions)."""
        host = survey.parameters.get("myhostname", "localhost")
        sender, recipient = self.mark.sender(self.now(), host), f"postmaster@{host}"
        with suppressed_quit(_connection(survey, service)) as smtp:
            smtp.ehlo()
            for verb, path in (("MAIL", f"FROM:<{sender}>"), ("RCPT", f"TO:<{recipient}>")):
                code, text = smtp.docmd(verb, path)
                if code // 100 == 5:
                    return _NOT_TAKEN, f"{code} {text.decode('utf-8', 'replace')}"
                if code // 100 != 2:
                    return code, f"{code} {text.decode('utf-8', 'replace')}"
            code, reply = smtp.data(TEXT.format(sender=sender, recipient=recipient, listener=service.key))
            return code, f"{code} {reply.decode('utf-8', 'replace')}"


_NOT_TAKEN = 0


class suppressed_quit:  # noqa: N801 - reads as a verb where it is used
    """A connection that is closed whatever happened on it."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def __enter__(self) -> smtplib.SMTP:
        return self._smtp

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()
        self._smtp.close()


def probed(survey: Survey, wish: Wish) -> Iterator[Service]:
    """Listeners whose mail is to come to Gatepost and that this machine can reach."""
    for service in survey.smtpd:
        silenced = "no_milters" in survey.value("receive_override_options", service)
        if service.kind == "inet" and not silenced and wish.address_for(survey.queue) in _milters_of(survey, service):
            yield service


def _milters_of(survey: Survey, service: Service) -> str:
    return survey.value("smtpd_milters", service)


def _connection(survey: Survey, service: Service) -> smtplib.SMTP:
    host, colon, port = service.name.rpartition(":")
    if not colon:
        host = _interface(survey)
    number = int(port) if port.isdigit() else socket.getservbyname(port, "tcp")
    name = survey.parameters.get("myhostname", "localhost")
    if survey.value("smtpd_tls_wrappermode", service) == "yes":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is this machine, and nothing is secret
        return smtplib.SMTP_SSL(host.strip("[]"), number, name, timeout=ANSWER_SECONDS, context=context)
    return smtplib.SMTP(host.strip("[]"), number, name, timeout=ANSWER_SECONDS)


def _interface(survey: Survey) -> str:
    """An address that a service without one listens on."""
    named = survey.parameters.get("inet_interfaces", "all").replace(",", " ").split()
    if not named or {"all", "loopback-only", "127.0.0.1", "localhost"} & set(named):
        return "127.0.0.1"
    return named[0]
