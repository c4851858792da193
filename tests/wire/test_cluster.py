"""PostgreSQL and an S3-compatible store by configuration alone, and two gateways on both, one of which dies."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.service import Settings
from gateway.demo.sink import Sink
from gateway.demo.site import Layout, Site
from tests.makers.between import Between
from tests.makers.objects import ObjectServer
from tests.makers.pair import Pair, pair
from tests.makers.postgres import Postgres

LEASE_SECONDS = 10
MESSAGES = 24
SENDERS = 3


@dataclass
class Servers:
    """An empty database and an empty bucket, with somebody before each, and the settings for them."""

    database: Between
    objects: Between
    settings: Settings


@contextmanager
def servers(postgres: Postgres, object_server: ObjectServer, folder: Path) -> Iterator[Servers]:
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text("correct-horse\n")
    with (
        Between(postgres.port) as database,
        Between(object_server.port) as objects,
        postgres.database(database.port) as url,
    ):
        bucket = object_server.access(object_server.bucket().bucket, objects.port, seconds=2)
        settings = object_server.settings(bucket, folder)
        store = {
            "database": url.replace(":correct-horse", ""),
            "database-password-file": str(password),
            "lease-seconds": LEASE_SECONDS,
        }
        yield Servers(database, objects, {**settings, "store": {**settings["store"], **store}})


@pytest.fixture(scope="module")
def alone(
    postgres: Postgres,
    object_server: ObjectServer,
    tmp_path_factory: pytest.TempPathFactory,
    wire_rules: Callable[[Path], Path],
) -> Iterator[tuple[Site, Servers]]:
    """One gateway on servers, the cheaper half of these tests."""
    folder = tmp_path_factory.mktemp("alone")
    with servers(postgres, object_server, folder) as there:
        layout = Layout(wire_rules(folder / "rules"), {"workers": {"count": 1}, **there.settings})
        with Site(layout, prefix="gp-") as site:
            yield site, there


def test_a_gateway_runs_on_servers_by_configuration_alone(alone: tuple[Site, Servers]) -> None:
    """Held for one, delivered to another; listed, released and discarded by the commands; nothing in its folder."""
    site, _ = alone
    said = [site.send(letter("case-mixed"), "ward@clinic.example", f"{who}@outside.example") for who in "ab"]

    assert [each.final.code for each in said] == [250, 250]
    held = {item["recipients"][0]["address"][0]: item["item"] for item in site.gateway.quarantine()}
    site.gateway.command("quarantine", "release", held["a"])
    site.gateway.command("quarantine", "discard", held["b"], "--reason", "a test")
    site.postfix.drain()
    assert _got(site.sink) == {"ward@clinic.example": 2, "a@outside.example": 1}
    assert site.gateway.held() == 0
    assert not (site.gateway.state / "gatepost.db").exists()
    assert not (site.gateway.state / "blobs").exists()


@pytest.mark.parametrize("fault", ["away", "hangs"])
def test_without_the_object_store_what_is_to_be_held_is_deferred(alone: tuple[Site, Servers], fault: str) -> None:
    """Never delivered for want of a place; other mail goes on; the client's next try is held, once."""
    site, there = alone
    site.sink.clear()
    before, to = site.gateway.held(), (f"ward-{fault}@clinic.example", f"{fault}@outside.example")
    setattr(there.objects, fault, True)
    there.objects.drop_all()
    deferred = site.send(letter(f"case-mixed {fault}"), *to).final.code
    other = site.send(letter("nothing in it"), "ann@outside.example").final.code
    setattr(there.objects, fault, False)
    there.objects.drop_all()
    taken = site.send(letter(f"case-mixed {fault}"), *to).final.code
    site.postfix.drain()

    assert (deferred, other, taken) == (451, 250, 250)
    assert _got(site.sink) == {to[0]: 1, "ann@outside.example": 1}
    assert site.gateway.held() == before + 1


