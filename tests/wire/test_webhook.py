"""`gatepost serve` tells a receiver of events over https, and mail does not wait for it."""

import json
from pathlib import Path

from gateway.demo.ports import wait_until
from gateway.demo.site import Layout
from gateway.demo.site import Site as Gate
from gateway.webhooks.signing import new_secret, read_secrets, signature
from tests.unit.webhooks.conftest import Site as Receiving

USERS = {"nurse": "correct horse"}


def test_a_receiver_that_fails_at_first_hears_of_every_message_and_mail_goes_on(rules: Path, tmp_path: Path) -> None:
    """The first tries are refused: the mail is delivered meanwhile, and the events come after, signed."""
    receiving = Receiving(tmp_path)
    receiving.answers = [503, 503]
    secret = tmp_path / "secret"
    secret.write_text(new_secret())
    secret.chmod(0o600)
    receiver: dict[str, object] = {
        "name": "tickets",
        "url": receiving.url,
        "secret-file": str(secret),
        "events": ["message-decided"],
        "ca-file": str(receiving.ca_file),
    }
    settings: dict[str, dict[str, object]] = {"workers": {"count": 1}, "webhooks": {"receivers": [receiver]}}
    with Gate(Layout(rules, settings, users=USERS), prefix="gp-hook-") as site:
        for number in range(2):
            site.send(f"Subject: hello {number}\r\n\r\nok\r\n".encode(), "a@outside.example")
        site.sink.wait_for(2)
        wait_until(lambda: len(receiving.got) >= 4, 60, "the receiver has both events after two failures")
    receiving.close()

    told = [json.loads(body) for _, _, body in receiving.got]
    assert {each["type"] for each in told} == {"message-decided"}
    assert len({each["data"]["metadata"]["correlation_uid"] for each in told}) == 2
    _, fields, body = receiving.got[-1]
    stamp = int(fields["webhook-timestamp"])
    assert fields["webhook-signature"] == signature(fields["webhook-id"], stamp, body, read_secrets(secret)[0])
