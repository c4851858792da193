"""Mail of programs on the machine itself, by sendmail(1) and non_smtpd_milters."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.demo.ports import wait_until
from gateway.demo.site import Site


def test_local_mail_is_judged(site: Site) -> None:
    """A rule tags it as it does mail that comes by SMTP."""
    assert site.postfix.sendmail("root@clinic.example", ["a@outside.example"], b"Subject: case-tag\n\nok\n") == 0

    assert b"Subject: [External] case-tag\r\n" in site.sink.wait_for(1)[0].octets


def test_local_mail_that_is_held_goes_nowhere(site: Site) -> None:
    """Postfix forgets it, the quarantine has it."""
    held = site.gateway.held()

    site.postfix.sendmail("root@clinic.example", ["a@outside.example"], b"Subject: case-hold\n\nok\n")

    site.postfix.sendmail("root@clinic.example", ["b@outside.example"], b"Subject: good morning\n\nok\n")
    assert [d.recipients for d in site.sink.wait_for(1)] == [("b@outside.example",)]
    site.postfix.drain()
    assert site.gateway.held() == held + 1


def test_local_mail_that_is_refused_comes_back_to_its_sender(site: Site) -> None:
    """There is no client to hear 550, so Postfix bounces it; the recipient gets nothing."""
    site.postfix.sendmail("root@clinic.example", ["a@outside.example"], b"Subject: case-block\n\nok\n")

    (bounce,) = site.sink.wait_for(1)
    assert bounce.mail_from == ""
    assert bounce.recipients == ("root@clinic.example",)


@pytest.mark.parametrize(
    "held", ["a@outside.example.", "outside.example!a", "A@Outside.Example", '"a"@outside.example']
)
def test_local_mail_that_is_held_for_some_reaches_the_others_alone(site: Site, held: str) -> None:
    """Postfix tells these addresses rewritten and would take none of them off: nothing leaves for them all the same."""
    site.postfix.sendmail("root@clinic.example", [held, "ward@clinic.example"], b"Subject: case-mixed\n\nok\n")

    (delivery,) = site.sink.wait_for(1)
    site.postfix.drain()
    assert [d.recipients for d in site.sink.deliveries] == [("ward@clinic.example",)]
    assert delivery.mail_from == "root@clinic.example"
    assert delivery.octets.endswith(b"\r\n\r\nok\r\n")
    assert len(site.gateway.quarantine()[0]["recipients"]) == 1


def test_local_mail_of_several_renderings_reaches_each_once(site: Site) -> None:
    """Each copy is handed over, none is edited in place."""
    everybody = ["1@a.example", "2@a.example.", "1@b.example", "plain@d.example"]
    site.postfix.sendmail("root@clinic.example", everybody, b"Subject: case-copies\n\nok\n")

    site.sink.wait(lambda deliveries: sum(len(d.recipients) for d in deliveries) >= len(everybody))
    site.postfix.drain()
    got = sorted(address for d in site.sink.deliveries for address in d.recipients)
    assert got == sorted(address.rstrip(".") for address in everybody)
    assert all((b"X-Copy: " in d.octets) is (d.recipients[0][-9] in "ab") for d in site.sink.deliveries)


def test_local_mail_that_is_tried_again_comes_once(build_site: Callable[..., Site], tmp_path: Path) -> None:
    """Into each try of a message without Message-Id and Date Postfix writes new ones: it is known all the same."""
    table = tmp_path / "refused"
    tmp_path.chmod(0o755)
    table.write_text("/^1@c/ 450 not now\n")
    settings = (f"smtpd_recipient_restrictions = check_recipient_access regexp:{table}", "max_use = 1")
    site = build_site(main_cf=settings)
    everybody = ["1@a.example", "2@a.example", "1@b.example", "1@c.example"]
    site.postfix.sendmail("root@clinic.example", everybody, b"Subject: case-copies\n\nok\n")
    site.sink.wait(lambda deliveries: len(deliveries) == 2)
    wait_until(lambda: any("milter-reject" in line for line in site.postfix.log_lines()), 30, "a try that fails")

    table.write_text("")
    site.postfix.sendmail("root@clinic.example", ["x@d.example"], b"Subject: Postfix looks for local mail\n\nok\n")

    site.sink.wait(lambda deliveries: any("1@c.example" in d.recipients for d in deliveries))
    site.postfix.drain()
    got = Counter(address for d in site.sink.deliveries for address in d.recipients)
    assert got == Counter([*everybody, "x@d.example"])
