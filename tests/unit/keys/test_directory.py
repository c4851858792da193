"""What would be used for a recipient."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from gateway.core.verdict import Means, Method
from gateway.demo.pki import Wish
from gateway.keys import Directory
from gateway.keys.records import DomainLane, Lane, Source, form, patterns_of


def lanes(office: Any, *lanes_: DomainLane) -> None:
    for lane in lanes_:
        office.book.put_lane(lane)


def test_lane_of_a_domain_holds_for_its_addresses(office: Any) -> None:
    """For the domain itself; what is below it needs a star."""
    lanes(
        office,
        DomainLane("x.example", Lane.SECURE, Source.MANUAL),
        DomainLane("*.y.example", Lane.ENCRYPT, Source.MANUAL),
    )

    assert office.directory.means(["a@X.example", "a@mx.x.example", "a@deep.below.y.example", "a@y.example"]) == {
        "a@X.example": (Means(Method.TLS, "secure"),),
        "a@deep.below.y.example": (Means(Method.TLS, "encrypt"),),
    }


def test_administrator_decides_against_what_was_found(office: Any) -> None:
    """TLS does not count for a domain, whatever its servers offer."""
    lanes(
        office, DomainLane("x.example", Lane.NONE, Source.MANUAL), DomainLane("x.example", Lane.SECURE, Source.MTA_STS)
    )

    assert office.directory.means(["a@x.example"]) == {}
    assert not any(way.usable for way in office.directory.explain("a@x.example"))


def test_surer_source_decides(office: Any) -> None:
    """DANE before MTA-STS before a probe."""
    lanes(
        office,
        DomainLane("x.example", Lane.ENCRYPT, Source.PROBE),
        DomainLane("x.example", Lane.DANE_ONLY, Source.DANE),
    )

    assert office.directory.means(["a@x.example"]) == {"a@x.example": (Means(Method.TLS, "dane-only"),)}


def test_lane_that_has_run_out_is_none(office: Any) -> None:
    """What was found holds until its time."""
    past = office.book.clock() - timedelta(seconds=1)
    lanes(office, DomainLane("x.example", Lane.ENCRYPT, Source.PROBE, expires=past))

    assert office.directory.means(["a@x.example"]) == {}


@pytest.mark.parametrize("address", ["", "nobody", "a@", "@x.example", "a\nb@x.example", "postmaster"])
def test_what_is_no_address_has_no_means(office: Any, address: str) -> None:
    """And its explanation says so."""
    assert office.directory.means([address]) == {}
    assert [way.usable for way in office.directory.explain(address)] == [False]


def test_thousand_recipients_are_one_question(office: Any) -> None:
    """All are answered, more than a database takes in one list."""
    lanes(office, DomainLane("x.example", Lane.SECURE, Source.MANUAL))
    everybody = [f"r{number}@x.example" for number in range(1000)]

    assert len(office.directory.means(everybody)) == 1000


def test_forms_and_patterns() -> None:
    """The local part to the letter, the domain as it is compared."""
    assert form("Ann@BÜCHER.example.") == "Ann@xn--bcher-kva.example"
    assert patterns_of("a.b.example") == ("a.b.example", "*.b.example", "*.example")


def test_lane_that_postfix_does_not_have_is_no_protection(office: Any) -> None:
    """Whatever is known of a domain: without the transport the message would go by the usual way, perhaps in plain."""
    lanes(office, DomainLane("x.example", Lane.SECURE, Source.MANUAL))
    without = Directory(office.book, office.own, lambda: {"encrypt": ""})

    assert without.means(["a@x.example"]) == {}
    assert "Postfix has no lane secure" in without.explain("a@x.example")[0].words


def test_a_portal_reaches_everybody_who_has_an_address(office: Any) -> None:
    """Behind all else, and only where there is one; what is no address of one mailbox has no link either."""
    lanes(office, DomainLane("x.example", Lane.SECURE, Source.MANUAL))
    with_portal = Directory(office.book, office.own, office.directory.lanes, portal=True)

    found = with_portal.means(["a@x.example", "b@y.example", "no address"])

    assert [way.method for way in found["a@x.example"]] == [Method.TLS, Method.PORTAL]
    assert [way.method for way in found["b@y.example"]] == [Method.PORTAL]
    assert "no address" not in found
    assert office.directory.means(["b@y.example"]) == {}
    assert [way.method for way in with_portal.explain("b@y.example")] == [Method.PORTAL]


def test_certificate_of_a_person_wins_over_a_newer_one_that_was_found(office: Any) -> None:
    """What an administrator entered is used; DNS may say what it likes. `explain` tells which and why."""
    entered = office.authority.issue(Wish(["a@x.example"], begins=-30))
    found = office.authority.issue(Wish(["a@x.example"], begins=-1))
    office.intake.take(entered.pem.encode(), Source.MANUAL)
    office.intake.take(found.pem.encode(), Source.SMIMEA, ["a@x.example"])

    used = office.directory.certificate("a@x.example")
    assert used.fingerprint == entered.certificate.fingerprint(hashes.SHA256()).hex()
    told = {way.fingerprint: (way.usable, way.words) for way in office.directory.explain("a@x.example")}
    assert told[used.fingerprint][0]
    assert "another is used" in told[found.certificate.fingerprint(hashes.SHA256()).hex()][1]
