"""gateway.people.openid.provider, without a console: a real provider, and one that lies."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.people.openid import Flows, Provider, Refused, Terms
from gateway.people.openid.asking import Asker
from gateway.people.openid.provider import ProviderAway
from tests.makers.provider import CLIENT, SECRET, Op, new_key, provider, terms_of, token_of


@pytest.fixture(scope="module")
def op() -> Iterator[Op]:
    with provider() as op:
        yield op


def test_a_slow_provider_is_asked_for_one_at_a_time(op: Op, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who come meanwhile hear so at once: visitors would fill the console until nobody else comes in."""
    monkeypatch.setattr("gateway.people.openid.provider.QUEUE", 0.01)
    asked, answer = threading.Event(), threading.Event()

    class Slow(Asker):
        def __call__(self, *_: Any) -> dict[str, Any]:
            asked.set()
            answer.wait(60)
            return op.settings()

    provider, flow = Provider(terms_of(op), Slow()), Flows(b"k", time.time).begin("", "/")[1]
    first = threading.Thread(target=provider.address, args=(flow, "http://x/"), kwargs={"fresh": False})
    first.start()
    try:
        assert asked.wait(60)
        with pytest.raises(ProviderAway, match="slow"):
            provider.address(flow, "http://x/", fresh=False)
    finally:
        answer.set()
        first.join(60)
    assert op.address in provider.address(flow, "http://x/", fresh=False)


@pytest.mark.parametrize(
    "door", ["http://127.0.0.1:8025/", "http://op.example/", "https://", "https://op:x/", "https://["]
)
def test_a_provider_elsewhere_names_no_door_of_this_machine(door: str) -> None:
    """Nor one in plain text, nor one that is none."""

    class Said(Asker):
        def __call__(self, *_: Any) -> dict[str, Any]:
            return {"issuer": "https://op.example", "authorization_endpoint": door}

    terms = Terms("https://op.example", CLIENT, SECRET, "x", ("openid",), "groups", (), (), ("mfa",))
    with pytest.raises(ProviderAway, match="no safe"):
        Provider(terms, Said()).address(Flows(b"k", time.time).begin("", "/")[1], "http://x/", fresh=False)


def test_new_keys_of_the_provider_are_fetched(op: Op) -> None:
    """When a token names one that is not known; not again at once, whatever tokens name."""
    now = [0.0]
    asked: list[str] = []
    ask = Asker()

    class Counting(Asker):
        def __call__(self, address: str, *rest: Any) -> dict[str, Any]:
            asked.append(address.rpartition("/")[2])
            return ask(address, *rest)

    provider = Provider(terms_of(op), Counting(), lambda: now[0])
    assert provider.logged_out(token_of(op)) == "u-1"
    old = op.key, op.kid
    op.key, op.kid = new_key(), "two"
    try:
        with pytest.raises(Refused):  # they were asked for just now
            provider.logged_out(token_of(op))
        now[0] = 61.0
        assert provider.logged_out(token_of(op)) == "u-1"
        with pytest.raises(Refused):
            provider.logged_out(op.token({"iss": op.address}, kid="three"))
    finally:
        op.key, op.kid = old
    assert asked.count("keys") == 2


def test_an_issuer_that_is_another_one_is_not_believed(op: Op) -> None:
    """What the provider says of itself has to be what was configured."""
    op.issuer = "https://evil.example"
    try:
        with pytest.raises(ProviderAway, match="another one"):
            Provider(terms_of(op), Asker()).address(Flows(b"k", time.time).begin("", "/")[1], "http://x/", fresh=False)
    finally:
        op.issuer = ""


def test_a_provider_that_is_away_is_not_asked_again_at_once() -> None:
    """Or strangers could fill all our threads with waiting for it; after a while it is."""
    now, asked = [100.0], 0

    class Away(Asker):
        def __call__(self, *_: Any) -> dict[str, Any]:
            nonlocal asked
            asked += 1
            raise OSError("it did not answer in time")

    provider = Provider(terms_of(Op("https://id.example")), Away(), lambda: now[0])
    flow = Flows(b"k", time.time).begin("", "/")[1]
    for _ in range(5):
        with pytest.raises(ProviderAway):
            provider.address(flow, "http://x/", fresh=False)
    assert asked == 1
    now[0] += 16
    with pytest.raises(ProviderAway):
        provider.address(flow, "http://x/", fresh=False)
    assert asked == 2
