"""The Ansible role at full length, in a machine apart: program, user, units, Postfix; another version under load; out.

`make upgrade` runs it. The libraries are fetched before, since that machine has no network; a script plays systemctl.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers.scratch import POSTFIX, Scratch, scratch_machine
from tests.makers.units import SYSTEMCTL

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif("GATEPOST_LONG" not in os.environ, reason="long: make upgrade runs it"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(shutil.which("ansible-playbook") is None, reason="ansible is not installed"),
    pytest.mark.timeout(1_800),
]
TRAFFIC = """
import os, smtplib, time
number = deferred = 0
while not os.path.exists("/tmp/stop"):
    text = f"From: nurse@clinic.example\\nTo: bo@partner.example\\nSubject: number {number}\\n\\nHello.\\n"
    try:
        with smtplib.SMTP("127.0.0.1", 25, timeout=120) as smtp:
            smtp.sendmail("nurse@clinic.example", ["bo@partner.example"], text)
        number += 1
    except (smtplib.SMTPException, OSError):
        deferred += 1
        time.sleep(0.2)
open("/tmp/sent", "w").write(f"{number} {deferred}")
"""
SCRIPT = """
export ANSIBLE_PIPELINING=1 ANSIBLE_NOCOLOR=1
play() {
  ansible-playbook -i localhost, -c local -e @/tmp/variables.json "$@" /tmp/source/ansible/site.yml &>/tmp/play.log \\
    || { cat /tmp/play.log; tail -30 /var/log/gatepost.log; exit 1; }
  sed -n 's/.*changed=\\([0-9]*\\).*/changed \\1/p' /tmp/play.log
}
version() { /opt/gatepost/.venv/bin/gatepost --version | grep -o '[0-9.]*$'; }
cp /tmp/systemctl /usr/bin/systemctl
cp -r /etc/postfix /tmp/postfix-before
told=$(play) || { echo "$told"; exit 1; }; echo "in $told $(version)"
told=$(play); echo "again $told"
python3 /tmp/traffic.py &
traffic=$!
sed -i '0,/^version = .*/s//version = "9.0.0"/' /tmp/source/pyproject.toml
told=$(play) || { echo "$told"; exit 1; }; echo "up $told $(version)"
touch /tmp/stop; wait $traffic
echo "enabled $(cd /run/units && ls *.enabled | tr '\\n' ' ')"
echo "backups $(ls /var/backups/gatepost | wc -l)"
until [ -z "$(find /var/spool/postfix/{incoming,active,deferred,maildrop} -type f)" ]; do postqueue -f; sleep 0.5; done
echo "sent $(cat /tmp/sent)"
cat /tmp/got/* | grep '^Subject: number' >/tmp/arrived
echo "arrived $(wc -l </tmp/arrived) $(sort -u /tmp/arrived | wc -l)"
told=$(play -e gatepost_state=absent) || { echo "$told"; exit 1; }; echo "out $told"
diff -r /etc/postfix /tmp/postfix-before && echo "postfix as before"
echo "left $(ls /etc/systemd/system/gatepost* 2>/dev/null | wc -l) $(ls /var/lib/gatepost/keyring.json)"
"""
VARIABLES = """{
  "ansible_become": false, "ansible_python_interpreter": "/usr/bin/python3", "gatepost_systemd": true,
  "gatepost_source": "/tmp/source", "gatepost_backup_folder": "/var/backups/gatepost",
  "gatepost_settings": {"workers": {"count": 1}, "reports": {"recipients": ["board@clinic.example"]}},
  "gatepost_doctor_skip": ["login-tls", "time-outs", "disk", "memory", "inodes", "clock"]
}"""


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    """With a source to install from."""
    with scratch_machine() as machine:
        tmp = machine.folder / "tmp"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in filter(None, listed.stdout.split("\0")):
            (tmp / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp / "source" / name)
        for name, text in (("systemctl", SYSTEMCTL), ("traffic.py", TRAFFIC), ("variables.json", VARIABLES)):
            (tmp / name).write_text(text)
        (tmp / "systemctl").chmod(0o755)
        machine.fetch_libraries(ROOT / "requirements.lock")
        machine.run("mkdir -p /var/backups/gatepost")
        yield machine


def test_in_another_version_under_load_and_out(scratch: Scratch) -> None:
    """Each message arrives once, although the gateway is replaced by another version meanwhile."""
    said = scratch.run(POSTFIX + SCRIPT, seconds=1_500)

    told = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.strip()}
    assert told["in"][1] != "0", said
    assert told["again"] == ["changed", "0"]
    assert told["up"][2] == "9.0.0"
    assert told["in"][2] != "9.0.0"
    assert {name.removesuffix(".enabled") for name in told["enabled"]} == {
        "gatepost-milter",
        "gatepost-maintain.timer",
        "gatepost-audit-verify.timer",
        "gatepost-doctor.timer",
        "gatepost-notices.timer",
        "gatepost-report.timer",
    }
    assert told["backups"] == ["1"]
    sent, deferred = told["sent"]
    assert int(sent) > 0
    assert int(deferred) > 0, "the upgrade did not interrupt anything: it was not under load"
    assert told["arrived"] == [sent, sent]
    assert told["postfix"] == ["as", "before"]
    assert told["left"] == ["0", "/var/lib/gatepost/keyring.json"]
