"""docs/first-rule.md, word for word: every command of it works on the rules that are installed."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app

PAGE = (Path(__file__).parents[3] / "docs" / "first-rule.md").read_text("utf-8")
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
CARD = (
    "From: desk@clinic.example\nTo: bo@home.example\nSubject: Card\n\nThe card is 4111 1111 1111 1111, expiry 12/29.\n"
)


def test_the_first_rule_is_written_tried_and_compared(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copied, made, tested, linted, explained, replayed; the example message is what the new rule speaks about."""
    installed, desk = tmp_path / "etc", tmp_path / "desk"
    (installed / "models").mkdir(parents=True)
    shutil.move(rules, installed / "rules")
    (desk / "mail").mkdir(parents=True)
    for name in ("message.eml", "mail/1.eml"):
        (desk / name).write_text(CARD)
    monkeypatch.chdir(desk)

    said = {}
    for command in COMMANDS:
        words = shlex.split(command.replace("/etc/gatepost", str(installed)))
        if words[0] == "cp":
            for source in words[2:-1]:
                shutil.copytree(source, desk / Path(source).name)
            continue
        result = CliRunner().invoke(app, words[1:])
        assert result.exit_code == 0, f"{command}: {result.output}"
        said[" ".join(words[1:3])] = result.output

    assert (desk / "rules" / "packs" / "local" / "local-cards.yaml").read_text().count("status: monitor") == 1
    assert "local-cards" in said["explain message.eml"]
    assert "local-cards" in said["rules replay"]
