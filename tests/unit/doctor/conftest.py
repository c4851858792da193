"""A gateway that serves, the Postfix configuration that `gatepost postfix apply` makes for it, and copies of both to
plant faults in."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.config import load_config, shipped
from gateway.demo.ports import PortHold
from gateway.demo.postfix import date_back
from gateway.demo.service import Service, Settings
from gateway.demo.site import private_folder
from gateway.postfix import PostfixTools, propose, wish_of
from tests.makers.patient import Patient

RULES = Path(__file__).parents[2] / "wire" / "rules"
MAIN = """\
compatibility_level = 3.6
myhostname = mail.clinic.example
queue_directory = {queue}
mynetworks = 127.0.0.0/8
message_size_limit = 10240000
"""
MASTER = """\
smtp       inet  n  -  y  -  -  smtpd
submission inet  n  -  y  -  -  smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
pickup     unix  n  -  y  60 1  pickup
cleanup    unix  n  -  y  -  0  cleanup
qmgr       unix  n  -  n  300 1 qmgr
smtp       unix  -  -  y  -  -  smtp
"""


@pytest.fixture(scope="session")
def serving() -> Iterator[Patient]:
    """The healthy machine: a gateway that serves, behind a Postfix configuration as it was put in."""
    with private_folder("gp-doc-") as folder, closing(PortHold()) as loopback:
        for name in ("rules", "postfix", "queue/gatepost"):
            (folder / name).mkdir(parents=True)
        rules = folder / "gateway" / "rules"
        shutil.copytree(RULES, rules)
        (rules / "detectors").mkdir()
        shutil.copy(shipped("rules") / "detectors" / "us-ssn.yaml", rules / "detectors")
        settings: Settings = {
            "milter": {"socket": f"unix:{folder}/queue/gatepost/milter.sock", "socket-group": ""},
            "workers": {"count": 1},
            "postfix": {"lanes": []},
        }
        (folder / "postfix" / "main.cf").write_text(MAIN.format(queue=folder / "queue"))
        date_back(folder / "postfix")
        (folder / "postfix" / "master.cf").write_text(MASTER)
        with Service(folder / "gateway", rules, loopback.port, settings) as service:
            tools = PostfixTools(folder / "postfix")
            wish = wish_of(load_config(service.config, {}))
            tools.carry_out(propose(tools.survey(), wish).changes)
            plain = {
                section: dict(load_config(service.config, {}).model_dump(mode="json", by_alias=True)[section])
                for section in ("milter", "workers", "postfix", "status")
            }
            yield Patient(folder, plain)


@pytest.fixture
def patient(serving: Patient) -> Iterator[Patient]:
    """A copy of what is kept and written; the gateway itself is shared."""
    folder = serving.folder / f"copy-{os.urandom(3).hex()}"
    folder.mkdir()
    shutil.copytree(serving.folder / "postfix", folder / "postfix")
    date_back(folder / "postfix")
    shutil.copytree(serving.folder / "gateway" / "state", folder / "state")
    shutil.copytree(serving.folder / "gateway" / "rules", folder / "rules")
    settings = {section: dict(values) for section, values in serving.settings.items()}
    settings["milter"].pop("spool-folder")
    settings["store"] = {"folder": str(folder / "state")}
    settings["policy"] = {"file": str(folder / "rules" / "policy.yaml")}
    copy = Patient(folder, settings)
    copy.write()
    yield copy
    shutil.rmtree(folder)
