"""What the check `redirect` of the doctor says of Postfix, by a real one."""

from collections.abc import Callable

from gateway.demo.letters import letter
from gateway.demo.site import Site

REDIRECT = "header_checks = regexp:{ {/^X-Archive:/ REDIRECT archive@elsewhere.example} }"


def test_postfix_asks_no_milter_about_what_it_redirects(build_site: Callable[..., Site]) -> None:
    """What a rule refuses is delivered unseen. Where this fails Postfix got better, and the check can go."""
    site = build_site(main_cf=(REDIRECT,))

    seen = site.send(letter("case-block"), "a@outside.example").final
    unseen = site.send(letter("case-block", b"secret\r\n", b"X-Archive: yes"), "a@outside.example").final

    (delivery,) = site.sink.wait_for(1)
    assert (seen.code, unseen.code) == (550, 250)
    assert delivery.recipients == ("archive@elsewhere.example",)
