"""SIGTERM: finish what is in hand, take no more, leave with 0."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.demo.letters import letter
from gateway.demo.ports import wait_until
from gateway.demo.site import Site
from tests.makers import signals


def test_message_in_hand_is_finished(build_site: Callable[..., Site]) -> None:
    """A message that a worker has when SIGTERM comes is judged, delivered and answered 250; the exit code is 0."""
    site = build_site()
    workers = site.gateway.workers()
    signals.stop(workers)

    with ThreadPoolExecutor(2) as clients:
        sending = clients.submit(site.send, letter("Good morning"), "a@outside.example")
        wait_until(site.gateway.is_busy, 30, "the worker has the message")
        stopping = clients.submit(site.gateway.stop)
        wait_until(
            lambda: any("stop" in line.lower() for line in site.gateway.log_lines()), 30, "it says that it stops"
        )
        signals.go_on(workers)
        said = sending.result(60).final
        code = stopping.result(60)

    assert said.code == 250
    assert len(site.sink.wait_for(1)) == 1
    assert code == 0
    assert not (site.folder / "gateway/run/milter.sock").exists()


def test_stop_without_mail_is_quick_and_leaves_no_process(build_site: Callable[..., Site]) -> None:
    """Nothing in hand: it ends at once, with its workers, and says so in the audit trail."""
    site = build_site()
    workers = site.gateway.workers()

    assert site.gateway.stop(seconds=20) == 0

    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    site.gateway.command("audit", "verify")
