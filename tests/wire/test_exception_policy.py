"""What libmilter does when one of our callbacks raises: 451, never a delivery."""

import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.ports import wait_until
from gateway.demo.postfix import PrivatePostfix, Wiring
from gateway.demo.sink import Sink

BROKEN_MILTER = """
    import sys, threading
    from pathlib import Path
    from gateway.milter import Collecting, MilterServer, MilterSettings
    from gateway.arriving.spool import Spool

    class Judge:
        def began(self): return True
        def ended(self): pass
        def judge(self, arrival, edits): raise RuntimeError("a bug that nobody caught")

    MilterServer(
        MilterSettings("unix:" + sys.argv[1], 0o666), Judge(), Collecting(lambda: Spool(Path("/tmp"), 1 << 20), 1 << 20)
    ).start()
    threading.Event().wait()
"""


@pytest.fixture
def socket_of_broken_milter() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gp-"))
    folder.chmod(0o755)  # Postfix's user must reach the socket
    path = folder / "m.sock"
    command = [sys.executable, "-c", textwrap.dedent(BROKEN_MILTER), str(path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as milter:
        try:
            wait_until(path.exists, 30, "the milter listens")
            yield path
        finally:
            milter.kill()
            shutil.rmtree(folder, ignore_errors=True)


def test_a_callback_that_raises_is_a_451(socket_of_broken_milter: Path) -> None:
    """The exception policy is TEMPFAIL: the client comes again, and nothing is delivered."""
    milter = f"unix:{socket_of_broken_milter}"
    with (
        Sink() as sink,
        PrivatePostfix(socket_of_broken_milter.parent / "p", Wiring(next_hop=sink.port, milter=milter)) as postfix,
    ):
        said = postfix.send("a@clinic.example", ["b@x.example"], b"Subject: x\r\n\r\nx\r\n")
        postfix.drain()

        assert said.data is not None
        assert said.data.code == 451
        assert sink.deliveries == ()
