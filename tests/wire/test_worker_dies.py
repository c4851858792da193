"""A worker that is killed, or hangs, in the middle of a message."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.service import descendants
from gateway.demo.site import Site


def test_killed_worker_costs_its_message_a_451(site: Site) -> None:
    """The client is told to come again; nothing is delivered or kept; the same message passes once afterwards."""
    raw = letter("Good morning")
    held = site.gateway.held()
    (worker,) = site.gateway.workers()
    os.kill(worker, signal.SIGSTOP)  # so that it has the message and is at it for as long as we like

    with ThreadPoolExecutor(1) as client:
        sending = client.submit(site.send, raw, "a@outside.example")
        wait_until(site.gateway.is_busy, 30, "the worker has the message")
        os.kill(worker, signal.SIGKILL)
        said = sending.result(60).final

    site.postfix.drain()
    assert (said.code, said.enhanced) == (451, "4.7.1")
    assert site.sink.deliveries == ()
    assert site.gateway.held() == held

    assert site.send(raw, "a@outside.example").final.code == 250
    site.postfix.drain()
    assert len(site.sink.wait_for(1)) == 1
    assert worker not in site.gateway.workers()


def test_hanging_worker_is_ended_at_the_deadline_and_the_policy_decides(build_site: Callable[..., Site]) -> None:
    """Past the deadline the message is quarantined, as the policy says of failures; the next one passes."""
    site = build_site({"workers": {"count": 1, "deadline-seconds": 2}})
    (worker,) = site.gateway.workers()
    os.kill(worker, signal.SIGSTOP)

    said = site.send(letter("Good morning"), "a@outside.example").final

    site.postfix.drain()
    assert said.code == 250
    assert site.sink.deliveries == ()
    assert site.gateway.held() == 1
    assert site.gateway.metrics()['gatepost_inspection_failures_total{detector="inspection",kind="timeout"}'] == 1

    assert site.send(letter("Good morning"), "b@outside.example").final.code == 250
    assert site.sink.wait_for(1)[0].recipients == ("b@outside.example",)


def test_other_messages_pass_while_one_worker_hangs(build_site: Callable[..., Site]) -> None:
    """With two workers, a message that makes one hang costs the others nothing."""
    site = build_site({"workers": {"count": 2, "deadline-seconds": 20}})
    workers = site.gateway.workers()
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)

    with ThreadPoolExecutor(6) as client:
        first = client.submit(site.send, letter("Good morning"), "first@outside.example")
        wait_until(site.gateway.is_busy, 30, "a worker has the message")
        os.kill(workers[0], signal.SIGCONT)
        others = [client.submit(site.send, letter("Good morning"), f"{i}@outside.example") for i in range(5)]
        site.sink.wait_for(5)  # the one that goes on takes all but what the stopped one has
        os.kill(workers[1], signal.SIGCONT)
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
    """No worker free and the queue full: 451, at once; those that wait are answered when the worker goes on."""
    site = build_site({"workers": {"count": 1, "queue-limit": 1}})
    (worker,) = site.gateway.workers()
    os.kill(worker, signal.SIGSTOP)

    with ThreadPoolExecutor(2) as clients:
        first = clients.submit(site.send, letter("Good morning"), "1@outside.example")
        wait_until(site.gateway.is_busy, 30, "the worker has the first")
        second = clients.submit(site.send, letter("Good morning"), "2@outside.example")
        wait_until(lambda: site.gateway.metrics()["gatepost_workers_queue"] == 1, 30, "the second waits")
        third = site.send(letter("Good morning"), "3@outside.example").final
        os.kill(worker, signal.SIGCONT)
        codes = [sending.result(60).final.code for sending in (first, second)]

    assert third.code == 451
    assert codes == [250, 250]
    assert len(site.sink.wait_for(2)) == 2


def test_gateway_recovers_when_the_parent_of_the_workers_is_killed(build_site: Callable[..., Site]) -> None:
    """The process that workers are forked from is killed: at worst some 451, and mail flows again by itself."""
    site = build_site()
    (worker,) = site.gateway.workers()
    (nursery,) = [pid for pid in descendants(site.gateway.pid) if pid != worker]

    os.kill(nursery, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    codes: list[int] = []

    def flows() -> bool:
        codes.append(site.send(letter("Good morning"), "a@outside.example").final.code)
        return codes[-1] == 250

    wait_until(flows, 60, "mail flows again", every=0.5)
    assert set(codes) <= {250, 451}
    site.postfix.drain()
    assert len(site.sink.deliveries) == 1
