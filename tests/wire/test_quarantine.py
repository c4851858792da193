"""Held messages: accepted, kept sealed, delivered to nobody until somebody releases them."""

from gateway.demo.letters import letter
from gateway.demo.site import Site


def test_held_message_is_accepted_and_delivered_to_nobody(site: Site) -> None:
    """The client hears 250, the sink gets nothing, the quarantine has one item more."""
    before = site.gateway.held()

    said = site.send(letter("case-hold"), "a@outside.example")

    site.postfix.drain()
    assert said.final.code == 250
    assert site.sink.deliveries == ()
    assert site.gateway.held() == before + 1


def test_released_message_arrives_as_it_was_sent(site: Site) -> None:
    """Release hands the very bytes to the loopback listener; they are not judged again."""
    raw = letter("case-hold", b"caf\xe9 \xff\r\n.dot\r\n")
    before = {item["item"] for item in site.gateway.quarantine()}
    site.send(raw, "a@outside.example", "b@outside.example")
    (item,) = [item for item in site.gateway.quarantine() if item["item"] not in before]

    site.gateway.command("quarantine", "release", item["item"])

    (delivery,) = site.sink.wait_for(1)
    assert delivery.message == raw
    assert set(delivery.recipients) == {"a@outside.example", "b@outside.example"}
    assert item["item"] not in {left["item"] for left in site.gateway.quarantine()}


def test_what_the_client_wants_to_hear_is_heard_after_the_release(site: Site) -> None:
    """NOTIFY=SUCCESS of one recipient of two: Postfix reports on that one alone, under the client's ENVID."""
    before = {item["item"] for item in site.gateway.quarantine()}
    with site.postfix.connect() as client:
        client.mail("nurse@clinic.example", ["RET=HDRS", "ENVID=ward-4"])
        client.rcpt("a@outside.example", ["NOTIFY=SUCCESS", "ORCPT=rfc822;first@outside.example"])
        client.rcpt("b@outside.example", ["NOTIFY=NEVER"])
        assert client.data(letter("case-hold"))[0] == 250
    (item,) = [item for item in site.gateway.quarantine() if item["item"] not in before]

    site.gateway.command("quarantine", "release", item["item"])

    site.postfix.drain()
    (report,) = [each for each in site.sink.wait_for(2) if each.mail_from == ""]
    assert report.recipients == ("nurse@clinic.example",)
    assert b"Original-Envelope-Id: ward-4" in report.octets
    assert b"Original-Recipient: rfc822;first@outside.example" in report.octets
    assert b"b@outside.example" not in report.octets.partition(b"message/delivery-status")[2].partition(b"\r\n--")[0]


def test_sealed_files_do_not_show_the_message(site: Site) -> None:
    """No file below the state folder has a word of the held message in it."""
    word = b"chrysanthemum-of-tuesday"
    site.send(letter("case-hold", word + b"\r\n"), "a@outside.example")

    files = [path for path in site.gateway.state.rglob("*") if path.is_file()]

    assert files
    assert [path.name for path in files if word in path.read_bytes()] == []


def test_sender_is_told_of_a_held_message(site: Site) -> None:
    """A notice from the organisation reaches the sender; it has the incident id and nothing of the message."""
    site.send(letter("case-tell", b"chrysanthemum-of-wednesday\r\n"), "a@outside.example")

    (notice,) = site.sink.wait_for(1)
    assert notice.mail_from == ""
    assert notice.recipients == ("nurse@clinic.example",)
    assert b"Auto-Submitted: auto-generated" in notice.octets
    assert b"chrysanthemum" not in notice.octets
    assert b"case-tell" not in notice.octets


def test_sender_who_was_told_hears_what_became_of_it(site: Site) -> None:
    """Once, from the null reverse-path, after the release; the notice itself is never held."""
    before = {item["item"] for item in site.gateway.quarantine()}
    site.send(letter("case-tell", b"chrysanthemum-of-thursday\r\n"), "a@outside.example")
    site.sink.wait_for(1)
    (item,) = [item for item in site.gateway.quarantine() if item["item"] not in before]
    site.gateway.command("quarantine", "release", item["item"])

    for _ in range(2):
        site.gateway.command("maintain", "senders")

    site.postfix.drain()
    _, released, told = site.sink.wait_for(3)
    assert released.recipients == ("a@outside.example",)
    assert (told.mail_from, told.recipients) == ("", ("nurse@clinic.example",))
    assert item["incident"].encode() in told.octets
    assert b"chrysanthemum" not in told.octets
    assert len(site.sink.deliveries) == 3
    assert site.gateway.held() == len(before)
