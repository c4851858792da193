"""Mail of programs on the machine itself, by sendmail(1) and non_smtpd_milters."""

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
