"""A worker that is killed, or hangs, in the middle of a message."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.service import descendants
from gateway.demo.site import Site
from tests.makers import signals


def test_killed_worker_costs_its_message_a_451(build_site: Callable[..., Site]) -> None:
    """The client is told to come again; nothing is delivered or kept; the same message passes once afterwards."""
    site = build_site()
    raw = letter("Good morning")
    held = site.gateway.held()
    workers = site.gateway.workers()
    signals.stop(workers)

    with ThreadPoolExecutor(1) as client:
        sending = client.submit(site.send, raw, "a@outside.example")
        wait_until(site.gateway.is_busy, 30, "the worker has the message")
        signals.kill(workers)
        said = sending.result(60).final

    site.postfix.drain()
    assert (said.code, said.enhanced) == (451, "4.7.1")
    assert site.sink.deliveries == ()
    assert site.gateway.held() == held

    assert site.send(raw, "a@outside.example").final.code == 250
    site.postfix.drain()
    assert len(site.sink.wait_for(1)) == 1
    assert {*workers} != {*site.gateway.workers()}


def test_hanging_worker_is_ended_at_the_deadline_and_the_policy_decides(build_site: Callable[..., Site]) -> None:
    """Past the deadline the message is quarantined, as the policy says of failures; the next one passes."""
    site = build_site({"workers": {"count": 1, "deadline-seconds": 2}})
    workers = site.gateway.workers()
    signals.stop(workers)

    said = site.send(letter("Good morning"), "a@outside.example").final

    signals.go_on(workers)
    site.postfix.drain()
    assert said.code == 250
    assert site.sink.deliveries == ()
    assert site.gateway.held() == 1
    assert site.gateway.metrics()['gatepost_inspection_failures_total{detector="inspection",kind="timeout"}'] == 1

    assert site.send(letter("Good morning"), "b@outside.example").final.code == 250
    assert site.sink.wait_for(1)[0].recipients == ("b@outside.example",)


def test_other_messages_pass_while_one_worker_hangs(build_site: Callable[..., Site]) -> None:
    """A message that makes a worker hang costs the others nothing."""
    site = build_site({"workers": {"count": 2, "deadline-seconds": 20}})
    workers = site.gateway.workers()
    signals.stop(workers)

    with ThreadPoolExecutor(6) as client:
        first = client.submit(site.send, letter("Good morning"), "first@outside.example")
        wait_until(site.gateway.is_busy, 30, "a worker has the message")
        signals.go_on(workers[1:])
        others = [client.submit(site.send, letter("Good morning"), f"{i}@outside.example") for i in range(5)]
        site.sink.wait_for(5)  # those that go on take all but what the stopped one has
        signals.go_on(workers)
        codes = [sending.result(60).final.code for sending in (first, *others)]

    assert codes == [250] * 6
    assert len(site.sink.wait_for(6)) == 6


def test_worker_that_outgrows_its_memory_costs_its_message_a_hold(build_site: Callable[..., Site]) -> None:
    """A message that needs more than a worker may have is held, not deferred for ever; the next one passes."""
    site = build_site({"workers": {"count": 1, "memory-mib": 128}})
    raw = letter("large", (b"219-09-9999 and so on, line after line.\r\n") * 2_400_000)

    said = site.send(raw, "a@outside.example").final

    site.postfix.drain()
    assert said.code == 250
    assert site.sink.deliveries == ()
    assert site.gateway.held() == 1
    assert site.send(letter("Good morning"), "b@outside.example").final.code == 250
    assert len(site.sink.wait_for(1)) == 1


def test_workers_are_replaced_after_their_messages(build_site: Callable[..., Site]) -> None:
    """With recycle-after 2, ten messages see several workers and no failure."""
    site = build_site({"workers": {"count": 1, "recycle-after": 2}})

    codes = [site.send(letter("Good morning"), f"{number}@outside.example").final.code for number in range(10)]

    assert codes == [250] * 10
    assert len(site.sink.wait_for(10)) == 10
    assert site.gateway.metrics()["gatepost_worker_restarts_total"] >= 4


def test_message_too_many_is_deferred(build_site: Callable[..., Site]) -> None:
    """No worker free and the queue full: 451, at once; those that wait are answered when the workers go on."""
    site = build_site({"workers": {"count": 1, "queue-limit": 1, "aside": 0}})
    workers = site.gateway.workers()
    signals.stop(workers)
    held = len(workers)

    with ThreadPoolExecutor(held + 1) as clients:
        sent = [clients.submit(site.send, letter("Good morning"), f"{n}@outside.example") for n in range(held)]
        wait_until(lambda: site.gateway.metrics()["gatepost_workers_busy"] == held, 30, "each worker has a message")
        sent.append(clients.submit(site.send, letter("Good morning"), "waits@outside.example"))
        wait_until(lambda: site.gateway.metrics()["gatepost_workers_queue"] == 1, 30, "another waits")
        refused = site.send(letter("Good morning"), "too-many@outside.example").final
        signals.go_on(workers)
        codes = [sending.result(60).final.code for sending in sent]

    assert refused.code == 451
    assert codes == [250] * (held + 1)
    assert len(site.sink.wait_for(held + 1)) == held + 1


def test_gateway_recovers_when_the_parent_of_the_workers_is_killed(build_site: Callable[..., Site]) -> None:
    """The process that workers are forked from is killed: at worst some 451, and mail flows again by itself."""
    site = build_site()
    workers = site.gateway.workers()
    nursery = [pid for pid in descendants(site.gateway.pid) if pid not in workers]
    assert len(nursery) == 1

    signals.kill([*nursery, *workers])
    codes: list[int] = []

    def flows() -> bool:
        codes.append(site.send(letter("Good morning"), "a@outside.example").final.code)
        return codes[-1] == 250

    wait_until(flows, 60, "mail flows again", every=0.5)
    assert set(codes) <= {250, 451}
    site.postfix.drain()
    assert len(site.sink.deliveries) == 1
