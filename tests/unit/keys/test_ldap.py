"""Certificates in a directory server: OpenLDAP's slapd, asked as in production."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.verdict import Means, Method
from gateway.demo.pki import Authority, Wish
from gateway.keys.ldap import MOST_CERTIFICATES, DirectoryServer, escaped
from gateway.keys.lookup import Lookup, Reach
from gateway.keys.names import Resolver
from gateway.keys.records import Source
from tests.makers.slapd import ADMIN, PASSWORD, SUFFIX, Slapd

pytestmark = pytest.mark.skipif(shutil.which("slapd") is None, reason="slapd is not installed")

ANN, BOB, EVE = "ann@partner.example", "bob@partner.example", "eve@partner.example"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def der(authority: Authority, address: str) -> bytes:
    return authority.issue(Wish([address])).certificate.public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Ann with a certificate, Bob with Eve's, Eve with nothing."""
    people = {ANN: (der(authority, ANN),), BOB: (der(authority, EVE),), EVE: ()}
    with Slapd(tmp_path_factory.mktemp("slapd"), people) as slapd:
        yield slapd


def asked(office: Any, server: DirectoryServer, address: str) -> tuple[str, str]:
    """What the source came to."""
    reach = Reach(Resolver("127.0.0.1", 9, seconds=0.1), 10.0, "client.example", ldap=server)
    lookup = Lookup(office.book, office.intake, [Source.LDAP], reach, 20.0)
    try:
        lookup.look_up([address], lambda: None)
    finally:
        lookup.close()
    (answer,) = office.book.answers_of([address])
    return answer.found, answer.reason


def test_certificate_in_the_directory_is_used(office: Any, authority: Authority, server: Slapd) -> None:
    """Checked like any other: it must lead to an anchor and be for the address."""
    office.anchors.write_text(authority.pem)
    where = DirectoryServer(server.url, SUFFIX)

    assert asked(office, where, ANN) == ("yes", "active")
    assert office.directory.means([ANN]) == {ANN: (Means(Method.SMIME, "gcm"),)}
    found, reason = asked(office, where, BOB)
    assert (found, "not for this address" in reason) == ("yes", True)
    assert asked(office, where, EVE) == ("no", "the directory server has no certificate for it")
    assert office.directory.means([BOB, EVE]) == {}


def test_of_many_certificates_in_an_entry_some_are_looked_at(authority: Authority, tmp_path: Path) -> None:
    """People may write into their own entry, and each certificate costs a check."""
    many = tuple(der(authority, EVE) for _ in range(MOST_CERTIFICATES + 5))
    with Slapd(tmp_path, {ANN: many}) as slapd:
        assert len(DirectoryServer(slapd.url, SUFFIX).certificates(ANN, 10)) == MOST_CERTIFICATES


@pytest.mark.parametrize("address", ["*@partner.example", "x)(mail=*@partner.example", "a\\2a@partner.example"])
def test_address_is_no_part_of_the_filter(server: Slapd, address: str) -> None:
    """A star, a parenthesis or a backslash stands for itself and finds nobody."""
    assert DirectoryServer(server.url, SUFFIX).certificates(address, 10) == []


def test_what_stands_for_itself_in_a_filter() -> None:
    """RFC 4515 section 3."""
    assert escaped("a*(b)\\\0ü@x") == "a\\2a\\28b\\29\\5c\\00\\c3\\bc@x"


def test_server_that_wants_a_name_and_speaks_tls(authority: Authority, tmp_path: Path) -> None:
    """Name and password from a file; a certificate of the server that nobody vouches for is refused."""
    host = authority.issue(Wish(hosts=["127.0.0.1"], purpose=None))
    (tmp_path / "server.pem").write_text(host.pem + host.key_pem)
    (tmp_path / "ca.pem").write_text(authority.pem)
    (tmp_path / "password").write_text(PASSWORD)
    with_password: dict[str, Any] = {"user": ADMIN, "password_file": tmp_path / "password"}
    files = (tmp_path / "server.pem", tmp_path / "ca.pem")
    with Slapd(tmp_path, {ANN: (der(authority, ANN),)}, tls=files, closed=True) as slapd:
        ours: dict[str, Any] = {"url": slapd.url, "base": SUFFIX, "ca_file": tmp_path / "ca.pem"}
        assert len(DirectoryServer(**ours, **with_password).certificates(ANN, 10)) == 1
        with pytest.raises(OSError, match="ended with 50"):  # it has no right to look
            DirectoryServer(**ours).certificates(ANN, 10)
        with pytest.raises(OSError, match="did not answer"):
            DirectoryServer(slapd.url, SUFFIX, **with_password).certificates(ANN, 10)


def test_server_that_is_away_or_elsewhere(office: Any, server: Slapd) -> None:
    """Nobody there: an answer that holds a quarter of an hour. On another machine never without TLS."""
    found, reason = asked(office, DirectoryServer("ldap://127.0.0.1:9", SUFFIX), ANN)

    assert (found, "did not answer" in reason) == ("failed", True)
    with pytest.raises(OSError, match="did not answer"):  # it is there, and knows no StartTLS
        DirectoryServer(server.other_url, SUFFIX).certificates(ANN, 10)
