"""monitoring/: alerts fire on their faults and are silent on a healthy gateway; all that is watched is given out."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.config import shipped
from gateway.demo.ports import PortHold
from gateway.demo.service import Service, Settings
from gateway.demo.site import private_folder
from gateway.doctor.table import CHECKS
from gateway.doctor.textfile import write_metrics

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "monitoring"
RUNBOOK = ROOT / "docs" / "runbook"
RULES = ROOT / "tests" / "wire" / "rules"
NAME = re.compile(r"\b(?:gatepost|process)_[a-z_]+\b")
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
WITHOUT_PROMTOOL = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")


def promtool(*arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        ["promtool", *arguments], input=stdin, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def expressions() -> list[str]:
    """Those of the dashboard, with Grafana's variables filled in."""
    told = [target["expr"] for panel in PANELS for target in panel["targets"]]
    told += [annotation["expr"] for annotation in DASHBOARD["annotations"]["list"]]
    return [expr.replace("$__rate_interval", "5m").replace("$instance", ".*") for expr in told]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What a gateway that serves and the doctor give out."""
    with private_folder("gp-mon-") as folder, closing(PortHold()) as loopback:
        rules = folder / "rules"
        shutil.copytree(RULES, rules)
        (rules / "detectors").mkdir()
        shutil.copy(shipped("rules") / "detectors" / "us-ssn.yaml", rules / "detectors")
        settings: Settings = {"milter": {"socket-group": ""}, "workers": {"count": 1}, "postfix": {"lanes": []}}
        with Service(folder / "gateway", rules, loopback.port, settings) as service:
            textfile = folder / "doctor.prom"
            write_metrics(textfile, [], [check.id for check in CHECKS], datetime.now(UTC))
            yield service.answer("/metrics")[1] + textfile.read_text()


def names(live: str) -> set[str]:
    """Of series as Prometheus stores them."""
    described = {line.split()[2] for line in live.splitlines() if line.startswith("# TYPE ")}
    return described | {re.split(r"[{ ]", line)[0] for line in live.splitlines() if line and line[0] != "#"}


def test_what_is_watched_is_given_out(live: str) -> None:
    """Every name in alerts and dashboard is one of the live metrics."""
    watched = {name for rule in ALERTS for name in NAME.findall(rule["expr"])}
    watched |= {name for expr in expressions() for name in NAME.findall(expr)}

    assert watched - names(live) == set()


def test_what_matters_is_shown(live: str) -> None:
    """No metric of ours is on no panel, but for times of creation and what stands in labels."""
    shown = {name for expr in expressions() for name in NAME.findall(expr)}
    parts = {name for name in names(live) if name.endswith(("_created", "_bucket", "_sum", "_count"))}
    described = {f"{name}_total" for name in names(live)} & names(live)
    ours = {name for name in names(live) - parts if name.startswith("gatepost_")}
    ours -= {name.removesuffix("_total") for name in described}
    histograms = {name.removesuffix("_bucket") for name in names(live) if name.endswith("_bucket")}

    assert ours - histograms - shown == {
        "gatepost_build_info",
        "gatepost_doctor_last_run_timestamp_seconds",
        "gatepost_mail_log_failures_total",
        "gatepost_mail_log_readable",
        "gatepost_policy_age_seconds",
        "gatepost_policy_info",
        "gatepost_policy_reloads_total",
        "gatepost_recipients_total",
        "gatepost_source_up",
    }


@WITHOUT_PROMTOOL
def test_live_metrics_are_well_formed(live: str) -> None:
    """By Prometheus's own check; what it only advises is no fault."""
    done = subprocess.run(["promtool", "check", "metrics"], input=live, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "error" in line] == []


@WITHOUT_PROMTOOL
def test_each_alert_fires_on_its_fault_alone() -> None:
    """monitoring/alerts.test.yaml has the series of a fault for every alert."""
    tests = yaml.safe_load((FOLDER / "alerts.test.yaml").read_text())["tests"]
    assert [test["name"] for test in tests] == [rule["alert"] for rule in ALERTS]

    promtool("test", "rules", str(FOLDER / "alerts.test.yaml"))


@WITHOUT_PROMTOOL
def test_no_alert_fires_on_a_healthy_gateway(live: str, tmp_path: Path) -> None:
    """What a live gateway gives out, as it was recorded, for two hours."""
    samples = [line.rpartition(" ") for line in live.splitlines() if line and line[0] != "#"]
    mail = '{job="gatepost",instance="mx1",disposition="deliver"}'
    series = [
        {"series": _labelled(name), "values": f"{value}x24"}
        for name, _, value in samples
        if not name.startswith("gatepost_messages_total")
    ]
    series += [{"series": 'up{job="gatepost",instance="mx1"}', "values": "1x24"}]
    series += [{"series": f"gatepost_messages_total{mail}", "values": "0+20x24"}]
    quiet = {"expr": 'ALERTS{alertstate="firing"}', "eval_time": "110m", "exp_samples": []}
    test = {"interval": "5m", "input_series": series, "promql_expr_test": [quiet]}
    file = tmp_path / "healthy.yaml"
    file.write_text(json.dumps({"rule_files": [str(FOLDER / "alerts.yaml")], "tests": [test]}))

    promtool("test", "rules", str(file))


def _labelled(name: str) -> str:
    bare, _, labels = name.partition("{")
    return f'{bare}{{job="gatepost",instance="mx1"{"," + labels if labels else "}"}'


@WITHOUT_PROMTOOL
def test_the_dashboard_asks_what_prometheus_understands(tmp_path: Path) -> None:
    """Every expression, as a rule that Prometheus checks."""
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(expressions())]
    file = tmp_path / "panels.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))

    promtool("check", "rules", str(file))


def test_panels_are_told_apart() -> None:
    """Each with a title and a place of its own."""
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS]
    assert len(set(places)) == len(PANELS)
    assert all(panel["title"] and panel["targets"] for panel in PANELS)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_each_alert_has_a_page_that_says_what_to_do(rule: dict[str, Any]) -> None:
    """What it means, what happens to mail, where to look, what to do."""
    page = ROOT / rule["annotations"]["runbook"]

    assert page == RUNBOOK / f"{rule['alert']}.md"
    text = page.read_text()
    assert all(f"**{word}:**" in text for word in ("Mail now", "Look", "Do"))
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_no_page_is_without_its_alert() -> None:
    """A page that nothing leads to helps nobody."""
    assert {page.stem for page in RUNBOOK.glob("*.md")} == {rule["alert"] for rule in ALERTS}
