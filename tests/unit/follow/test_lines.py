"""gateway.follow.lines, on lines as Postfix 3.7 writes them"""

import pytest

from gateway.follow.lines import Connected, Cut, Delivered, Ended, Handed, Line, Queued, Removed, read_line

AT = "Nov 25 18:38:36 mail "
LINES: list[tuple[str, Line]] = [
    (
        "postfix/loopback/smtpd[71]: 4dLx1Q0Y7Tz: client=lo[127.0.0.1], orig_queue_id=a531fe77, orig_client=u",
        Handed(71, "4dLx1Q0Y7Tz", "a531fe77"),
    ),
    (
        "postfix/loopback/smtpd[71]: disconnect from lo[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
        Ended(71, took=True),
    ),
    (
        "postfix/smtpd[71]: disconnect from lo[127.0.0.1] ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4",
        Ended(71, took=False),
    ),
    ("postfix/smtpd[71]: lost connection after DATA (31 bytes) from lo[127.0.0.1]", Ended(71, took=False)),
    ("postfix/master[2]: warning: process /usr/lib/postfix/sbin/smtpd pid 71 killed by signal 9", Cut(71)),
    ("postfix/master[2]: warning: process /usr/lib/postfix/sbin/smtpd pid 71 exit status 1", Cut(71)),
    ("postfix/master[2]: daemon started -- version 3.7.11, configuration /etc/postfix", Cut(None)),
    ("postfix-out/master[2]: daemon started -- version 3.7.11", Cut(None, "postfix-out")),
    (
        "postfix-out/smtpd[71]: 4dLx1Q0Y7Tz: client=lo[127.0.0.1], orig_queue_id=a531fe77, orig_client=u",
        Handed(71, "4dLx1Q0Y7Tz", "a531fe77", "postfix-out"),
    ),
    ("postfix/qmgr[9]: B2C3D4: from=<a@clinic.example>, size=812, nrcpt=2 (queue active)", Queued("B2C3D4")),
    ("postfix/qmgr[9]: B2C3D4: removed", Removed("B2C3D4")),
    (
        "postfix/cleanup[8]: B2C3D4: milter-discard: END-OF-MESSAGE from lo[127.0.0.1]: milter triggers DISCARD",
        Queued("B2C3D4"),
    ),
    (
        "postfix/cleanup[8]: B2C3D4: milter-reject: END-OF-MESSAGE from lo[127.0.0.1]: 5.7.1 Refused;",
        Queued("B2C3D4"),
    ),
    (
        (
            "postfix/tls-secure/smtp[5]: Verified TLS connection established to mx.x.example[192.0.2.1]:25: "
            "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519"
        ),
        Connected(5, "mx.x.example[192.0.2.1]:25", "Verified", "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
    ),
    (
        (
            "postfix/smtp[5]: B2C3D4: to=<b@x.example>, relay=mx.x.example[192.0.2.1]:25, delay=0.1, delays=0/0/0/0.1, "
            "dsn=2.0.0, status=sent (250 2.0.0 ok)"
        ),
        Delivered(5, "B2C3D4", "b@x.example", "mx.x.example[192.0.2.1]:25", "2.0.0", "sent"),
    ),
    (
        (
            "postfix/smtp[5]: B2C3D4: to=<b@x.example>, orig_to=<c@y.example>, relay=none, conn_use=2, delay=3, "
            "delays=1/1/1/0, dsn=4.7.4, status=deferred (TLS is required, but was not offered by host mx[192.0.2.1])"
        ),
        Delivered(5, "B2C3D4", "b@x.example", "none", "4.7.4", "deferred"),
    ),
]


@pytest.mark.parametrize(("text", "told"), LINES)
@pytest.mark.parametrize("start", [AT, "2026-11-25T18:38:36.123456+00:00 mail "])
def test_lines_that_count_are_read(start: str, text: str, told: Line) -> None:
    """Both forms of time, with and without a name for the service."""
    assert read_line(start + text) == told


@pytest.mark.parametrize(
    "text",
    [
        "postfix/cleanup[8]: B2C3D4: milter-reject: END-OF-MESSAGE from lo[127.0.0.1]: 4.7.1 Service unavailable;",
        "postfix/smtpd[71]: lost connection after END-OF-MESSAGE from lo[127.0.0.1]",
        "postfix/smtpd[71]: B2C3D4: client=mx.elsewhere[192.0.2.9]",
        "postfix/bounce[6]: B2C3D4: to=<b@x.example>, relay=none, status=sent (forged)",
        "sshd[4]: B2C3D4: removed",
        "",
        "no line at all",
    ],
)
def test_lines_that_say_nothing_are_passed_over(text: str) -> None:
    """A milter that died is no answer of ours; a client that is no hand-over of ours has no token."""
    assert read_line(AT + text) is None


def test_a_recipient_cannot_write_the_rest_of_the_line() -> None:
    """A quoted local part with a whole line in it is a strange recipient, not another server's reply."""
    forged = '"x>, relay=evil[192.0.2.66]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (y"@x.example'
    line = read_line(
        AT + f"postfix/smtp[5]: B2C3D4: to=<{forged}>, relay=none, delay=0, delays=0, dsn=4.0.0, status=deferred (z)"
    )

    assert isinstance(line, Delivered)
    assert line.recipient == '"x'
