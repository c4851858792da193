"""Recipients that Postfix reads in one way and a filter might read in another."""

import pytest

from gateway.core.plan import Reply
from gateway.demo.letters import letter
from gateway.demo.site import Site

ODD = [
    "<@relay.example:bob@outside.example>",
    "bob@outside.example>",
    "<<bob@outside.example>>",
    "<bob@(x)outside.example>",
    "<bob@outside.example(x)>",
    '<bob@"outside.example">',
    "<bob@outside.exam\\ple>",
]


@pytest.mark.parametrize("path", ODD)
def test_an_odd_path_that_postfix_takes_is_refused_for_everybody(site: Site, path: str) -> None:
    """Nobody gets the message, not even the recipient inside whose address is plain."""
    with site.postfix.connect() as client:
        client.docmd("MAIL", "FROM:<nurse@clinic.example>")
        client.docmd("RCPT", "TO:<in@clinic.example>")
        code, _ = client.docmd("RCPT", f"TO:{path}")
        if code >= 500:
            pytest.skip("this Postfix refuses it by itself")
        code, text = client.data(letter("Good morning"))

    site.postfix.drain()
    assert (code, text[:5]) == (553, b"5.1.3")
    assert site.sink.deliveries == ()


@pytest.mark.parametrize(
    "address",
    ['"bob lee"@outside.example', "bob@outside.example.", "Bob@Outside.Example", "bob%outside.example@outside.example"],
)
def test_a_plain_path_arrives(site: Site, address: str) -> None:
    """What has one reading is delivered to it."""
    said: Reply = site.send(letter("Good morning"), address).final

    assert said.code == 250
    (delivery,) = site.sink.wait_for(1)
    assert delivery.recipients[0].rstrip(".").lower() == address.rstrip(".").lower()
