"""The running gateway: does it answer Postfix, and is it well?"""

import json
import re
from collections.abc import Iterator

from gateway.doctor.machine import Machine
from gateway.doctor.running import milter_problem, page
from gateway.doctor.trouble import Found, critical, warning

OK = 200
START = "systemctl status gatepost-milter; its log says why: journalctl -u gatepost-milter"


def answers(machine: Machine) -> Iterator[Found]:
    """Postfix defers all mail while the milter is silent."""
    if problem := milter_problem(machine):
        reason = f"the milter does not answer ({problem}): Postfix defers all mail"
        yield critical(machine.config.milter.socket, reason, START)


def ready(machine: Machine) -> Iterator[Found]:
    """It says itself what is not well."""
    code, text = page(machine, "/readyz")
    if code in (0, OK):  # no answer at all is what `metrics` tells
        return
    yield critical("/readyz", f"the gateway is not ready: {_why(text)}", START)


def _why(text: str) -> str:
    try:
        checks = json.loads(text)["checks"]
        return ", ".join(f"{name}: {result['why']}" for name, result in checks.items() if not result["ok"])
    except (ValueError, KeyError, TypeError):
        return "it does not say why"


def metrics(machine: Machine) -> Iterator[Found]:
    """No metrics, no alert."""
    code, text = page(machine, "/metrics")
    if code != OK or "gatepost_messages_total" not in text:
        status = machine.config.status
        why = text if code == 0 else f"HTTP {code}" if code != OK else "another program answers there"
        reason = f"no metrics on {status.host}:{status.port} ({why}): whoever watches the gateway sees nothing"
        yield warning("gatepost.yaml: status", reason, START)


def sources(machine: Machine) -> Iterator[Found]:
    """What the gateway could not ask at the last scrape."""
    _, text = page(machine, "/metrics")
    down = [
        line.split('"')[1]
        for line in text.splitlines()
        if line.startswith("gatepost_source_up{") and line.endswith(" 0.0")
    ]
    if down:
        yield warning("/metrics", f"the gateway cannot ask its own {', '.join(down)}", START)


def last_reload(machine: Machine) -> Iterator[Found]:
    """A reload that was refused keeps the old rules."""
    _, text = page(machine, "/metrics")
    if "gatepost_policy_last_load_ok 0.0" in text.splitlines():
        reason = "the last reload was refused: the gateway still decides by the rules before it"
        yield warning("policy", reason, "gatepost policy check, mend, systemctl reload gatepost-milter")


def mail_log(machine: Machine) -> Iterator[Found]:
    """Proof of delivery comes from Postfix's log."""
    _, text = page(machine, "/metrics")
    if machine.config.postfix.mail_log != "none" and "gatepost_mail_log_readable 0.0" in text.splitlines():
        reason = "Postfix's log cannot be followed: there is no proof of how protected copies left"
        yield warning("gatepost.yaml: postfix.mail-log", reason, "let the user gatepost read it (group adm)")
    failures = re.search(r"(?m)^gatepost_mail_log_failures_total ([1-9][0-9.e+]*)$", text)
    if failures is not None:
        reason = f"of {float(failures[1]):.0f} lines of Postfix's log something was lost by a mistake of ours"
        yield warning("mail-log", reason, "the gateway's log has what it was (mail-log-bug): please report it")
