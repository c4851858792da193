"""Edits in place: what the rule asks for changes, and nothing else."""

import base64
import email
import email.policy

import pytest

from gateway.demo.letters import letter
from gateway.demo.site import Site

SSN = b"219-09-9999"


def test_tag_goes_before_the_subject(site: Site) -> None:
    """The subject has the mark; the rest of the message is as it was."""
    raw = letter("case-tag of today")

    site.send(raw, "a@outside.example")

    got = site.sink.wait_for(1)[0].message
    assert b"Subject: [External] case-tag of today\r\n" in got
    assert _without(got, b"Subject:") == _without(raw, b"Subject:")


def test_header_fields_are_added_changed_and_removed(site: Site) -> None:
    """One field comes, one has another value, one is gone each time it occurred."""
    raw = letter("case-header", b"Hello.\r\n", b"X-Internal: 1", b"X-Mood: stormy", b"X-Internal: 2", b"X-Other: stays")

    site.send(raw, "a@outside.example")

    got = site.sink.wait_for(1)[0]
    assert b"X-Checked: by the gate\r\n" in got.message
    assert b"X-Mood: calm\r\n" in got.message
    assert b"X-Internal" not in got.message
    assert b"stormy" not in got.message
    assert b"X-Other: stays\r\n" in got.message
    assert got.body == b"Hello.\r\n"


def test_notice_is_added_to_text_and_html(site: Site) -> None:
    """Both alternatives have the notice; their own text is still there."""
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nHello in text.\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        b"<html><body><p>Hello in HTML.</p></body></html>\r\n--b--\r\n"
    )
    raw = letter("case-notice", body, b"MIME-Version: 1.0", b"Content-Type: multipart/alternative; boundary=b")

    site.send(raw, "a@outside.example")

    text, html = site.sink.wait_for(1)[0].body.split(b"Content-Type: text/html")
    assert b"Hello in text." in text
    assert b"This message was checked." in text
    assert html.index(b"Hello in HTML.") < html.index(b"<p>This message was checked.</p>") < html.index(b"</body>")


ENCODED = {
    "7bit": (b"", b"Her SSN is 219-09-9999, thank you.\r\n"),
    "8bit latin-1": (b"8bit", b"Se\xf1ora, SSN 219-09-9999, gracias.\r\n"),
    "quoted-printable over a soft line break": (b"quoted-printable", b"Se=F1ora, SSN 219-09=\r\n-9999, gracias.\r\n"),
}


@pytest.mark.parametrize(("encoding", "body"), ENCODED.values(), ids=ENCODED.keys())
def test_redaction_changes_only_the_value(site: Site, encoding: bytes, body: bytes) -> None:
    """The number is gone, the bytes before and after it are the ones that were sent."""
    raw = letter(
        "case-redact",
        body + b"Second line \xff stays.\r\n" * (encoding == b"8bit"),
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=iso-8859-1",
        b"Content-Transfer-Encoding: " + (encoding or b"7bit"),
    )

    said = site.send(raw, "a@outside.example")

    got = site.sink.wait_for(1)[0].message
    first = raw.index(b"219")
    after = raw.index(b"9999") + 4
    assert said.final.code == 250
    assert SSN not in got
    assert got.startswith(raw[:first])
    assert got.endswith(raw[after:])
    assert b"US_SSN" in got[first:] or b"[" in got[first : first + 40]


def test_redaction_in_base64_keeps_the_other_bytes(site: Site) -> None:
    """The decoded text differs in the value alone."""
    text = b"Line one.\r\nHer SSN is 219-09-9999.\r\n" + b"The end.\r\n" * 20
    raw = letter(
        "case-redact",
        base64.encodebytes(text).replace(b"\n", b"\r\n"),
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: base64",
    )

    site.send(raw, "a@outside.example")

    got = base64.b64decode(site.sink.wait_for(1)[0].body)
    assert SSN not in got
    assert got.startswith(b"Line one.\r\nHer SSN is ")
    assert got.endswith(b".\r\n" + b"The end.\r\n" * 20)


def test_redaction_of_a_large_message_keeps_the_other_bytes(site: Site) -> None:
    """Several megabytes, spooled to a file and handed back in pieces: only the number in the last line is gone."""
    filling = b"".join(b"%07d a line of no interest whatsoever \xff\r\n" % number for number in range(80_000))
    raw = letter("case-redact", filling + b"Her SSN is 219-09-9999.\r\nThe end.\r\n", b"Content-Type: text/plain")

    said = site.send(raw, "a@outside.example")

    got = site.sink.wait_for(1)[0].message
    first = raw.index(SSN)
    assert said.final.code == 250
    assert SSN not in got
    assert got[:first] == raw[:first]
    assert got.endswith(b".\r\nThe end.\r\n")


def test_tag_on_a_folded_and_encoded_subject(site: Site) -> None:
    """A subject in encoded words over several lines is tagged and still says what it said."""
    raw = letter("x", b"Hello.\r\n").replace(
        b"Subject: x\r\n",
        b"Subject: =?utf-8?q?case-tag_caf=C3=A9?=\r\n =?utf-8?b?w7xiZXIgZGVuIEZsdXNz?=\r\n\tand on\r\n",
    )

    site.send(raw, "a@outside.example")

    subject = email.message_from_bytes(site.sink.wait_for(1)[0].message, policy=email.policy.default)["subject"]
    assert " ".join(subject.split()) == "[External] case-tag caféüber den Fluss and on"


def _without(raw: bytes, field: bytes) -> list[bytes]:
    return [line for line in raw.split(b"\r\n") if not line.startswith(field)]


def test_mark_and_attachment_are_taken_out_and_the_archive_has_the_original(site: Site) -> None:
    """The recipient gets neither; the further copy has every byte that was sent, and no return path."""
    table = b"Content-Type: text/csv\r\nContent-Disposition: attachment; filename=t.csv\r\n\r\na,b\r\n1,2"
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nSee the table.\r\n--b\r\n" + table + b"\r\n--b--\r\n"
    kind = b'Content-Type: multipart/mixed; boundary="b"'
    raw = letter("Re: [archive] the table", body, b"MIME-Version: 1.0", kind)

    site.send(raw, "a@outside.example")

    got = {delivery.recipients: delivery for delivery in site.sink.wait_for(2)}
    sent, kept = got[("a@outside.example",)], got[("archive@clinic.example",)]
    assert b"Subject: Re: the table\r\n" in sent.message
    assert b"1,2" not in sent.message
    assert b"The table was taken out." in sent.message
    assert sent.body.startswith(body.partition(table)[0])
    assert sent.body.endswith(body.partition(table)[2])
    assert (kept.mail_from, kept.message) == ("", raw)
