"""gateway.processes.cradle, with real processes"""

import subprocess
import sys
import threading

import pytest

from gateway.processes.cradle import can_fork, clean, forked

# A process of its own: this one may have threads, and a fork would have all that the tests have loaded.
SCRIPT = """
import os
from pathlib import Path
from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.processes.cradle import forked
from gateway.demo.ports import wait_until
from gateway.workers.nursery import Ahead, Setup, draft_for_one, main
from gateway.policy import Organization, Policy
from gateway.ruleset import RuleSet
from gateway.workers.pool import Pace, Workers

def about(pid, what):
    return Path(f"/proc/{pid}/status").read_text().split(what + ":")[1].split()[0]

ruleset = RuleSet(Policy(Organization("Clinic", ("clinic.example",)), ()), ())
ahead = {ahead}
cradle = forked(lambda channel: main(channel.detach(), ahead), ahead.known)
setup = Setup(ruleset, Limits(), Notices("", "", ""), later=True, single=True, explain=True)
envelope = Envelope("a@clinic.example", (Recipient("b@x.example"),))
transaction = Transaction(Session(), envelope, b"Subject: x\\r\\n\\r\\ny")
with Workers(setup, Pace(count=1), cradle) as workers:
    (worker,) = workers.pids
    nursery = about(worker, "PPid")
    print(workers.inspect(transaction).verdict.disposition.word)
    print(about(nursery, "PPid") == str(os.getpid()), about(worker, "Seccomp"), about(worker, "NoNewPrivs"))
    os.kill(int(nursery), 9)
    wait_until(lambda: not Path(f"/proc/{worker}").exists() or about(worker, "State") == "Z", 30, "it dies as well")
    print(workers.inspect(transaction).verdict.disposition.word)
print(Path(f"/proc/{nursery}").exists())
"""


@pytest.mark.parametrize(
    "ahead",
    [
        "Ahead()",
        "Ahead((ruleset,), draft_for_one(ruleset))",
        "Ahead((ruleset,), Setup(RuleSet(ruleset.policy, ()), Limits(), Notices('', '', '')))",
    ],
    ids=["knows nothing", "knows the rules", "expected others"],
)
def test_a_forked_nursery_serves_and_is_replaced_when_it_dies(ahead: str) -> None:
    """Its workers are confined as all are; after it a clean one takes over, and nothing of it is left."""
    script = SCRIPT.replace("{ahead}", ahead)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.split() == ["deliver", "True", "2", "1", "deliver", "False"]


def test_a_process_with_threads_is_not_to_be_forked() -> None:
    """A lock that another thread holds would be held in the fork for ever."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("make", [clean, lambda: forked(lambda channel: None)], ids=["clean", "forked"])
def test_a_nursery_that_is_given_up_is_gone(make: object) -> None:
    """It may be given up twice."""
    assert callable(make)
    cradle = make()

    cradle.give_up()
    cradle.give_up()

    with pytest.raises(OSError, match=r"[Bb]ad file"):
        cradle.control.getpeername()
