"""Faults of the way of mail, and of Postfix's own settings."""

from tests.makers.patient import Patient
from tests.makers.planted.base import entry_of, fault

# --- the way of mail ----------------------------------------------------------------------------------------------


@fault("wired")
def gatepost_answers_at_another_address(p: Patient) -> None:
    p.main("smtpd_milters=inet:127.0.0.1:7357", "non_smtpd_milters=$smtpd_milters")


@fault("listener-past")
def a_listener_without_our_milter(p: Patient) -> None:
    p.override("submission/inet/smtpd_milters=inet:127.0.0.1:7357")


@fault("listener-past")
def a_second_door(p: Patient) -> None:
    p.master("2525 inet n - n - - smtpd\n  -o smtpd_milters=\n")


@fault("listener-past")
def a_door_for_local_programs(p: Patient) -> None:
    p.master("127.0.0.1:2526 inet n - n - - smtpd\n  -o smtpd_milters=\n")


@fault("local-mail")
def local_programs_unfiltered(p: Patient) -> None:
    p.main("non_smtpd_milters=")


@fault("milters-off")
def no_milters_for_all(p: Patient) -> None:
    p.main("receive_override_options=no_milters")


@fault("milters-off")
def no_milters_for_one(p: Patient) -> None:
    p.override("submission/inet/receive_override_options=no_address_mappings,no_milters")


@fault("exempt-clients")
def a_client_that_is_let_past(p: Patient) -> None:
    (p.folder / "clients").write_text("# scanners\n192.0.2.7 DISABLE\n")
    p.main(f"smtpd_milter_maps=cidr:{p.folder}/clients")


@fault("exempt-clients")
def clients_with_another_milter(p: Patient) -> None:
    (p.folder / "clients").write_text("192.0.2.0/24 inet:127.0.0.1:7357\n")
    p.main(f"smtpd_milter_maps=cidr:{p.folder}/clients")


@fault("default-action")
def mail_passes_while_gatepost_is_down(p: Patient) -> None:
    p.main(*(f"{name}={entry_of(p).replace('tempfail', 'accept')}" for name in ("smtpd_milters", "non_smtpd_milters")))


@fault("default-action")
def mail_is_lost_while_gatepost_is_down(p: Patient) -> None:
    p.main(*(f"{name}={entry_of(p).replace('tempfail', 'reject')}" for name in ("smtpd_milters", "non_smtpd_milters")))


@fault("feigned-listener")
def everybody_bears_our_name(p: Patient) -> None:
    p.main("milter_macro_daemon_name=gatepost-loopback")


@fault("feigned-listener")
def a_listener_bears_our_name(p: Patient) -> None:
    p.override("submission/inet/milter_macro_daemon_name=gatepost-loopback")
    p.override("submission/inet/smtpd_client_restrictions=permit_mynetworks,reject")


@fault("listener-guard")
def strangers_among_our_networks(p: Patient) -> None:
    p.override(f"{_listener(p)}/mynetworks=0.0.0.0/0")


@fault("listener-guard")
def nobody_is_turned_away(p: Patient) -> None:
    p.override(f"{_listener(p)}/smtpd_client_restrictions=permit_mynetworks")


@fault("listener-name")
def what_is_handed_back_comes_round(p: Patient) -> None:
    p.override(f"{_listener(p)}/smtpd_milters={_socket(p)}", f"{_listener(p)}/milter_macro_daemon_name=other")


@fault("listener-unsigned")
def copies_go_unsigned(p: Patient) -> None:
    p.main(f"smtpd_milters={entry_of(p)}, inet:localhost:8891")


@fault("signer-order")
def the_signer_comes_first(p: Patient) -> None:
    p.main(f"smtpd_milters=inet:localhost:8891, {entry_of(p)}")
    p.override(f"{_listener(p)}/smtpd_milters=inet:localhost:8891")


@fault("milter-twice")
def gatepost_stands_twice(p: Patient) -> None:
    p.main(f"smtpd_milters={entry_of(p)}, {entry_of(p)}")


@fault("milter-protocol")
def an_old_protocol(p: Patient) -> None:
    p.main(
        *(
            f"{name}={entry_of(p).replace('protocol=6', 'protocol=4')}"
            for name in ("smtpd_milters", "non_smtpd_milters")
        )
    )


@fault("time-outs")
def postfix_has_no_patience(p: Patient) -> None:
    short = entry_of(p).replace("content_timeout=300s", "content_timeout=20s")
    p.main(f"smtpd_milters={short}", f"non_smtpd_milters={short}")


@fault("content-filter")
def a_filter_behind_the_queue(p: Patient) -> None:
    p.main("content_filter=smtp:[127.0.0.1]:10024")


@fault("proxy-filter")
def a_proxy_takes_the_content(p: Patient) -> None:
    p.override("submission/inet/smtpd_proxy_filter=127.0.0.1:10024")


@fault("silent-copies")
def everything_to_an_archive(p: Patient) -> None:
    p.main("always_bcc=archive@elsewhere.example")


