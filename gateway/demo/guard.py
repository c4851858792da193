"""Ends a process when we end, however we end: also by SIGKILL, when nothing of ours can run any more."""

import subprocess

# Standard input is a pipe that only we hold: its end is our end. (PR_SET_PDEATHSIG would not do: the kernel forgets
# it when Postfix changes its user.)
SCRIPT = 'read -r _; kill -TERM "$1"'


class Guard:
    """Watches over one child of ours until `dismiss`."""

    def __init__(self, pid: int) -> None:
        """`pid` must not have been waited for before `dismiss`, or it could be somebody else's by then."""
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "guard", str(pid)], stdin=subprocess.PIPE, start_new_session=True
        )

    def dismiss(self) -> None:
        """The child ends in another way."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
