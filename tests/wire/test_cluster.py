"""PostgreSQL and an S3-compatible store by configuration alone, and two gateways on both, one of which dies."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.service import Settings
from gateway.demo.site import Site
from tests.makers.objects import ObjectServer
from tests.makers.pair import Pair, pair
from tests.makers.postgres import Postgres

LEASE_SECONDS = 10
MESSAGES = 24
SENDERS = 3


@pytest.fixture
def shared(postgres: Postgres, object_server: ObjectServer, tmp_path: Path) -> Iterator[Settings]:
    """Settings for an empty database and an empty bucket."""
    with postgres.database() as url:
        objects = object_server.settings(object_server.bucket(), tmp_path)
        password = tmp_path / "password"
        password.touch(mode=0o600)
        password.write_text("correct-horse\n")
        store = {
            "database": url.replace(":correct-horse", ""),
            "database-password-file": str(password),
            "lease-seconds": LEASE_SECONDS,
        }
        yield {**objects, "store": {**objects["store"], **store}}


def test_a_gateway_runs_on_servers_by_configuration_alone(build_site: Callable[..., Site], shared: Settings) -> None:
    """Held for one, delivered to another; listed, released and discarded by the commands; nothing in its folder."""
    site = build_site(shared)
    said = [site.send(letter("case-mixed"), "ward@clinic.example", f"{who}@outside.example") for who in "ab"]

    assert [each.final.code for each in said] == [250, 250]
    held = {item["recipients"][0]["address"][0]: item["item"] for item in site.gateway.quarantine()}
    site.gateway.command("quarantine", "release", held["a"])
    site.gateway.command("quarantine", "discard", held["b"], "--reason", "a test")
    site.postfix.drain()
    got = Counter(who for delivery in site.sink.deliveries for who in delivery.recipients)
    assert got == {"ward@clinic.example": 2, "a@outside.example": 1}
    assert site.gateway.held() == 0
    assert not (site.gateway.state / "gatepost.db").exists()
    assert not (site.gateway.state / "blobs").exists()


@pytest.fixture
def two(rules: Path, shared: Settings) -> Iterator[Pair]:
    with pair(rules, shared) as two:
        yield two


def test_one_of_two_gateways_dies_under_load_and_each_message_arrives_once(two: Pair) -> None:
    """SIGKILL while messages are split and held: their clients come again, and the other gateway goes on with them."""
    heard: Counter[int] = Counter()
    left = iter(range(MESSAGES))
    lock, dead = threading.Lock(), threading.Event()

    def send() -> None:
        while (number := _next(left, lock)) is not None:
            if number == MESSAGES // 3:
                two.gateways[0].kill()
                dead.set()
            raw, recipients = _message(number)
            end = time.monotonic() + 90
            while (code := _code(two, recipients, raw)) != 250 and time.monotonic() < end:
                heard[code] += 1
                time.sleep(0.5)
            heard[code] += 1

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    two.postfix.drain(60)

    assert dead.is_set()
    assert heard[250] == MESSAGES
    got = Counter(who for delivery in two.sink.deliveries for who in delivery.recipients)
    kept = Counter(
        recipient["address"]
        for item in two.gateways[1].quarantine("--limit", "200")
        for recipient in item["recipients"]
        if recipient["address"].startswith("held")
    )
    wanted = Counter(who for number in range(MESSAGES) for who in _message(number)[1])
    assert got + kept == wanted


def test_a_gateway_that_stopped_is_missed_by_nobody(two: Pair) -> None:
    """Stopped in order: mail goes on by the other; both are known with how they are; what one holds the other shows."""
    first, second = two.gateways
    assert _code(two, ("ward@clinic.example", "held@outside.example"), letter("case-mixed")) == 250
    first.stop()

    wait_until(lambda: _code(two, ("ward@clinic.example",), letter("plain")) == 250, 20, "the other one answers")

    lines = second.command("gateways", "list", "--format", "json").splitlines()
    assert ['"stopped"' in line for line in lines] == [True, False]
    assert [item["recipients"][0]["address"] for item in second.quarantine()] == ["held@outside.example"]


def _next(left: Iterator[int], lock: threading.Lock) -> int | None:
    with lock:
        return next(left, None)


def _message(number: int) -> tuple[bytes, tuple[str, ...]]:
    """Every other one is split into three copies, the rest is held for one and delivered to another."""
    if number % 2:
        return letter(f"case-copies {number}"), tuple(f"r{number}@{group}.example" for group in "abc")
    return letter(f"case-mixed {number}"), (f"r{number}@clinic.example", f"held{number}@outside.example")


def _code(two: Pair, recipients: tuple[str, ...], raw: bytes) -> int:
    try:
        return two.postfix.send("nurse@clinic.example", recipients, raw).final.code
    except OSError:
        return 0
