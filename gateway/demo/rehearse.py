"""Sends the day through a site and compares what became of each message with what must become of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.core.plan import Reply
from gateway.demo.day import DAY, USERS, Errand, octets_of
from gateway.demo.ports import wait_until
from gateway.demo.sink import Delivery
from gateway.demo.site import Site

SENDMAIL = Reply(250, "2.0.0", "taken by sendmail(1)")


@dataclass(frozen=True, slots=True)
class Result:
    """One message, sent. `decided` is its audit event; `deliveries` are what the next hop got of it."""

    errand: Errand
    sent: bytes = field(repr=False)
    reply: Reply
    milliseconds: float
    decided: dict[str, Any]
    deliveries: tuple[Delivery, ...]

    @property
    def delivered(self) -> Delivery:
        """The first copy that arrived."""
        return self.deliveries[0]

    @property
    def wrong(self) -> Iterator[str]:
        """What did not go as expected, in words; nothing where all went well."""
        errand = self.errand
        if self.reply.code != errand.code:
            yield f"answered {self.reply.code} instead of {errand.code}"
        got = sorted(address for delivery in self.deliveries for address in delivery.recipients)
        if got != sorted(errand.delivered):
            yield f"delivered to {', '.join(got) or 'nobody'} instead of {', '.join(errand.delivered) or 'nobody'}"
        held = _recipients(self.decided, "quarantine")
        if held and not errand.refused and held != sorted(errand.held):
            yield f"held for {', '.join(held)} instead of {', '.join(errand.held) or 'nobody'}"
        if errand.login and any((delivery.message != self.sent) is not errand.changed for delivery in self.deliveries):
            yield "delivered unchanged" if errand.changed else "delivered, but not byte for byte"


def rehearse(site: Site) -> Iterator[Result]:
    """One message after the other, each followed to its end."""
    for errand in DAY:
        yield _send(site, errand)


def _send(site: Site, errand: Errand) -> Result:
    sent = octets_of(errand)
    seen = len(site.gateway.audit_events())
    before = len(site.sink.deliveries)
    start = time.perf_counter()
    reply = _hand_in(site, errand, sent)
    milliseconds = (time.perf_counter() - start) * 1000
    wait_until(lambda: _decided(site, seen) is not None, 30, f"{errand.file} is decided")
    site.postfix.drain()
    decided = _decided(site, seen)
    assert decided is not None
    deliveries = tuple(d for d in site.sink.deliveries[before:] if d.mail_from)  # notices have no sender
    return Result(errand, sent, reply, milliseconds, decided, deliveries)


def _hand_in(site: Site, errand: Errand, sent: bytes) -> Reply:
    if errand.login:
        login = (errand.login, USERS[errand.login])
        return site.postfix.send(errand.mail_from, errand.recipients, sent, login).final
    code = site.postfix.sendmail(errand.mail_from, errand.recipients, sent)
    return SENDMAIL if code == 0 else Reply(451, "4.3.0", f"sendmail(1) ended with {code}")


def _decided(site: Site, after: int) -> dict[str, Any] | None:
    events = site.gateway.audit_events()[after:]
    return next((event for event in events if event["metadata"]["event_code"] == "message-decided"), None)


def _recipients(decided: dict[str, Any], disposition: str) -> list[str]:
    outcomes = decided["unmapped"]["outcomes"]
    return sorted(who for outcome in outcomes if outcome["disposition"] == disposition for who in outcome["recipients"])
