"""What Gatepost hands back is not judged again, and nobody can pretend to be that."""

from gateway.demo.letters import letter
from gateway.demo.site import Site


def test_loopback_listener_is_not_judged(site: Site) -> None:
    """The listener that copies come in by has no milter: a message that would be refused passes."""
    said = site.postfix.send(
        "nurse@clinic.example", ["a@outside.example"], letter("case-block"), port=site.postfix.loopback_port
    )

    assert said.final.code == 250
    assert len(site.sink.wait_for(1)) == 1


def test_header_of_a_sender_does_not_pass_as_judged(site: Site) -> None:
    """Headers that look like ours change nothing: the listener counts."""
    raw = letter(
        "case-block",
        b"x\r\n",
        b"X-Gatepost: delivered",
        b"X-Gatepost-Listener: gatepost-loopback",
        b"Received: from gatepost-loopback (localhost [127.0.0.1]) by mail.clinic.example",
        b"Auto-Submitted: auto-generated",
    )

    assert site.send(raw, "a@outside.example", mail_from="gatepost@clinic.example").final.code == 550


def test_released_item_does_not_come_back_to_quarantine(site: Site) -> None:
    """A released message that its rule would hold again is delivered."""
    before = {item["item"] for item in site.gateway.quarantine()}
    site.send(letter("case-hold"), "a@outside.example")
    (item,) = [item for item in site.gateway.quarantine() if item["item"] not in before]

    site.gateway.command("quarantine", "release", item["item"])

    site.sink.wait_for(1)
    assert {left["item"] for left in site.gateway.quarantine()} == before