@fault("redirect")
def some_mail_is_redirected(p: Patient) -> None:
    (p.folder / "checks").write_text("# to the archive\n/^X-Archive:/i  redirect archive@elsewhere.example\n")
    p.main(f"header_checks=regexp:{p.folder}/checks")


@fault("redirect")
def a_word_adds_a_recipient(p: Patient) -> None:
    p.main("body_checks=regexp:{ {/invoice/ BCC books@elsewhere.example} }")


@fault("redirect")
def checks_that_nobody_can_read(p: Patient) -> None:
    p.main(f"header_checks=mysql:{p.folder}/checks.cf")


@fault("access-tables")
def a_sender_is_held(p: Patient) -> None:
    (p.folder / "senders").write_text("# away\nnurse@clinic.example  hold: she is away\n")
    p.main(f"smtpd_sender_restrictions=check_sender_access texthash:{p.folder}/senders, permit")


@fault("access-tables")
def everybody_is_redirected(p: Patient) -> None:
    p.main("smtpd_recipient_restrictions=check_client_access static:{REDIRECT boss@elsewhere.example}")


@fault("access-tables")
def a_pattern_takes_another_way(p: Patient) -> None:
    p.main("smtpd_client_restrictions=check_client_access regexp:{ {/^10\\./i FILTER smtp:elsewhere.example} }")


@fault("other-instances")
def another_instance(p: Patient) -> None:
    p.main("multi_instance_directories=/etc/postfix-out")


@fault("half-done")
def a_change_that_was_cut_off(p: Patient) -> None:
    (p.postfix / "gatepost-changes.json").write_text('{"state": "applying", "changes": [], "after": []}')


@fault("socket-reach")
def a_socket_outside_the_chroot(p: Patient) -> None:
    where = p.folder / "run" / "milter.sock"
    where.parent.mkdir()
    where.symlink_to(_socket(p).removeprefix("unix:"))
    p.set("milter", socket=f"unix:{where}")
    p.main(f"smtpd_milters={{ unix:{where}, protocol=6, default_action=tempfail }}", "non_smtpd_milters=$smtpd_milters")


# --- Postfix's own settings ---------------------------------------------------------------------------------------


@fault("smuggling")
def a_message_within_a_message(p: Patient) -> None:
    p.main("smtpd_forbid_bare_newline=no")


@fault("nul")
def nul_passes(p: Patient) -> None:
    p.main("message_strip_characters=")


@fault("alias")
def a_recipient_that_cannot_be_taken_off(p: Patient) -> None:
    p.main("enable_original_recipient=no")


@fault("bounces")
def bounces_carry_the_whole_message(p: Patient) -> None:
    p.main("bounce_size_limit=0")


@fault("bounces")
def the_postmaster_reads_along(p: Patient) -> None:
    p.main("notify_classes=bounce, resource, software")


@fault("postfix-version")
def an_old_postfix(p: Patient) -> None:
    p.main("mail_version=3.3.1")


@fault("lanes")
def lanes_that_are_not_there(p: Patient) -> None:
    p.set("postfix", lanes=["encrypt"])


@fault("login-tls")
def passwords_in_plain(p: Patient) -> None:
    p.override("submission/inet/smtpd_tls_security_level=may")


@fault("size-limit")
def larger_mail_than_gatepost_takes(p: Patient) -> None:
    p.main("message_size_limit=0")


@fault("encrypted-size")
def encrypted_copies_that_do_not_fit(p: Patient) -> None:
    (p.state / "gnupg").mkdir(mode=0o700)
    (p.state / "gnupg" / "pubring.kbx").touch()


@fault("authorities")
def authorities_that_are_none(p: Patient) -> None:
    (p.state / "anchors.pem").write_text("")


@fault("connections")
def more_at_once_than_gatepost_holds(p: Patient) -> None:
    p.main("default_process_limit=1000")


@fault("queue")
def a_queue_that_grows(p: Patient) -> None:
    queue = p.folder / "queue"
    (queue / "deferred" / "A").mkdir(parents=True)
    (queue / "gatepost").symlink_to(p.queue / "gatepost")
    p.set("milter", socket=f"unix:{queue}/gatepost/milter.sock")
    p.main(f"queue_directory={queue}")
    for number in range(501):
        (queue / "deferred" / "A" / f"A{number}").touch()


@fault("queue-hold")
def mail_on_hold(p: Patient) -> None:
    queue = p.folder / "queue"
    (queue / "hold").mkdir(parents=True)
    (queue / "hold" / "A1").touch()
    (queue / "gatepost").symlink_to(p.queue / "gatepost")
    p.set("milter", socket=f"unix:{queue}/gatepost/milter.sock")
    p.main(f"queue_directory={queue}")


def _socket(p: Patient) -> str:
    return f"unix:{p.queue}/gatepost/milter.sock"


def _listener(p: Patient) -> str:
    return f"127.0.0.1:{p.settings['postfix']['submit-port']}/inet"
