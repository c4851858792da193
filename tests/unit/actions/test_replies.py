"""The table of SMTP replies."""

import pytest

from gateway.actions.replies import LONGEST, TABLE, ReplyKey, plain_id, reply


@pytest.mark.parametrize("key", list(ReplyKey))
def test_every_reply_is_one_short_line_of_ascii_with_the_incident(key: ReplyKey) -> None:
    """A client sees one line that leads to the incident, and nothing more."""
    found = reply(key, "gp-1.2_3")

    assert found.text.isascii()
    assert found.text.isprintable()
    assert len(found.text) <= LONGEST
    assert "gp-1.2_3" in found.text


@pytest.mark.parametrize("key", list(ReplyKey))
def test_class_of_code_and_enhanced_code_agree(key: ReplyKey) -> None:
    """RFC 3463: the first digit of both is the same."""
    row = TABLE[key]

    assert str(row.code)[0] == row.enhanced[0]


@pytest.mark.parametrize(
    ("key", "code", "enhanced"),
    [
        ("accepted", 250, "2.0.0"),
        ("held", 250, "2.0.0"),
        ("blocked", 550, "5.7.1"),
        ("deferred", 451, "4.7.1"),
        ("busy", 451, "4.3.2"),
        ("too-large", 552, "5.3.4"),
        ("copy-too-large", 552, "5.3.4"),
    ],
)
def test_codes_of_the_table(key: str, code: int, enhanced: str) -> None:
    """The codes are part of the contract with Postfix and its clients."""
    assert (reply(key).code, reply(key).enhanced) == (code, enhanced)


def test_reply_without_incident_has_no_empty_brackets() -> None:
    """Before a transaction has an id, the text stands alone."""
    assert "incident" not in reply("busy").text


def test_incident_cannot_smuggle_a_line_or_a_percent_sign() -> None:
    """Postfix formats replies and ends lines: an id holds neither."""
    assert plain_id("a%s\r\n250 ok") == "as250ok"


def test_unknown_key_is_refused() -> None:
    """A misspelt key is our own mistake and shows at once."""
    with pytest.raises(ValueError, match="nothing"):
        reply("nothing")
