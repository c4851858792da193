"""One lab for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.makers.faults.sweep import Lab
from tests.wire.conftest import copy_rules


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(copy_rules(tmp_path_factory.mktemp("lab") / "rules")) as made:
        yield made
