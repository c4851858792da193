"""A console whose people sign in at a real provider on loopback, honest or lying."""

import shutil
from collections.abc import Iterator

import pytest

from tests.makers.provider import CLIENT, SECRET, Op, provider
from tests.web.house import House, house
from tests.web.openid.visitor import GROUPS, OLGA, PEOPLE, Visitor


@pytest.fixture(scope="module")
def op() -> Iterator[Op]:
    with provider() as op:
        yield op


@pytest.fixture(scope="module")
def served(op: Op, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """A console with this provider."""
    folder = tmp_path_factory.mktemp("openid")
    secret = folder / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    settings = {
        "issuer": op.address,
        "client-id": CLIENT,
        "secret-file": str(secret),
        "name": "Clinic",
        "roles": GROUPS,
        "amr": ["mfa"],
        "acr": ["strong"],
    }
    with pytest.MonkeyPatch.context() as patched, house(folder, people=PEOPLE, openid=settings) as built:
        patched.setattr("gateway.console.app.FAILURES", 10_000)  # all lies come from one address here
        with built.serve() as url:
            yield built, url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def honest(op: Op) -> None:
    op.person, op.lie, op.asked = {**OLGA, "groups": ["mail-officers"]}, None, []


@pytest.fixture
def visitor(served: tuple[House, str]) -> Visitor:
    return Visitor(served[1])
