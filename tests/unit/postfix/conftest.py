"""A Postfix configuration as Debian ships it, in a folder of its own; postconf(1) reads and writes it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.demo.postfix import date_back
from gateway.postfix import PostfixTools, Wish

MAIN = """\
compatibility_level = 3.6
myhostname = mail.clinic.example
queue_directory = /var/spool/postfix
mynetworks = 127.0.0.0/8
# a remark of the administrator
inet_interfaces = all
"""
MASTER = """\
# a remark of the administrator
smtp      inet  n       -       y       -       -       smtpd
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
smtp      unix  -       -       y       -       -       smtp
"""
SOCKET = "unix:/var/spool/postfix/gatepost/milter.sock"

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")


WISH = Wish(
    socket=SOCKET,
    submit_host="127.0.0.1",
    submit_port=10026,
    listener="gatepost-loopback",
    largest_message=157_286_400,
    content_timeout=300,
)


@pytest.fixture
def wish() -> Wish:
    return WISH


@pytest.fixture
def postfix(tmp_path: Path) -> Callable[..., PostfixTools]:
    """Writes main.cf and master.cf: the text given goes behind what Debian ships."""

    def write(main: str = "", master: str = "", *, base: str = MASTER) -> PostfixTools:
        (tmp_path / "main.cf").write_text(MAIN + main)
        (tmp_path / "master.cf").write_text(base + master)
        date_back(tmp_path)
        return PostfixTools(tmp_path)

    return write
