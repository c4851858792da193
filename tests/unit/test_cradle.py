"""gateway.cradle, with real processes"""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway.cradle import clean, forked

# A process of its own: this one may have threads, and a fork would have all that the tests have loaded.
SCRIPT = """
import os, sys
from pathlib import Path
from gateway.actions import Notices
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.cradle import forked
from gateway.demo.ports import wait_until
from gateway.nursery import Setup
from gateway.policy import Organization, Policy
from gateway.ruleset import RuleSet
from gateway.workers import Pace, Workers

def about(pid, what):
    return Path(f"/proc/{pid}/status").read_text().split(what + ":")[1].split()[0]

cradle = forked([Path(name) for name in sys.argv[1:]])
policy = Policy(Organization("Clinic", ("clinic.example",)), ())
setup = Setup(RuleSet(policy, ()), Limits(), Notices("", "", ""), single=True)
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


def run(*models: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *models], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_a_forked_nursery_serves_and_is_replaced_when_it_dies() -> None:
    """Its workers are confined as all are; after it a clean one takes over, and nothing of it is left."""
    assert run() == ["deliver", "True", "2", "1", "deliver", "False"]


def test_a_model_that_cannot_be_loaded_early_is_of_no_matter(tmp_path: Path) -> None:
    """The rules that name it tell what is wrong with it."""
    assert run(str(tmp_path / "nothing"))[0] == "deliver"


def test_a_process_with_threads_is_not_forked() -> None:
    """A lock that another thread holds would be held in the fork for ever."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        cradle = forked(())
    finally:
        ended.set()
        thread.join()

    assert isinstance(cradle.process, subprocess.Popen)
    cradle.give_up()


@pytest.mark.parametrize("make", [clean, lambda: forked(())], ids=["clean", "forked"])
def test_a_nursery_that_is_given_up_is_gone(make: object) -> None:
    """It may be given up twice."""
    assert callable(make)
    cradle = make()

    cradle.give_up()
    cradle.give_up()

    with pytest.raises(OSError, match=r"[Bb]ad file"):
        cradle.control.getpeername()
