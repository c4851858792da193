"""gateway.workers.comparing: that two rule sets together say what each says alone, and no more than may be told"""

import itertools
import pickle
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.actions import Notices
from gateway.cli.ruleset import rules_of
from gateway.core.envelope import Envelope, Recipient, Session, Transaction
from gateway.core.finding import FailureKind
from gateway.core.limits import Limits
from gateway.detect import Engine
from gateway.parse.addressed import addressed
from gateway.pipeline import inspect
from gateway.ruleset import RuleSet
from gateway.workers.comparing import (
    OUTSIDE,
    Comparing,
    Kept,
    Naming,
    Told,
    Trial,
    demands,
    same_detectors,
    told_of,
    transaction_of,
)
from gateway.workers.nursery import Setup, engine_of, trial_of

RULES = Path(__file__).parents[3] / "rules"
NOTICES = Notices("gatepost@clinic.example", "Example Clinic", "privacy@clinic.example")
NAMING = Naming("scan@clinic.example")
WHO = Envelope("ada@clinic.example", (Recipient("bo@partner-lab.example"), Recipient("in@clinic.example")))
HEAD = b"From: Ada <ada@clinic.example>\r\nTo: bo@partner-lab.example, in@clinic.example\r\nSubject: x\r\n"
PATIENT = b"Patient: Erika Musterfrau, DOB 03/04/1961, MRN 00482913, diagnosis E11.9 type 2 diabetes."
TEXTS = {
    "nothing": b"\r\nLunch at noon?",
    "telephone": b"\r\nCall (202) 555-0142, thank you",
    "patient": b"\r\n" + PATIENT,
    "card": b"\r\nCard 4111 1111 1111 1111, thank you",
    "number": b"\r\nMy SSN is 219-09-9999, sent by ada@clinic.example",
    "list": b"List-Id: <news.clinic.example>\r\nPrecedence: bulk\r\n\r\nOur news of this week",
    "list of patients": b"List-Unsubscribe: <mailto:x@clinic.example>\r\nPrecedence: bulk\r\n\r\n" + PATIENT,
    "unreadable": b"Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF-1.7 nothing more",
}
Edit = Callable[[Path], None]


def _milder(rules: Path) -> None:
    _replace(rules / "packs/hipaa/hipaa-phi-external.yaml", "status: enforce", "status: monitor")
    _replace(rules / "packs/marketing/marketing-unsubscribe.yaml", "status: monitor", "status: enforce")
    (rules / "packs/us-pii/us-pii-ssn.yaml").unlink()


def _for_all(rules: Path) -> None:
    _replace(rules / "policy.yaml", "mixed-recipients: split", "mixed-recipients: strictest")


def _less_sure(rules: Path) -> None:
    """Of the detectors, so that the mail is searched twice."""
    _replace(rules / "detectors/us-ssn.yaml", "alone: medium", "alone: low")
    _replace(rules / "packs/pci/pci-card-external.yaml", "status: enforce", "status: monitor")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture(scope="module")
def old() -> RuleSet:
    return rules_of(RULES / "policy.yaml")


