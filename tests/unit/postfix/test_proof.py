"""The TLS lanes are asked of Postfix's own tools; what is not proved does not count."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.demo.postfix import date_back
from gateway.postfix import PostfixTools, Wish, propose
from gateway.postfix.proof import LaneProof
from gateway.postfix.survey import Survey
from tests.unit.postfix.conftest import MAIN, MASTER, WISH

LANES = ("encrypt", "secure", "dane-only")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Wish]:
    """A Postfix as `gatepost postfix apply --tls-lanes` leaves it."""
    folder, wanted = tmp_path_factory.mktemp("applied"), replace(WISH, lanes=LANES)
    (folder / "main.cf").write_text(MAIN)
    (folder / "master.cf").write_text(MASTER)
    date_back(folder)
    tools = PostfixTools(folder)
    tools.carry_out(propose(tools.survey(), wanted).changes)
    return folder, wanted


@pytest.fixture
def applied(pattern: tuple[Path, Wish], tmp_path: Path) -> tuple[PostfixTools, LaneProof]:
    """One of one's own."""
    folder, wanted = pattern
    for file in folder.iterdir():
        (tmp_path / file.name).write_text(file.read_text().replace(str(folder), str(tmp_path)))
    date_back(tmp_path)
    return PostfixTools(tmp_path), LaneProof(tmp_path, wanted)


def test_lanes_that_were_applied_are_proved(applied: tuple[PostfixTools, LaneProof]) -> None:
    """What `apply` writes is what the proof asks for."""
    assert applied[1].lanes() == dict.fromkeys(LANES, "")


def test_postfix_without_lanes_has_none(postfix: Callable[..., PostfixTools], wish: Wish) -> None:
    """Said in gatepost.yaml, never applied."""
    found = LaneProof(postfix().folder, replace(wish, lanes=("encrypt",))).lanes()

    assert found == {"encrypt": "master.cf has no listener 127.0.0.1:10026"}


def test_nothing_is_asked_where_no_lane_is_wished_for(wish: Wish) -> None:
    """Also where there is no Postfix at all."""
    assert LaneProof(Path("/nowhere"), wish).lanes() == {}


@pytest.mark.parametrize(
    ("command", "lane", "why"),
    [
        ("-e milter_header_checks=", "encrypt", "milter_header_checks does not lead X-Gatepost-Lane: encrypt"),
        ("-P 127.0.0.1:10026/inet/cleanup_service_name=cleanup", "secure", "header_checks of port 10026 does not lead"),
        ("-P cleanup-lanes/unix/header_checks=", "secure", "header_checks of port 10026 does not lead"),
        ("-P smtp-tls-encrypt/unix/smtp_tls_security_level=may", "encrypt", "has smtp_tls_security_level may"),
        ("-P smtp-tls-secure/unix/smtp_tls_security_level=encrypt", "secure", "has smtp_tls_security_level encrypt"),
        ("-P smtp-tls-secure/unix/smtp_tls_policy_maps=texthash:/x", "secure", "could be weaker than the lane"),
        ("-P smtp-tls-dane-only/unix/smtp_dns_support_level=enabled", "dane-only", "smtp_dns_support_level dnssec"),
        ("-MX smtp-tls-encrypt/unix", "encrypt", "no smtp transport smtp-tls-encrypt"),
        ("-F smtp-tls-encrypt/unix/command=lmtp", "encrypt", "no smtp transport smtp-tls-encrypt"),
        ("-e receive_override_options=no_header_body_checks", "encrypt", "its header_checks are not read"),
        (
            "-P 127.0.0.1:10026/inet/receive_override_options=no_header_body_checks",
            "secure",
            "its header_checks are not read",
        ),
    ],
)
def test_what_somebody_changed_since_is_seen_at_once(
    applied: tuple[PostfixTools, LaneProof], command: str, lane: str, why: str
) -> None:
    """No restart: the lane is gone with the change that broke it, and says why; the others stay."""
    tools, proof = applied
    assert proof.lanes()[lane] == ""
    os.system(f"postconf -c {tools.folder} {command}")
    date_back(tools.folder)

    assert why in proof.lanes()[lane]


def test_table_that_was_emptied_leads_nowhere_and_comes_back(applied: tuple[PostfixTools, LaneProof]) -> None:
    """The file is looked at, not its name."""
    tools, proof = applied
    table = tools.folder / "gatepost-lanes"
    text = table.read_text()
    table.write_text("# nothing\n")
    assert all("does not lead" in problem for problem in proof.lanes().values())
    table.unlink()
    assert all(proof.lanes().values()), "a table that is gone"
    table.write_text(text)

    assert proof.lanes() == dict.fromkeys(LANES, "")


@pytest.mark.parametrize("entrance", ["smtp/inet", "pickup/unix"])
def test_way_in_with_a_cleanup_of_its_own_must_read_the_field_too(
    applied: tuple[PostfixTools, LaneProof], entrance: str
) -> None:
    """What comes in there would leave in plain, whatever main.cf says."""
    tools, proof = applied
    line = "other/unix='other unix n - y - 0 cleanup -o milter_header_checks='"
    os.system(f"postconf -c {tools.folder} -M {line}")
    os.system(f"postconf -c {tools.folder} -P {entrance}/cleanup_service_name=other")

    assert all("milter_header_checks of other does not lead" in problem for problem in proof.lanes().values())


def test_way_in_that_no_milter_sees_may_have_a_cleanup_of_its_own(applied: tuple[PostfixTools, LaneProof]) -> None:
    """No copy of ours is made of what comes in there."""
    tools, proof = applied
    os.system(f"postconf -c {tools.folder} -M other/unix='other unix n - y - 0 cleanup -o milter_header_checks='")
    os.system(f"postconf -c {tools.folder} -M 10030/inet='10030 inet n - y - - smtpd -o smtpd_milters='")
    os.system(f"postconf -c {tools.folder} -P 10030/inet/cleanup_service_name=other")

    assert proof.lanes() == dict.fromkeys(LANES, "")


def test_change_while_postfix_is_asked_is_not_missed(
    applied: tuple[PostfixTools, LaneProof], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers are of before; the next question finds the change."""
    tools, proof = applied
    survey = PostfixTools.survey

    def changed_behind(asked: PostfixTools, *names: str) -> Survey:
        found = survey(asked, *names)
        os.system(f"postconf -c {tools.folder} -e milter_header_checks=")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(PostfixTools, "survey", changed_behind)
        proof.lanes()

    assert all(proof.lanes().values())


def test_folder_without_postfix_proves_nothing(tmp_path: Path, wish: Wish) -> None:
    """Postfix's tools fail: no lane, and their words say why."""
    found = LaneProof(tmp_path, replace(wish, lanes=("secure",))).lanes()

    assert "main.cf" in found["secure"]
