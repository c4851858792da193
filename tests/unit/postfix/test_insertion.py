"""gateway.postfix.insertion: all or nothing, and the way back."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.demo.postfix import date_back
from gateway.postfix import Change, Insertion, PostfixRefused, PostfixTools, PostfixUnusable, Survey, Wish
from gateway.postfix.record import NAME, RecordBook

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")
Write = Callable[..., PostfixTools]


class Quiet(PostfixTools):
    """The real files and postconf; `check` and `reload` of a Postfix that says what the test wants."""

    def __init__(self, folder: Path, wrong: str = "", stop_after: int = 1_000) -> None:
        super().__init__(folder)
        self.wrong = wrong
        self.left = stop_after
        self.reloads = 0

    def check(self) -> None:
        if self.wrong:
            raise PostfixUnusable(self.wrong)

    def is_running(self) -> bool:
        return True

    def reload(self) -> None:
        self.reloads += 1

    def survey(self, *names: str) -> Survey:
        date_back(self.folder)
        return super().survey(*names)

    def carry_out(self, changes: Iterable[Change]) -> None:
        wanted = list(changes)
        super().carry_out(wanted[: self.left])
        if len(wanted) > self.left:
            raise KeyboardInterrupt


def well(survey: Survey) -> Sequence[str]:
    return ()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(postfix: Write) -> Path:
    return postfix("smtpd_milters = inet:localhost:8891\n").folder


def test_in_and_out_leaves_every_byte(folder: Path, wish: Wish) -> None:
    """Remarks, order and blanks of the administrator too; nothing of ours is left."""
    before = files(folder)

    done = Insertion(Quiet(folder), wish).apply(well)
    assert done.changes
    assert files(folder)["main.cf.before-gatepost"] == before["main.cf"]
    Insertion(Quiet(folder), wish).remove()

    assert files(folder) == before


def test_applied_twice_changes_nothing(folder: Path, wish: Wish) -> None:
    """The second time there is nothing to do."""
    Insertion(Quiet(folder), wish).apply(well)
    once = files(folder)

    assert Insertion(Quiet(folder), wish).apply(well).changes == ()
    assert files(folder) == once


@pytest.mark.parametrize("after", [0, 1, 5, 17])
def test_cut_off_at_any_change_it_is_rolled_back(folder: Path, wish: Wish, after: int) -> None:
    """Ctrl-C between two commands of postconf."""
    before = files(folder)

    with pytest.raises(KeyboardInterrupt):
        Insertion(Quiet(folder, stop_after=after), wish).apply(well)

    assert files(folder) == before


def test_a_failing_check_is_rolled_back_and_said(folder: Path, wish: Wish) -> None:
    """With Postfix's own words."""
    before = files(folder)

    with pytest.raises(PostfixUnusable, match="bad line"):
        Insertion(Quiet(folder, wrong="fatal: bad line"), wish).apply(well)

    assert files(folder) == before


def test_a_failing_probe_is_rolled_back_and_reloaded(folder: Path, wish: Wish) -> None:
    """Postfix works as before at once."""
    before = files(folder)
    tools = Quiet(folder)

    with pytest.raises(PostfixUnusable, match="smtp/inet: not seen"):
        Insertion(tools, wish).apply(lambda survey: ["smtp/inet: not seen"])

    assert files(folder) == before
    assert tools.reloads == 2


def test_a_half_done_earlier_attempt_is_undone_first(folder: Path, wish: Wish) -> None:
    """A power cut in the middle: the record says so, and the next call starts from what was before."""
    before = files(folder)
    tools = Quiet(folder)
    changes = Insertion(tools, wish).plan().changes
    RecordBook(folder).begin(changes)
    tools.carry_out(changes[:1])

    assert Insertion(tools, wish).apply(well).changes == changes
    Insertion(tools, wish).remove()
    assert files(folder) == before


def test_what_the_administrator_changed_since_stays(folder: Path, wish: Wish) -> None:
    """A further milter and another setting: only Gatepost goes, and it is told."""
    tools = Quiet(folder)
    Insertion(tools, wish).apply(well)
    ours = tools.survey().written["smtpd_milters"]
    tools.set_parameter("smtpd_milters", f"inet:127.0.0.1:7357, {ours}")
    tools.set_parameter("smtpd_banner", "$myhostname")

    outcome = Insertion(tools, wish).remove()

    survey = tools.survey()
    assert survey.written["smtpd_milters"] == "inet:127.0.0.1:7357, inet:localhost:8891"
    assert survey.written["smtpd_banner"] == "$myhostname"
    assert "non_smtpd_milters" not in survey.written
    assert survey.service("127.0.0.1:10026/inet") is None
    assert "only Gatepost was taken out" in outcome.notes[0]


def test_without_permission_nothing_is_touched(folder: Path, wish: Wish, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with the remedy."""
    before = files(folder)
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(PostfixRefused, match="try it with sudo"):
        Insertion(Quiet(folder), wish).apply(well)

    assert files(folder) == before


def test_a_folder_without_a_postfix_is_refused(tmp_path: Path, wish: Wish) -> None:
    """Named, with the option that names another."""
    with pytest.raises(PostfixRefused, match="--postfix-config"):
        Insertion(Quiet(tmp_path / "nowhere"), wish).apply(well)


def test_a_record_that_cannot_be_read_stops_everything(folder: Path, wish: Wish) -> None:
    """Guessing what to undo would break a mail server."""
    (folder / NAME).write_text("{")

    with pytest.raises(PostfixUnusable, match="cannot be read"):
        Insertion(Quiet(folder), wish).remove()


def test_nothing_to_remove_is_said(folder: Path, wish: Wish) -> None:
    """No error: the wish is fulfilled."""
    assert "nothing to undo" in Insertion(Quiet(folder), wish).remove().notes[0]


def test_the_lanes_come_and_go(postfix: Write, wish: Wish) -> None:
    """Transports, cleanup and tables; a smarthost is written into the lane, which would override it. Nothing stays."""
    folder = postfix("relayhost = [smart.example]:587\nmilter_header_checks = regexp:/etc/postfix/mine\n").folder
    before = files(folder)
    tools = Quiet(folder)
    insertion = Insertion(tools, replace(wish, lanes=("encrypt", "secure", "dane-only")))

    insertion.apply(well)

    survey = tools.survey()
    secure = survey.service("smtp-tls-secure/unix")
    assert secure is not None
    assert secure.overrides["smtp_tls_security_level"] == "secure"
    assert (folder / "gatepost-lanes").read_text().splitlines()[0] == (
        "/^X-Gatepost-Lane: *encrypt$/ FILTER smtp-tls-encrypt:[smart.example]:587"
    )
    assert survey.written["milter_header_checks"] == f"regexp:{folder}/gatepost-lanes, regexp:/etc/postfix/mine"
    listener = survey.service("127.0.0.1:10026/inet")
    assert listener is not None
    assert listener.overrides["cleanup_service_name"] == "cleanup-lanes"
    assert insertion.plan().changes == ()
    insertion.remove()
    assert files(folder) == before


def test_lanes_that_fail_their_check_leave_no_table(folder: Path, wish: Wish) -> None:
    """The small files are rolled back as well."""
    before = files(folder)

    with pytest.raises(PostfixUnusable):
        Insertion(Quiet(folder, wrong="fatal"), replace(wish, lanes=("encrypt",))).apply(well)

    assert files(folder) == before
