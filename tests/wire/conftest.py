"""A real Postfix, a real `gatepost serve` and an SMTP sink for the dialogues in this folder.

`site` is shared by the tests of one pytest process and left as it was found; a test that breaks something builds its
own with `build_site`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.config import shipped
from gateway.demo.postfix import available
from gateway.demo.service import Settings
from gateway.demo.site import Layout, Site

HERE = Path(__file__).parent
USERS = {"nurse": "correct horse"}
WORKERS = {"count": 1}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without root or Postfix these tests say so instead of failing."""
    reason = available()
    if reason:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


def copy_rules(target: Path) -> Path:
    """The rules of these tests with the one shipped detector that they use: a gateway that starts quickly."""
    shutil.copytree(HERE / "rules", target)
    (target / "detectors").mkdir()
    shutil.copy(shipped("rules") / "detectors" / "us-ssn.yaml", target / "detectors")
    return target


@pytest.fixture(scope="session")
def wire_rules() -> Callable[[Path], Path]:
    """Copies the rules of these tests to a folder."""
    return copy_rules


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rule set of one's own, to be changed."""
    return copy_rules(tmp_path / "rules")


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    rules = copy_rules(tmp_path_factory.mktemp("shared") / "rules")
    with Site(Layout(rules, {"workers": WORKERS}, users=USERS), prefix="gp-") as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Site:
    """A site with an empty queue and an empty sink."""
    shared_site.postfix.drain()
    shared_site.sink.clear()
    return shared_site


@pytest.fixture
def build_site(rules: Path) -> Iterator[Callable[..., Site]]:
    """Makes a site for this test alone."""
    with ExitStack() as stack:

        def build(
            settings: Settings | None = None, *, tcp: bool = False, main_cf: tuple[str, ...] = (), start: bool = True
        ) -> Site:
            layout = Layout(rules, {"workers": WORKERS, **(settings or {})}, USERS, main_cf, tcp)
            site = Site(layout, prefix="gp-")
            stack.callback(site.close)
            return site.__enter__() if start else site

        yield build
