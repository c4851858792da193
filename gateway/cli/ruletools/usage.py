"""`gatepost rules usage`: which rules apply, how often, and which never did, by the audit log."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.audit import existing, read_events
from gateway.cli.output import ConfigOption, Form, FormOption, say, write_json, write_table
from gateway.cli.scan import PolicyOption
from gateway.config import load_config


def usage(
    policy: PolicyOption = None,
    audit: Annotated[
        Path | None, typer.Option("--audit", help="The audit log. Default: the configured one.", show_default=False)
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Count from this day on (UTC).", formats=["%Y-%m-%d"], show_default=False)
    ] = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Count for every rule the messages it applied to, and say which never did.

    A rule that is gone from the policy is told too. With --format json: one object.
    """
    from datetime import UTC

    from gateway.cli.ruleset import policy_of, rules_of
    from gateway.lint import Usage, read_history

    config = load_config(config_file, os.environ)
    ruleset = rules_of(policy_of(policy, config))
    folder = existing(audit or config.audit.folder)
    start = since.replace(tzinfo=UTC) if since else None
    history = read_history((event for _, event in read_events(folder)), since=start)
    statuses = {rule.id: rule.status.value for rule in ruleset.policy.rules}
    names = sorted({*statuses, *(name for name, used in history.rules.items() if used.messages)})
    rows = [
        {
            "rule": name,
            "status": statuses.get(name, "gone"),
            "messages": used.messages,
            "enforced": used.enforced,
            "monitored": used.monitored,
            "first": used.first.isoformat(timespec="seconds") if used.first else None,
            "last": used.last.isoformat(timespec="seconds") if used.last else None,
        }
        for name in names
        for used in (history.rules.get(name, Usage()),)
    ]
    never = [row["rule"] for row in rows if not row["messages"] and row["status"] in ("enforce", "monitor")]
    if form is Form.JSON:
        write_json({"messages": history.messages, "rules": rows, "never": never})
        return
    heads = ("rule", "status", "messages", "enforced", "monitored", "first", "last")
    write_table(heads, [[row[head] if row[head] is not None else "" for head in heads] for row in rows])
    say(f"{history.messages} messages in the log; never applied: {', '.join(map(str, never)) or 'none'}")
