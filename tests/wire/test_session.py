"""One connection, several transactions; clients that change their mind or go away."""

import socket
from concurrent.futures import ThreadPoolExecutor

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.site import Site


def test_transactions_of_one_connection_do_not_mix(site: Site) -> None:
    """Delivered, held, refused, delivered: each by itself, in one connection."""
    codes = []
    with site.postfix.connect() as client:
        for subject, to in (("Good morning", "a"), ("case-hold", "b"), ("case-block", "c"), ("case-tag", "d")):
            client.mail("nurse@clinic.example")
            client.rcpt(f"{to}@outside.example")
            codes.append(client.data(letter(subject))[0])

    site.sink.wait_for(2)
    site.postfix.drain()
    assert codes == [250, 250, 550, 250]
    assert [d.recipients[0][0] for d in site.sink.deliveries] == ["a", "d"]


def test_reset_forgets_the_recipients_before_it(site: Site) -> None:
    """RSET in the middle of an envelope: only what was said after it counts."""
    with site.postfix.connect() as client:
        client.mail("other@clinic.example")
        client.rcpt("forgotten@outside.example")
        client.rset()
        client.mail("nurse@clinic.example")
        client.rcpt("a@outside.example")
        code = client.data(letter("Good morning"))[0]

    (delivery,) = site.sink.wait_for(1)
    assert code == 250
    assert (delivery.mail_from, delivery.recipients) == ("nurse@clinic.example", ("a@outside.example",))


def test_client_that_leaves_in_the_middle_of_data_leaves_nothing(site: Site) -> None:
    """The half message is neither delivered nor kept, and the gateway goes on."""
    held = site.gateway.held()
    client = site.postfix.connect()
    client.mail("nurse@clinic.example")
    client.rcpt("a@outside.example")
    client.docmd("DATA")
    client.send(letter("case-hold", b"half of it\r\n"))
    assert client.sock is not None
    client.sock.shutdown(socket.SHUT_RDWR)
    client.close()

    wait_until(
        lambda: any("lost connection after DATA" in line for line in site.postfix.log_lines()), 30, "Postfix saw it"
    )
    wait_until(lambda: site.gateway.metrics()["gatepost_messages_in_flight"] == 0, 30, "nothing is in hand")
    said = site.send(letter("Good morning"), "b@outside.example")

    assert said.final.code == 250
    assert [d.recipients for d in site.sink.wait_for(1)] == [("b@outside.example",)]
    assert site.gateway.held() == held


def test_many_connections_at_once(site: Site) -> None:
    """Twenty clients with five messages each: every message is answered and arrives once."""

    def client_of(number: int) -> list[int]:
        return [site.send(letter("Good morning"), f"{number}.{i}@outside.example").final.code for i in range(5)]

    with ThreadPoolExecutor(20) as clients:
        codes = [code for answers in clients.map(client_of, range(20)) for code in answers]

    site.sink.wait_for(100)
    site.postfix.drain()
    assert codes == [250] * 100
    assert len({d.recipients for d in site.sink.deliveries}) == len(site.sink.deliveries) == 100
