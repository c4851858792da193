"""The gateway keeps each rule set that it takes; mail never waits for that, nor fails with it."""

import json
from pathlib import Path

from gateway.app import Gateway
from gateway.config import Config, load_config
from gateway.rulebook.archive import RuleArchive
from gateway.wiring.stored import rule_sets_of

DIGEST = f"sha256:{'a' * 64}"


def gateway(folder: Path) -> tuple[Gateway, Config]:
    """As far as it is needed here."""
    rules = folder / "rules"
    rules.mkdir()
    (rules / "policy.yaml").write_text("packs: []\n")
    settings = {"store": {"folder": str(folder / "state")}, "policy": {"file": str(rules / "policy.yaml")}}
    (folder / "gatepost.yaml").write_text(json.dumps(settings))
    made, config = object.__new__(Gateway), load_config(folder / "gatepost.yaml", {})
    made._config = config
    return made, config


def test_a_rule_set_that_is_taken_is_kept(tmp_path: Path) -> None:
    """Under its digest, as its files stand."""
    made, config = gateway(tmp_path)
    made._keep(DIGEST)

    assert RuleArchive(rule_sets_of(config)).files(DIGEST) == {"policy.yaml": "packs: []\n"}


def test_what_cannot_be_kept_is_said_and_no_more(tmp_path: Path) -> None:
    """A disk that takes nothing, a file that went away: the rules count all the same."""
    made, config = gateway(tmp_path)
    config.store.folder.write_text("no folder")
    made._keep(DIGEST)

    config.policy.file.unlink()
    made._keep("no digest")
