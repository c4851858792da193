"""A rule under monitor changes no byte: of what is delivered, held, told or answered. Under enforce it would."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.actions import Notices, apply_edits
from gateway.core.detector import DetectorSpec
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.limits import Limits
from gateway.core.plan import Plan
from gateway.core.verdict import Means, Method
from gateway.detect import Engine
from gateway.detect.load import load_detectors
from gateway.pipeline import inspect
from gateway.policy.verbs import VERBS
from gateway.ruleset import load_ruleset

OUTSIDE, INSIDE, PARTNER = "pat@home.example", "desk@clinic.example", "lab@partner.example"
RAW = (
    b"From: Nurse <nurse@clinic.example>\r\nTo: pat@home.example, desk@clinic.example\r\n"
    b"Subject: [secure] Your form\r\nX-Old: yes\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour SSN is 536-22-1874, and caf\xc3\xa9 is open. \r\n"
    b'--b\r\nContent-Type: text/csv; name="table.csv"\r\nContent-Disposition: attachment; filename="table.csv"\r\n\r\n'
    b"a;b\r\n1;2\r\n--b--\r\n"
)
POLICY = """\
organization:
  name: Example Clinic
  domains: [clinic.example]
  officers: [privacy@clinic.example]
  notices-from: gatepost@clinic.example
packs: [test]
"""
RULE = "id: {id}\ntitle: A rule\nstatus: {status}\nseverity: high\nowner: privacy@clinic.example\nwhen:\n  all:\n"
ALWAYS = "    - subject: {contains: form}\n"
SSN = "    - finds: {entity: US_SSN}\n"
MARK = "    - mark: '[secure]'\n"
# Every verb; what has another form of its own follows.
BODIES = {
    "deliver": ALWAYS + "then:\n  deliver: {}\n",
    "tag": ALWAYS + "then:\n  tag: '[External]'\n",
    "add-header": ALWAYS + "then:\n  add-header: {name: X-New, value: 'yes'}\n",
    "change-header": ALWAYS + "then:\n  change-header: {name: X-Old, value: 'no'}\n",
    "remove-header": ALWAYS + "then:\n  remove-header: X-Old\n",
    "notice": ALWAYS + "then:\n  notice: {text: Confidential.}\n",
    "redact": SSN + "then:\n  redact: {}\n",
    "remove-attachments": ALWAYS + "then:\n  remove-attachments: {name: '*.csv'}\n",
    "encrypt": ALWAYS + "then:\n  encrypt: {prefer: [tls, smime, pgp]}\n",
    "quarantine": ALWAYS + "then:\n  quarantine: {}\n",
    "block": ALWAYS + "then:\n  block: {}\n",
    "copy-to": ALWAYS + "then:\n  copy-to: archive@clinic.example\n",
    "notify": ALWAYS + "then:\n  notify: [sender, officer]\n",
    "two reviewers": ALWAYS + "then:\n  quarantine: {reviewers: 2}\n",
    "mark": MARK + "then:\n  add-header: {name: X-New, value: 'yes'}\n",
    "unprotected": ALWAYS + "    - unprotected: true\nthen:\n  block: {}\n",
}
BASE = ALWAYS + "then:\n  add-header: {name: X-Base, value: 'yes'}\n"
NO_CHANGE = {"deliver"}  # it says what happens anyway

Planned = Callable[..., Plan]


@pytest.fixture(scope="module")
def detectors(tmp_path_factory: pytest.TempPathFactory) -> tuple[DetectorSpec, ...]:
    """The one that is used."""
    folder = tmp_path_factory.mktemp("detectors")
    shutil.copy(Path(__file__).parents[2] / "rules" / "detectors" / "us-ssn.yaml", folder)
    return load_detectors(folder, [])


@pytest.fixture(scope="module")
def engine(detectors: tuple[DetectorSpec, ...]) -> Engine:
    """Ready to search."""
    return Engine(detectors)


@pytest.fixture
def planned(tmp_path: Path, engine: Engine, detectors: tuple[DetectorSpec, ...]) -> Planned:
    """What is to be done with the message where that rule has that status ("": it is not there)."""
    pack = tmp_path / "packs" / "test"
    pack.mkdir(parents=True)
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    people = (OUTSIDE, INSIDE, PARTNER)
    means = {OUTSIDE: (Means(Method.TLS, "encrypt"),), INSIDE: (Means(Method.TLS, "secure"),)}
    envelope = Envelope("nurse@clinic.example", tuple(map(Recipient, people)))
    received = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    message = Transaction(Session(), envelope, RAW, incident="gp-7f3a", received=received, means=means)

    def plan(name: str, status: str, beside: str = "") -> Plan:
        for old in pack.iterdir():
            old.unlink()
        texts = {
            "test-base": (BASE, "enforce"),
            "test-more": (beside, "enforce"),
            "test-rule": (BODIES[name], status),
        }
        for rule, (body, state) in texts.items():
            if body and state:
                (pack / f"{rule}.yaml").write_text(RULE.format(id=rule, status=state) + body, "utf-8")
        ruleset = load_ruleset(tmp_path / "policy.yaml", detectors=detectors)
        notices = Notices.of(ruleset.policy.organization)
        return inspect(message, ruleset.policy, engine, Limits(), notices, lambda: 0.0).plan

    return plan


def came_out(plan: Plan) -> list[tuple[tuple[str, ...], bytes]]:
    """Who gets which bytes, before encryption."""
    return [(copy.recipients, apply_edits(RAW, copy.edits)) for copy in plan.copies]


def test_every_verb_is_tried() -> None:
    """A new one needs its line here."""
    assert {asked.verb.value for asked in VERBS} <= BODIES.keys()


@pytest.mark.parametrize("status", ["monitor", "draft", "retired"])
@pytest.mark.parametrize("name", BODIES)
def test_a_rule_that_is_not_in_force_changes_no_byte(planned: Planned, name: str, status: str) -> None:
    """Nor who gets it, how it is protected, what is held, who is told and what Postfix is answered."""
    without, watched = planned(name, ""), planned(name, status)

    assert came_out(watched) == came_out(without)
    assert watched == without


@pytest.mark.parametrize("name", [name for name in BODIES if name not in NO_CHANGE])
def test_the_same_rule_in_force_changes_something(planned: Planned, name: str) -> None:
    """So the test above looks where there is something to see."""
    beside = BODIES["encrypt"] if name == "unprotected" else ""

    assert planned(name, "enforce", beside) != planned(name, "", beside)
    assert planned(name, "monitor", beside) == planned(name, "", beside)
