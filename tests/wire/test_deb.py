"""The Debian package on this machine, all that is written kept aside: installed, started, upgraded, removed, purged.

`make debcheck` runs it with the package that `make deb` made.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.doctor.checks.units import settings
from tests.makers.scratch import AS_USER, POSTFIX, Scratch, scratch_machine

PACKAGE = Path(os.environ.get("GATEPOST_DEB", "/nowhere"))
pytestmark = [
    pytest.mark.skipif(not PACKAGE.is_file(), reason="long: make debcheck runs it"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.timeout(1_800),
]
SEND = """
python3 - <<'PY'
import smtplib
with smtplib.SMTP("127.0.0.1", 25, timeout=60) as smtp:
    smtp.sendmail("ada@clinic.example", ["bo@partner.example"],
        "From: ada@clinic.example\\nTo: bo@partner.example\\nSubject: Result\\n\\n"
        "Patient: Erika Musterfrau, MRN 00482913, has diabetes (E11.9).\\n")
PY
"""


OWN = (
    r"/var/lib/(dpkg|apt|systemd)|/var/cache/(debconf|ldconfig|apt|man)"
    r"|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/etc/\.pwd\.lock|/etc/ld\.so\.cache"
)


def files(scratch: Scratch) -> set[str]:
    """Everything but what dpkg, debconf and the user database keep for themselves."""
    listed = scratch.run("find /etc /usr /opt /srv /var/lib /var/spool /var/cache -xdev")
    return {line for line in listed.splitlines() if not re.match(OWN, line)}


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with scratch_machine() as machine:
        yield machine


@pytest.fixture
def newer(scratch: Scratch) -> str:
    """The same package as version 9.0.0, with a changed setting and a changed rule; its path in the scratch machine."""
    tree = scratch.folder / "tmp" / "newer"
    subprocess.run(["dpkg-deb", "--raw-extract", str(PACKAGE), str(tree)], check=True, timeout=300)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*", "Version: 9.0.0-1", control.read_text()))
    (info,) = tree.glob("usr/lib/gatepost/lib/python3*/site-packages/gatepost-*.dist-info")
    metadata = info / "METADATA"
    metadata.write_text(re.sub(r"(?m)^Version: .*", "Version: 9.0.0", metadata.read_text()))
    info.rename(info.with_name("gatepost-9.0.0.dist-info"))
    for name in ("gatepost.yaml", "rules/packs/pci/pci-card-bulk.yaml", "rules/lists/staff.txt"):
        with (tree / "etc" / "gatepost" / name).open("a") as file:
            file.write("# of version 9\n")
    made = scratch.folder / "tmp" / "newer.deb"
    subprocess.run(["dpkg-deb", "-Zzstd", "-z1", "--build", str(tree), str(made)], check=True, timeout=300)
    shutil.rmtree(tree)
    return "/tmp/newer.deb"


def serving(unit: str) -> str:
    """Script that starts the milter by its ExecStart line, as systemd would, and waits until it takes mail."""
    section = settings([unit])
    (before,), (start,) = section["ExecStartPre"], section["ExecStart"]
    return f"""
install -d -o gatepost -g gatepost /run/gatepost
cd /var/lib/gatepost
{AS_USER} {before}
{AS_USER} {start} 2>/var/log/gatepost.log &
for _ in $(seq 300); do
  python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:9825/readyz")' 2>/dev/null && ready=1 && break
  sleep 0.2
