"""A log to report on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "audit")
    yield ledger
    ledger.log.close()
