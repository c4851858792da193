"""The milter on a TCP socket."""

from collections.abc import Callable

from gateway.demo.letters import letter
from gateway.demo.site import Site


def test_data_is_answered_over_tcp(build_site: Callable[..., Site]) -> None:
    """With every reply waived until the end, Nagle against delayed ACK costs 40 ms a message: DATA must have a reply.

    Postfix's log says what was negotiated, so this does not depend on how quick the machine is today.
    """
    site = build_site(tcp=True, main_cf=("debug_peer_list = 127.0.0.1", "debug_peer_level = 2"))

    said = site.send(letter("case-tag"), "a@outside.example").final

    assert said.code == 250
    assert b"[External]" in site.sink.wait_for(1)[0].octets
    about_data = [line for line in site.postfix.log_lines() if "SMFIC_DATA" in line]
    assert any("event: SMFIC_DATA" in line for line in about_data)
    assert [line for line in about_data if "skipping" in line] == []
