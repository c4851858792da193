"""README.md, word for word and whole, in a copy of this machine: from a clone to filtered mail and back again.

Nothing is replaced but systemctl, and pip has its libraries at hand. `make readme` runs it.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers.scratch import POSTFIX, Scratch, scratch_machine
from tests.makers.units import SYSTEMCTL
from tests.wire.test_readme import blocks

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif("GATEPOST_LONG" not in os.environ, reason="long: make readme runs it"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(shutil.which("sudo") is None, reason="sudo is not installed"),
    pytest.mark.timeout(1_800),
]
SEND = """
PATIENT='Patient: Erika Musterfrau, MRN 00482913, has diabetes (E11.9).'
send() {
  sendmail -f ada@clinic.example bo@partner.example <<MAIL
From: ada@clinic.example
To: bo@partner.example
Subject: $1

$2
MAIL
}
arrived() { grep -ls -- "$1" /tmp/got/* | wc -l; }
held() { sudo -u gatepost /opt/gatepost/.venv/bin/gatepost quarantine list --config "$1" --format json | wc -l; }
expect() { # NUMBER COMMAND…
  for _ in $(seq 300); do
    [ "$("${@:2}")" != "$1" ] || return 0
    sleep 0.2
  done
  echo "not $1 but $("${@:2}"): ${*:2}"; mailq; tail -20 /var/log/postfix.log
  tail -5 /var/log/gatepost.log; tail -2 /var/lib/gatepost/audit/audit-*.jsonl; exit 1
}
"""


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    """With a clone in /tmp/clone."""
    with scratch_machine() as machine:
        tmp = machine.folder / "tmp"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp / "clone")], check=True)
        machine.fetch_libraries(tmp / "clone" / "requirements.lock")
        (tmp / "systemctl").write_text(SYSTEMCTL)
        machine.run("install -m 0755 /tmp/systemctl /usr/bin/systemctl; git config --system safe.directory '*'")
        yield machine


def test_every_command_of_the_readme_in_an_empty_folder(scratch: Scratch) -> None:
    """Cloned, tried, installed, configured, started, connected, examined, and removed without a trace in Postfix."""
    demo, install, configure, start, connect, examine, back = blocks()
    demo = re.sub("^make test$", "", demo, flags=re.MULTILINE)  # whoever reads this runs it
    start = start.replace("sudo systemctl", "sudo TIMERS=1 systemctl")
    script = f"""
{POSTFIX}
cp -r /etc/postfix /tmp/before
{SEND}
cd /tmp/clone
{demo}{install}{configure}{start}{connect}
send 'Agenda' 'See you on Friday.'
expect 1 arrived 'See you on Friday'
send 'Result' "$PATIENT"
expect 1 held /etc/gatepost/gatepost.yaml
expect 0 arrived 00482913
{examine}
test -s /var/backups/gatepost.tar
{back}
diff -r /tmp/before /etc/postfix
send 'Result' "$PATIENT"
expect 1 arrived 00482913
echo the end
"""
    said = scratch.run(script, seconds=1_500)
    assert said.endswith("the end\n"), said
    if "GATEPOST_SHOW" in os.environ:
        sys.stdout.write(said)