done
[ "${{ready:-}}" ] || {{ cat /var/log/gatepost.log; exit 1; }}
"""


def test_in_up_and_out(scratch: Scratch, newer: str) -> None:
    """The life of the package; what it keeps, asks and says at each step."""
    before = files(scratch)

    # in: user, folders, keys, units; nothing in Postfix
    said = scratch.run(f"dpkg -i {PACKAGE}")
    assert "off this machine" in said
    assert scratch.run("gatepost --version").strip().endswith(PACKAGE.name.split("_")[1].split("-")[0])
    assert " failed" not in scratch.run("gatepost rules test --policy /etc/gatepost/rules/policy.yaml")
    clean = "printf 'To: bo@partner.example\\nSubject: Agenda\\n\\nSee you on Friday.\\n' >/tmp/clean.eml"
    seen = scratch.run(f"{clean}; {AS_USER} gatepost scan /tmp/clean.eml --config /etc/gatepost/gatepost.yaml")
    assert seen.startswith("deliver"), seen
    places = "/etc/gatepost /var/lib/gatepost /var/lib/gatepost/keyring.json /var/spool/postfix/gatepost"
    modes = scratch.run(f"stat -c '%n %a %U %G' {places}")
    assert modes.splitlines() == [
        "/etc/gatepost 750 root gatepost",
        "/var/lib/gatepost 700 gatepost gatepost",
        "/var/lib/gatepost/keyring.json 600 gatepost gatepost",
        "/var/spool/postfix/gatepost 750 gatepost postfix",
    ]
    enabled = scratch.run("cd /etc/systemd/system && find . -name 'gatepost*' -type l").split()
    assert sorted(Path(name).name for name in enabled) == [
        "gatepost-audit-verify.timer",
        "gatepost-doctor.timer",
        "gatepost-maintain.timer",
        "gatepost-milter.service",
    ]
    assert scratch.run("dpkg --verify gatepost") == ""
    assert (
        scratch.run("dpkg -L gatepost | grep ^/usr/lib/gatepost | sort | diff - <(find /usr/lib/gatepost | sort)") == ""
    )

    # filtered mail: by the unit's own command, through a Postfix; the doctor has nothing grave to say
    start = serving(scratch.run("cat /lib/systemd/system/gatepost-milter.service"))
    scratch.run(
        POSTFIX
        + start
        + "gatepost postfix apply\n"
        + SEND
        + f"[ $({AS_USER} gatepost quarantine list --format json | wc -l) = 1 ]"
    )

    # while Postfix leads to it, it does not go
    assert "postfix remove" in scratch.run("dpkg --remove gatepost", code=1)
    assert scratch.run("dpkg-query -W -f '${db:Status-Status}' gatepost") == "installed"
    scratch.run("postfix start >/dev/null 2>&1; gatepost postfix remove")

    # up: what was touched stays, what was not is replaced, keys stay
    mine = "sed -i '$a# mine' /etc/gatepost/gatepost.yaml /etc/gatepost/rules/lists/staff.txt"
    keys = scratch.run(f"{mine}; sha256sum /var/lib/gatepost/keyring.json")
    scratch.run(f"dpkg --force-confdef --force-confold -i {newer}")
    assert scratch.run("gatepost --version").strip().endswith("9.0.0")
    assert scratch.run("sha256sum /var/lib/gatepost/keyring.json") == keys
    names = "gatepost.yaml gatepost.yaml.dpkg-dist rules/lists/staff.txt rules/packs/pci/pci-card-bulk.yaml"
    tails = scratch.run(f"cd /etc/gatepost; tail -qn1 {names}")
    assert tails.splitlines() == ["# mine", "# of version 9", "# mine", "# of version 9"]
    scratch.run(
        serving(scratch.run("cat /lib/systemd/system/gatepost-milter.service")) + f"{AS_USER} gatepost audit verify"
    )

    # out: program gone, the rest stays
    scratch.run("dpkg --remove gatepost")
    assert scratch.run("ls /usr/bin/gatepost /usr/lib/gatepost 2>&1 || true").count("No such file") == 2
    scratch.run("test -s /etc/gatepost/gatepost.yaml -a -s /var/lib/gatepost/keyring.json")

    # purged without an answer: evidence stays, and it is said where
    said = scratch.run("dpkg --purge gatepost")
    assert "kept: /var/lib/gatepost" in said
    assert "rm -r /var/lib/gatepost" in said
    assert scratch.run("sha256sum /var/lib/gatepost/keyring.json") == keys

    # installed anew it takes up what is there; purged with an answer nothing is left but the user
    scratch.run(f"dpkg -i {PACKAGE}")
    assert scratch.run("sha256sum /var/lib/gatepost/keyring.json") == keys
    answer = "echo 'gatepost gatepost/destroy-evidence boolean true' | debconf-set-selections"
    scratch.run(f"{answer}; dpkg --purge gatepost")
    left = files(scratch) - before
    assert {name for name in left if "gatepost" in name or "postfix" not in name} == set()
    assert scratch.run("id -un gatepost").strip() == "gatepost"
