"""Signatures that receivers check with the libraries of Standard Webhooks, and secrets that nobody else may read."""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from gateway.core.errors import SetupError
from gateway.webhooks.signing import body_of, headers_of, new_secret, read_secrets, signature


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The example of the specification's reference libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'

    assert signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, secret) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_the_signature_covers_id_time_and_body() -> None:
    """A change of any of them is another signature."""
    key = b"k" * 24
    made = signature("a", 1, b"{}", key)
    others = [signature("b", 1, b"{}", key), signature("a", 2, b"{}", key), signature("a", 1, b"[]", key)]
    others.append(signature("a", 1, b"{}", b"l" * 24))

    assert made not in others
    expected = hmac.new(key, b"a.1.{}", hashlib.sha256).digest()
    assert made == "v1," + base64.b64encode(expected).decode()


def test_two_secrets_sign_side_by_side() -> None:
    """So that a secret can be changed without a gap."""
    fields = headers_of("a", 1, b"{}", (b"k" * 24, b"l" * 24))

    assert len(fields["webhook-signature"].split()) == 2
    assert fields["webhook-id"] == "a"


def test_a_body_is_the_event_as_the_log_has_it() -> None:
    """With its code and time outside, as the standard asks."""
    event = {"metadata": {"event_code": "released"}, "time_dt": "2026-11-25T07:00:00.000Z", "seq": 7}

    assert body_of(event) == (
        b'{"data":{"metadata":{"event_code":"released"},"seq":7,"time_dt":"2026-11-25T07:00:00.000Z"},'
        b'"timestamp":"2026-11-25T07:00:00.000Z","type":"released"}'
    )


def test_a_secret_is_read_from_a_private_file(tmp_path: Path) -> None:
    """One a line, the newest first; each made one is another."""
    file = tmp_path / "secret"
    file.write_text(f"{new_secret()}\n{new_secret()}\n")
    file.chmod(0o600)

    first, second = read_secrets(file)

    assert first != second
    assert len(first) == 32


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("canary-secret", 0o600, "must be whsec_"),
        ("whsec_c2hvcnQ=", 0o600, "24 to 64 bytes"),
        ("whsec_!!", 0o600, "must be whsec_"),
        ("", 0o600, "there is no secret"),
        ("whsec_" + "A" * 43 + "=", 0o640, "others can read the secret"),
        ("whsec_ä", 0o600, "this is no secret"),
    ],
)
def test_what_is_no_secret_is_refused_without_repeating_it(tmp_path: Path, text: str, mode: int, said: str) -> None:
    """A message may end in a log."""
    file = tmp_path / "secret"
    file.write_text(text)
    file.chmod(mode)

    with pytest.raises(SetupError, match=said) as caught:
        read_secrets(file)
    assert "canary" not in str(caught.value)
