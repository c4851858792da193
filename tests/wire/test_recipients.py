"""Recipients whom the rules treat differently, and unusual ones."""

from collections import Counter

from gateway.demo.letters import letter
from gateway.demo.site import Site


def test_inside_gets_it_and_outside_is_held(site: Site) -> None:
    """One message, two outcomes: delivered inside byte for byte, kept for the one outside."""
    raw = letter("case-mixed")
    before = {item["item"] for item in site.gateway.quarantine()}

    said = site.send(raw, "ward@clinic.example", "a@outside.example")

    site.postfix.drain()
    (item,) = [item for item in site.gateway.quarantine() if item["item"] not in before]
    (delivery,) = site.sink.wait_for(1)
    assert said.final.code == 250
    assert delivery.recipients == ("ward@clinic.example",)
    assert delivery.message == raw
    assert [recipient["address"] for recipient in item["recipients"]] == ["a@outside.example"]


def test_each_group_gets_exactly_one_copy_with_its_own_edits(site: Site) -> None:
    """Three groups, three renderings: the original edited in place, the others by the loopback listener."""
    everybody = ["1@a.example", "2@a.example", "1@b.example", "1@c.example", "2@c.example", "plain@d.example"]

    said = site.send(letter("case-copies"), *everybody)

    site.sink.wait(lambda deliveries: sum(len(delivery.recipients) for delivery in deliveries) >= len(everybody))
    site.postfix.drain()
    got = Counter(address for delivery in site.sink.deliveries for address in delivery.recipients)
    assert said.final.code == 250
    assert got == Counter(everybody)
    for delivery in site.sink.deliveries:
        for address in delivery.recipients:
            group = address.partition("@")[2][0]
            assert (b"X-Copy: " + group.encode() in delivery.octets) is (group in "abc")
            assert delivery.octets.count(b"X-Copy:") == (group in "abc")


def test_thousand_recipients(site: Site) -> None:
    """All of them are taken and each gets the message once."""
    everybody = [f"reader{number}@outside.example" for number in range(1000)]

    said = site.send(letter("Good morning"), *everybody)

    site.sink.wait(lambda deliveries: sum(len(delivery.recipients) for delivery in deliveries) >= 1000)
    assert said.final.code == 250
    assert Counter(a for d in site.sink.deliveries for a in d.recipients) == Counter(everybody)


def test_thousand_recipients_of_two_kinds(site: Site) -> None:
    """Half inside, half outside: the outside half is taken off, the inside half delivered."""
    inside = [f"ward{number}@clinic.example" for number in range(500)]
    outside = [f"reader{number}@outside.example" for number in range(500)]

    said = site.send(letter("case-mixed"), *inside, *outside)

    site.sink.wait(lambda deliveries: sum(len(delivery.recipients) for delivery in deliveries) >= 500)
    site.postfix.drain()
    assert said.final.code == 250
    assert Counter(a for d in site.sink.deliveries for a in d.recipients) == Counter(inside)


def test_null_reverse_path_is_judged_like_any_other(site: Site) -> None:
    """A delivery report passes; one that a rule holds is held."""
    passed = site.send(letter("Good morning"), "a@outside.example", mail_from="")
    blocked = site.send(letter("case-block"), "a@outside.example", mail_from="")

    assert passed.final.code == 250
    assert blocked.final.code == 550
    assert site.sink.wait_for(1)[0].mail_from == ""


def test_smtputf8_addresses_keep_their_letters(site: Site) -> None:
    """International addresses (RFC 6531) are judged and delivered, also where a copy is handed back to Postfix."""
    sender, inside, outside = "krankenschwester-müller@clinic.example", "büro@clinic.example", "josé@correo.example"
    raw = letter("case-mixed: Grüße")

    said = site.send(raw, inside, outside, mail_from=sender)

    site.postfix.drain()
    (delivery,) = site.sink.wait_for(1)
    assert said.final.code == 250
    assert (delivery.mail_from, delivery.recipients) == (sender, (inside,))
    assert delivery.message == raw


def test_copies_go_to_international_addresses(site: Site) -> None:
    """A copy of one's own also reaches an address that is not ASCII."""
    said = site.send(letter("case-copies"), "jürgen@a.example", "josé@b.example", mail_from="müller@clinic.example")

    site.sink.wait_for(2)
    assert said.final.code == 250
    assert {d.recipients for d in site.sink.deliveries} == {("jürgen@a.example",), ("josé@b.example",)}


def test_same_recipient_named_twice_gets_it_as_postfix_would(site: Site) -> None:
    """A doubled RCPT TO neither loses nor leaks: held for that address, delivered to the other."""
    site.send(letter("case-mixed"), "a@outside.example", "ward@clinic.example", "a@outside.example")

    site.postfix.drain()
    assert {a for d in site.sink.deliveries for a in d.recipients} == {"ward@clinic.example"}
