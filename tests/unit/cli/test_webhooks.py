"""`gatepost webhooks`: trying a receiver, seeing how far it has come, passing over what it will never take."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit import events
from gateway.cli.exits import Exit
from gateway.cli.main import app
from gateway.config import load_config
from gateway.webhooks import Sender, receivers_of
from gateway.webhooks.position import Positions
from gateway.wiring.stored import Stored, opened
from tests.unit.webhooks.conftest import Site

Call = Callable[..., Result]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def call(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("COLUMNS", "300")
    receiver: dict[str, object] = {
        "name": "tickets",
        "url": site.url,
        "secret-file": "tickets.secret",
        "ca-file": str(site.ca_file),
    }
    receiver |= {"events": ["viewed", "vewed"]}
    settings = {"store": {"folder": "state"}, "webhooks": {"receivers": [receiver]}}
    (tmp_path / "gatepost.yaml").write_text(json.dumps(settings))

    def run(*words: str) -> Result:
        where = () if words[:2] == ("webhooks", "secret") else ("--config", str(tmp_path / "gatepost.yaml"))
        return CliRunner().invoke(app, [*words, *where])

    assert run("webhooks", "secret", str(tmp_path / "tickets.secret")).exit_code == 0
    return run


@pytest.fixture
def stored(call: Call, tmp_path: Path) -> Iterator[Stored]:
    assert call("keys", "init").exit_code == 0
    with opened(load_config(tmp_path / "gatepost.yaml", {}), {}) as stored:
        yield stored


def test_a_secret_is_private_and_can_be_renewed_beside_the_old_one(call: Call, tmp_path: Path) -> None:
    """The newest first, the one before below it, no third."""
    file = tmp_path / "tickets.secret"
    first = file.read_text().strip()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert call("webhooks", "secret", str(file)).exit_code == 0
    assert file.read_text().splitlines()[1] == first
    assert call("webhooks", "secret", str(file)).exit_code == 0
    assert len(file.read_text().splitlines()) == 2


def test_a_receiver_can_be_tried(call: Call, site: Site) -> None:
    """Once, with an event that is nobody's; what it answered is told."""
    assert call("webhooks", "test", "tickets").exit_code == 0
    assert json.loads(site.got[0][2])["type"] == "webhook-test"

    site.answers = [403]
    failed = call("webhooks", "test", "tickets")
    assert failed.exit_code == Exit.UNAVAILABLE
    assert "it answered 403" in failed.stderr
    assert call("webhooks", "test", "nobody").exit_code == Exit.NOT_FOUND


def test_what_waits_is_listed_and_the_first_of_it_can_be_passed_over(
    call: Call, stored: Stored, site: Site, tmp_path: Path
) -> None:
    """The others are delivered; a code that never occurred is told."""
    config = load_config(tmp_path / "gatepost.yaml", {})
    sender = Sender(receivers_of(config)[0], config.audit.folder, Positions(config.webhooks.folder, "tickets"))
    sender.begin()
    for number in range(3):
        stored.audit.append(events.viewed(item=f"item-{number}", incident="i", by="dana"))
    site.answers = [410]
    assert sender.once() == 0

    [row] = json.loads(call("webhooks", "list", "--format", "json").stdout)
    assert (row["waiting"], row["unseen"]) == (3, ["vewed"])
    assert call("webhooks", "skip", "tickets").exit_code == 0
    assert sender.once() == 2
    assert [json.loads(body)["data"]["unmapped"]["item"] for _, _, body in site.got] == ["item-0", "item-1", "item-2"]
    assert call("webhooks", "skip", "tickets").exit_code == Exit.NOT_FOUND


@pytest.mark.parametrize(
    "url",
    [
        "http://siem.clinic.example/",
        "https://user:pass@siem.clinic.example/",
        "https:///x",
        "https://siem.clinic.example/\\r\\nX: y",
        "file:///etc/passwd",
        "https://siem.clinic.example/#x",
        "https://siem.clinic.example:99999/",
    ],
)
def test_only_an_https_host_is_a_receiver(call: Call, tmp_path: Path, url: str) -> None:
    """Nothing else is ever asked."""
    (tmp_path / "gatepost.yaml").write_text(f'webhooks: {{receivers: [{{name: a, url: "{url}", secret-file: s}}]}}\n')

    result = call("config", "check")

    assert result.exit_code == Exit.USAGE
    assert "must be an https address" in result.stderr


def test_two_receivers_of_one_name_are_refused(call: Call, tmp_path: Path) -> None:
    """They would share how far they have come."""
    one = '{name: a, url: "https://a.example/", secret-file: s}'
    (tmp_path / "gatepost.yaml").write_text(f"webhooks: {{receivers: [{one}, {one}]}}\n")

    assert "a name of its own" in call("config", "check").stderr


def test_a_secret_that_is_lost_is_found_by_the_check(call: Call, tmp_path: Path) -> None:
    """Before the service is started, which would not run without it."""
    (tmp_path / "tickets.secret").unlink()

    result = call("config", "check")

    assert result.exit_code == Exit.USAGE
    assert "tickets.secret: the secret cannot be read" in result.stderr
