"""gateway.postfix.plan, on configurations as they are found, read by the real postconf."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.demo.postfix import date_back
from gateway.postfix import AddService, PostfixTools, Proposal, SetOverride, SetParameter, Wish, propose

pytestmark = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")
Write = Callable[..., PostfixTools]
OURS = "{ unix:gatepost/milter.sock, default_action=tempfail, protocol=6, content_timeout=300s }"
LISTENER = "127.0.0.1:10026/inet"


def parameters(proposal: Proposal) -> dict[str, str]:
    return {change.name: change.new for change in proposal.changes if isinstance(change, SetParameter)}


def overrides(proposal: Proposal, service: str) -> dict[str, str]:
    return {
        change.name: change.new
        for change in proposal.changes
        if isinstance(change, SetOverride) and change.service == service
    }


def test_a_plain_postfix_gets_the_milter_and_the_listener(postfix: Write, wish: Wish) -> None:
    """Both milter lists, one listener, NUL stripped; each change with a reason, and nothing that concerns others."""
    proposal = propose(postfix().survey(), wish)

    assert parameters(proposal) == {
        "smtpd_milters": OURS,
        "non_smtpd_milters": OURS,
        "message_strip_characters": r"\0",
        "smtpd_forbid_bare_newline": "normalize",
    }
    assert [change.key for change in proposal.changes if isinstance(change, AddService)] == [LISTENER]
    assert overrides(proposal, LISTENER)["smtpd_milters"] == ""
    assert overrides(proposal, LISTENER)["milter_macro_daemon_name"] == "gatepost-loopback"
    assert all(change.reason for change in proposal.changes)
    assert proposal.refusals == ()


def test_what_was_applied_needs_no_change(postfix: Write, wish: Wish) -> None:
    """A second plan is empty."""
    tools = postfix()
    tools.carry_out(propose(tools.survey(), wish).changes)
    date_back(tools.folder)

    assert propose(tools.survey(), wish).changes == ()


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ("inet:localhost:8891", f"{OURS}, inet:localhost:8891"),
        ("unix:opendkim/opendkim.sock", f"{OURS}, unix:opendkim/opendkim.sock"),
        ("inet:127.0.0.1:7357, inet:localhost:8891", f"inet:127.0.0.1:7357, {OURS}, inet:localhost:8891"),
        ("inet:127.0.0.1:7357", f"{OURS}, inet:127.0.0.1:7357"),
        (
            "{ inet:localhost:8891, default_action=accept } inet:127.0.0.1:7357",
            f"{OURS}, {{ inet:localhost:8891, default_action=accept }}, inet:127.0.0.1:7357",
        ),
    ],
)
def test_gatepost_goes_before_a_signer(postfix: Write, wish: Wish, present: str, expected: str) -> None:
    """Others keep their order and their settings; where nobody looks like a signer, first is the safe place."""
    proposal = propose(postfix(f"smtpd_milters = {present}\n").survey(), wish)

    assert parameters(proposal)["smtpd_milters"] == expected


def test_a_place_can_be_asked_for(postfix: Write, wish: Wish) -> None:
    """--before names the milter that comes next."""
    survey = postfix("smtpd_milters = inet:127.0.0.1:1, inet:127.0.0.1:2\n").survey()

    assert parameters(propose(survey, replace(wish, before="inet:127.0.0.1:2")))["smtpd_milters"] == (
        f"inet:127.0.0.1:1, {OURS}, inet:127.0.0.1:2"
    )
    assert "no such milter" in " ".join(propose(survey, replace(wish, before="inet:127.0.0.1:9")).notes)


def test_the_signer_is_the_milter_of_the_listener_too(postfix: Write, wish: Wish) -> None:
    """So that copies and released messages are signed; a virus scanner need not see them twice."""
    main = "smtpd_milters = inet:127.0.0.1:7357, inet:localhost:8891\n"

    assert overrides(propose(postfix(main).survey(), wish), LISTENER)["smtpd_milters"] == "inet:localhost:8891"


def test_an_entry_made_by_hand_is_taken_over(postfix: Write, wish: Wish) -> None:
    """Written with the whole path and without settings, it becomes ours instead of a second one."""
    main = f"smtpd_milters = {wish.socket}\nnon_smtpd_milters = $smtpd_milters\n"
    proposal = propose(postfix(main).survey(), wish)

    assert parameters(proposal)["smtpd_milters"] == OURS
    assert "non_smtpd_milters" not in parameters(proposal)


def test_a_listener_with_a_list_of_its_own_is_filtered_too(postfix: Write, wish: Wish) -> None:
    """submission with -o smtpd_milters of its own would otherwise send past Gatepost."""
    master = "submission inet n - y - - smtpd\n  -o smtpd_milters=inet:localhost:8891\n"

    proposal = propose(postfix("", master).survey(), wish)

    assert overrides(proposal, "submission/inet") == {"smtpd_milters": f"{OURS}, inet:localhost:8891"}


@pytest.mark.parametrize(
    ("option", "who"),
    [
        ("127.0.0.1:10025 inet n - n - - smtpd\n  -o smtpd_milters=\n", "programs of this machine"),
        ("2525 inet n - n - - smtpd\n  -o smtpd_milters=\n", "ANYBODY"),
        ("2525 inet n - n - - smtpd\n  -o receive_override_options=no_milters\n", "ANYBODY"),
    ],
)
def test_a_listener_with_milters_switched_off_is_told_and_left(
    postfix: Write, wish: Wish, option: str, who: str
) -> None:
    """Content filters hand their mail back by such ones: changed only where --include names it."""
    survey = postfix("", option).survey()
    name = option.split()[0]
    proposal = propose(survey, wish)

    assert overrides(proposal, f"{name}/inet") == {}
    assert any(name in note and who in note for note in proposal.notes)
    assert overrides(propose(survey, replace(wish, include=(name,))), f"{name}/inet")


@pytest.mark.parametrize(
    ("main", "master", "changes", "words"),
    [
        ("", "", {"socket": "unix:/run/gatepost/milter.sock"}, "out of reach"),
        ("milter_macro_daemon_name = gatepost-loopback\n", "", {}, "none would be looked at"),
        ("", "465 inet n - y - - smtpd\n  -o milter_macro_daemon_name=gatepost-loopback\n", {}, "is named"),
        ("", "10026 inet n - n - - smtpd\n", {}, "port 10026 is taken"),
        ("", "127.0.0.1:10026 inet n - n - - spawn\n", {}, "port 10026 is taken"),
        ("", "", {"submit_host": "192.0.2.1"}, "on this machine alone"),
    ],
)
def test_what_cannot_be_safe_is_refused(
    postfix: Write, wish: Wish, main: str, master: str, changes: dict[str, str], words: str
) -> None:
    """Each with what to do about it."""
    proposal = propose(postfix(main, master).survey(), replace(wish, **changes))  # type: ignore[arg-type]

    assert any(words in refusal for refusal in proposal.refusals)


def test_a_postfix_that_takes_no_mail_is_refused(postfix: Write, wish: Wish) -> None:
    """A null client: probably the wrong folder."""
    base = "pickup unix n - y 60 1 pickup\ncleanup unix n - y - 0 cleanup\n"

    assert "no smtpd service" in propose(postfix(base=base).survey(), wish).refusals[0]


def test_a_socket_outside_the_queue_serves_where_nothing_is_in_a_chroot(postfix: Write, wish: Wish) -> None:
    """Then the whole path is written."""
    base = "smtp inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\n"
    outside = replace(wish, socket="unix:/run/gatepost/milter.sock")

    proposal = propose(postfix(base=base).survey(), outside)

    assert proposal.refusals == ()
    assert parameters(proposal)["smtpd_milters"].startswith("{ unix:/run/gatepost/milter.sock,")


def test_recipients_with_aliases_can_be_taken_off(postfix: Write, wish: Wish) -> None:
    """Postfix finds a recipient to take off by the address that the client gave, which it must not forget."""
    proposal = propose(postfix("enable_original_recipient = no\n").survey(), wish)

    assert parameters(proposal)["enable_original_recipient"] == "yes"
    assert "enable_original_recipient" not in parameters(propose(postfix().survey(), wish))


def test_what_stays_is_told(postfix: Write, wish: Wish) -> None:
    """Exceptions by client, sizes, other instances: for a person to look at."""
    main = (
        "smtpd_milter_maps = cidr:/etc/postfix/milters\nmessage_size_limit = 0\nmailbox_size_limit = 0\n"
        "multi_instance_directories = /etc/postfix-out\n"
    )

    notes = "\n".join(propose(postfix(main).survey(), wish).notes)

    assert "smtpd_milter_maps" in notes
    assert "has no limit" in notes
    assert "/etc/postfix-out" in notes