@pytest.fixture(scope="module", params=[_milder, _for_all, _less_sure], ids=lambda edit: edit.__name__)
def new(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    folder = tmp_path_factory.mktemp("candidate") / "rules"
    shutil.copytree(RULES, folder, ignore=shutil.ignore_patterns("cases", "clean"))
    (folder.parent / "models").symlink_to(RULES.parent / "models")
    request.param(folder)
    return rules_of(folder / "policy.yaml")


@pytest.fixture(scope="module")
def trial(old: RuleSet, new: RuleSet) -> Trial:
    setup = Setup(old, Limits(), NOTICES, comparing=Comparing(new, NAMING))
    made = trial_of(setup, engine_of(setup))
    assert made is not None
    return made


@pytest.fixture(scope="module")
def alone(old: RuleSet, new: RuleSet) -> Callable[[bytes], Told]:
    """What is told, from two inspections that know nothing of one another and look for everything."""
    engines = {ruleset.digest: Engine(ruleset.detectors, anywhere=ruleset.anywhere) for ruleset in (old, new)}

    def told(raw: bytes) -> Told:
        seen = []
        for ruleset in (old, new):
            ticks = itertools.count(0.0)
            transaction = Transaction(Session(), WHO, raw, incident="i")
            engine = engines[ruleset.digest]
            seen.append(inspect(transaction, ruleset.policy, engine, Limits(), NOTICES, ticks.__next__))
        sides = [
            {
                one.recipient: (
                    one.disposition.word,
                    tuple(dict.fromkeys(action.verb.value for action in one.actions)),
                    one.rules,
                )
                for one in inspection.verdict.outcomes
            }
            for inspection in seen
        ]
        fates = tuple((who, sides[0][who], sides[1][who]) for who in sides[0])
        spoke = [tuple(hit.rule for hit in inspection.verdict.hits) for inspection in seen]
        masked = dict.fromkeys(f"{f.entity} {f.masked}" for each in reversed(seen) for f in each.findings)
        shown = [text for text in masked if not text.startswith("EMAIL_ADDRESS ")][:3]
        changed = any(before[:2] != after[:2] for _, before, after in fates)
        return fates, spoke[0], spoke[1], tuple(shown) if changed else (), any(each.failures for each in seen)

    return told


@pytest.mark.parametrize("name", TEXTS)
def test_two_rule_sets_together_say_what_each_says_alone(
    trial: Trial, alone: Callable[[bytes], Told], name: str
) -> None:
    """Also where what no rule of either can be moved by is not looked for."""
    raw = HEAD + TEXTS[name]

    assert trial.tell(Kept("r", raw), lambda: 0.0) == alone(raw)


def test_something_of_each_is_told(old: RuleSet, new: RuleSet, trial: Trial) -> None:
    """The texts above are about what the candidates change; no value is told, but for its mask."""
    told = [trial.tell(Kept("r", HEAD + text), lambda: 0.0) for text in TEXTS.values()]

    assert any(before != after for fates, *_ in told for _, before, after in fates)
    assert "00482913" not in repr(told)
    assert "219-09" not in repr(told)


def test_what_either_wants_first_both_see_first(old: RuleSet, new: RuleSet) -> None:
    """One look serves both, where they have the same detectors."""
    one, other = demands(old, new)

    assert one is not None
    assert other is not None
    assert one.first == other.first or not same_detectors(old, new)


@pytest.mark.parametrize(
    ("head", "naming", "sender", "people"),
    [
        (b"From: a@x.example\r\nTo: b@y.example\r\nCc: C <c@y.example>, b@y.example\r\n", NAMING, "a@x.example", "b c"),
        (b"To: nobody\r\n", NAMING, "scan@clinic.example", ""),
        (b"From: a@x.example\r\nFrom: z@x.example\r\nBcc: b@y.example\r\n", NAMING, "a@x.example", "b"),
        (b"From: a@x.example\r\nTo: b@y.example\r\n", Naming("", ("d@y.example",), ""), "", "d"),
    ],
)
def test_the_envelope_is_that_of_the_header_or_what_was_asked_for(
    head: bytes, naming: Naming, sender: str, people: str
) -> None:
    """Each recipient once; where nobody is named, somebody outside."""
    made = transaction_of(Kept("r", head + b"\r\n"), addressed(head + b"\r\n"), naming).envelope

    expected = [f"{name}@y.example" for name in people.split()] or [OUTSIDE]
    assert (made.mail_from, [recipient.address for recipient in made.recipients]) == (sender, expected)


def test_what_is_known_of_a_message_goes_before_its_header() -> None:
    head = b"Date: Mon, 7 Sep 2026 08:00:00 +0000\r\nTo: b@y.example\r\n\r\n"
    day = datetime(2026, 1, 2, tzinfo=UTC)

    said = transaction_of(Kept("r", head), addressed(head), NAMING)
    known = transaction_of(Kept("r", head, WHO, day), addressed(head), NAMING)

    assert said.received == datetime(2026, 9, 7, 8, tzinfo=UTC)
    assert (known.received, known.envelope) == (day, WHO)
    assert transaction_of(Kept("r", b"\r\n"), addressed(b"\r\n"), Naming("", received=day)).received == day


FATE = ("b@y.example", ("deliver", (), ()), ("deliver", (), ("rule",)))


@pytest.mark.parametrize(
    "plain",
    [
        None,
        (),
        ("text",),
        (((FATE,), (), (), ()),),
        (((FATE,), (), (), (), "no"),),
        (((("b", ("deliver", ()), ("deliver", (), ())),), (), (), (), False),),
        (((FATE,), (b"octets",), (), (), False),),
        (((FATE,), (), (), (), False), ((FATE,), (), (), (), False)),
    ],
)
def test_an_answer_that_no_sound_worker_gives_is_none(plain: object) -> None:
    """Whatever a worker says that a hostile message took over."""
    with pytest.raises(pickle.UnpicklingError):
        told_of(1, plain)


def test_a_failure_is_an_answer() -> None:
    told = ((FATE,), (), ("rule",), (), False)
    assert told_of(2, (FailureKind.MEMORY, told)) == (FailureKind.MEMORY, told)