def test_without_the_database_all_mail_is_deferred(alone: tuple[Site, Servers]) -> None:
    """Nothing passes unseen, and nothing comes twice, where a commit of the journal was lost on its way too."""
    site, there = alone
    site.sink.clear()
    before, to = site.gateway.held(), ("ward-db@clinic.example", "db@outside.example")
    there.database.away = True
    there.database.drop_all()
    clean = site.send(letter("nothing in it"), "ann@outside.example").final.code
    deferred = site.send(letter("case-mixed db"), *to).final.code
    there.database.away = False
    heard: list[int] = []
    while not heard or (heard[-1] != 250 and len(heard) < 5):
        there.database.cut_after = b"COMMIT\0" if len(heard) < 2 else b""
        heard.append(site.send(letter("case-mixed db"), *to).final.code)
    site.postfix.drain()

    assert (clean, deferred, heard[-1]) == (451, 451, 250)
    assert there.database.cuts >= 1
    assert _got(site.sink) == {to[0]: 1}
    assert site.gateway.held() == before + 1


@pytest.fixture(scope="module")
def two(
    postgres: Postgres,
    object_server: ObjectServer,
    tmp_path_factory: pytest.TempPathFactory,
    wire_rules: Callable[[Path], Path],
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("two")
    with (
        servers(postgres, object_server, folder) as there,
        pair(wire_rules(folder / "rules"), there.settings) as two,
    ):
        yield two


def test_one_of_two_gateways_dies_under_load_and_each_message_arrives_once(two: Pair) -> None:
    """SIGKILL while messages are split and held: their clients come again, and the other gateway goes on with them."""
    heard: Counter[int] = Counter()
    left = iter(range(MESSAGES))
    lock = threading.Lock()

    def send() -> None:
        while (number := _next(left, lock)) is not None:
            if number == MESSAGES // 3:
                two.gateways[0].kill()
            recipients, raw = _message(number)
            end = time.monotonic() + 90
            while (code := _code(two, recipients, raw)) != 250 and time.monotonic() < end:
                heard[code] += 1
                time.sleep(1.0)
            heard[code] += 1

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    two.postfix.drain(60)

    assert heard[250] == MESSAGES
    kept = Counter(
        recipient["address"]
        for item in two.gateways[1].quarantine("--limit", "200")
        for recipient in item["recipients"]
        if recipient["address"].startswith("held")
    )
    assert _got(two.sink) + kept == Counter(who for number in range(MESSAGES) for who in _message(number)[0])


def test_a_gateway_that_stopped_is_missed_by_nobody(two: Pair) -> None:
    """The one that was killed is back, the other is stopped in order: mail goes on; who is how, both know."""
    first, second = two.gateways
    first.start()
    second.stop()
    wait_until(lambda: _code(two, ("ward@clinic.example",), letter("plain")) == 250, 20, "the other one answers")
    assert _code(two, ("ward@clinic.example", "last@outside.example"), letter("case-mixed")) == 250

    lines = first.command("gateways", "list", "--format", "json").splitlines()
    assert ['"stopped"' in line for line in lines] == [False, True]
    assert "last@outside.example" in str(first.quarantine("--limit", "1"))


def _got(sink: Sink) -> Counter[str]:
    return Counter(who for delivery in sink.deliveries for who in delivery.recipients)


def _next(left: Iterator[int], lock: threading.Lock) -> int | None:
    with lock:
        return next(left, None)


def _message(number: int) -> tuple[tuple[str, ...], bytes]:
    """Every other one is split into three copies, the rest is held for one and delivered to another."""
    if number % 2:
        return tuple(f"r{number}@{group}.example" for group in "abc"), letter(f"case-copies {number}")
    return (f"r{number}@clinic.example", f"held{number}@outside.example"), letter(f"case-mixed {number}")


def _code(two: Pair, recipients: tuple[str, ...], raw: bytes) -> int:
    try:
        return two.postfix.send("nurse@clinic.example", recipients, raw).final.code
    except OSError:
        return 0
