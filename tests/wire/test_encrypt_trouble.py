"""Protected copies where Postfix or the other side makes trouble: once each in the end, or back to the sender."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.ports import wait_until
from tests.makers.fanout import ANN, BODY, PAT, TOM, Crew, to_all
from tests.makers.fanout import crew as make_crew

THREE = (ANN, PAT, TOM)


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory, wire_rules: Callable[[Path], Path]) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    with make_crew(folder, wire_rules(folder / "rules")) as started:
        yield started


def test_postfix_refuses_the_last_of_three_copies(crew: Crew) -> None:
    """One has been handed over when another is refused: 451; once Postfix takes it each has exactly one copy."""
    postfix, raw = crew.site.postfix, to_all("case-encrypt", *THREE)
    place = f"127.0.0.1:{postfix.loopback_port}/inet/smtpd_recipient_restrictions"
    postfix.change("-P", f"{place}=check_recipient_access,inline:{{{TOM}=REJECT}}")
    said = [crew.site.send(raw, *THREE).final.code for _ in range(2)]
    postfix.change("-PX", place)

    assert said == [451, 451]
    wait_until(lambda: crew.got()[PAT] == 1, 30, "the copy that was taken is delivered")
    assert crew.got()[TOM] == 0
    assert crew.site.send(raw, *THREE).final.code == 250
    postfix.drain()
    assert crew.got() == Counter(THREE)


def test_what_cannot_leave_by_tls_returns_to_its_sender(crew: Crew) -> None:
    """The other side lost its TLS for good: after Postfix's patience the sender hears of it, and nobody got a byte."""
    crew.clear()
    context, crew.tls.tls, crew.tls.sniffed = crew.tls.tls, None, bytearray()
    crew.site.postfix.change("-e", "maximal_queue_lifetime=2s")
    try:
        assert crew.site.send(to_all("case-encrypt", TOM), TOM).final.code == 250
        (bounce,) = crew.site.sink.wait_for(1, seconds=60)
    finally:
        crew.site.postfix.change("-X", "maximal_queue_lifetime")
        crew.tls.tls = context

    assert (bounce.mail_from, bounce.recipients) == ("", ("nurse@clinic.example",))
    assert b"TLS is required" in bounce.octets
    assert crew.tls.deliveries == ()
    assert BODY[:20] not in crew.tls.sniffed
    wait_until(lambda: "expired" in statuses(crew) or "bounced" in statuses(crew), 30, "the log proves it")


def statuses(crew: Crew) -> set[str]:
    events = (e for e in crew.site.gateway.audit_events() if e["metadata"]["event_code"] == "copy-delivered")
    return {e["unmapped"]["status"] for e in events if TOM in e["email"]["smtp_to"]}
