"""`gatepost rules lint`: what is wrong with rules that load."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.audit import read_events
from gateway.cli.exits import Exit
from gateway.cli.inspecting import exact_key
from gateway.cli.output import ConfigOption, Form, FormOption, say, write, write_json
from gateway.cli.scan import PolicyOption
from gateway.cli.sources import Kind, inputs
from gateway.config import Config, load_config
from gateway.core.errors import Fault, FaultyFiles
from gateway.report.document import counted

if TYPE_CHECKING:
    from gateway.core.envelope import Transaction
    from gateway.lint import Check, History, Issue

CleanOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--clean",
        help="Clean mail: a folder, Maildir, mbox or *.yaml; may be repeated. Default: clean/ beside the policy.",
        show_default=False,
    ),
]
AuditOption = Annotated[
    Path | None,
    typer.Option("--audit", help="The audit log. Default: the configured one, if it is there.", show_default=False),
]


def lint(
    policy: PolicyOption = None,
    clean: CleanOption = None,
    audit: AuditOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 3 for warnings too.")] = False,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Look for what is wrong with rules that load: never or always matching, shadowed, unowned, untried, expired, slow.

    Exit code 3 where there is an error, 2 where the rules do not load.
    """
    from gateway.cli.ruleset import kept, policy_of, rules_of

    config = load_config(config_file, os.environ)
    chosen = policy_of(policy, config)
    try:
        ruleset = rules_of(chosen)
    except FaultyFiles as error:
        if form is not Form.JSON:
            raise
        write_json({"ok": False, "faults": [asdict(fault) for fault in error.faults], "issues": [], "skipped": []})
        raise typer.Exit(Exit.USAGE) from None
    from gateway.actions import Notices
    from gateway.casework import Casework
    from gateway.lint import lint as look
    from gateway.lint import run_clean, site_of, skipped

    memory = None if clean else kept()  # of real mail nothing is remembered
    key = exact_key(config, ruleset.detectors)
    casework = Casework(ruleset, Notices.of(ruleset.policy.organization), config.limits.core(), key, memory)
    messages = list(clean_mail(clean or _beside(chosen), config))
    site = site_of(
        chosen,
        ruleset,
        datetime.now(UTC).date(),
        clean=run_clean(casework, messages, memory) if messages else None,
        history=_history(audit, config),
    )
    issues = look(site)
    casework.keep()
    _show(issues, list(skipped(site)), form)
    worst = {issue.severity.value for issue in issues}
    if "error" in worst or (strict and "warning" in worst):
        raise typer.Exit(Exit.BROKEN)


def _beside(policy: Path) -> list[Path]:
    folder = policy.parent / "clean"
    return [folder] if folder.is_dir() else []


def clean_mail(paths: Sequence[Path], config: Config) -> "Iterator[Transaction]":
    """The messages of files of clean mail: lists in YAML, and messages from somebody inside to somebody outside."""
    from gateway.casework import read_clean
    from gateway.casework.case import CaseFaulty, transaction_of

    for path in paths:
        lists = sorted(path.rglob("*.yaml")) if path.is_dir() else [path] if path.suffix == ".yaml" else []
        faults: list[Fault] = []
        for file in lists:
            yield from read_clean(file, faults)
        if faults:
            raise FaultyFiles(faults)
        if path in lists:
            continue
        for item in inputs([str(path)], Kind.MESSAGE, config.milter.max_message_bytes):
            if item.failure is not None:
                say(f"{item.path} cannot be read")
            elif not item.path.endswith(".yaml"):
                try:
                    yield transaction_of(item.raw, f"{Path(item.path).name}#{item.index}")
                except CaseFaulty:
                    say(f"{item.path}: left out, it says not to whom it goes")


def _history(audit: Path | None, config: Config) -> "History | None":
    from gateway.lint import read_history

    folder = audit or config.audit.folder
    if not folder.exists() or not os.access(folder, os.R_OK):
        if audit is not None:
            say(f"{audit}: there is no audit log")
            raise typer.Exit(Exit.NOT_FOUND)
        return None
    return read_history(event for _, event in read_events(folder))


def _show(issues: "Sequence[Issue]", left_out: "Sequence[Check]", form: Form) -> None:
    counts = Counter(issue.severity.value for issue in issues)
    if form is Form.JSON:
        write_json(
            {
                "ok": not counts["error"],
                "faults": [],
                "issues": [asdict(issue) for issue in issues],
                "skipped": [{"check": check.id, "needs": check.needs} for check in left_out],
            }
        )
        return
    for issue in issues:
        write(str(issue))
    needs = {"clean": "clean mail (--clean)", "history": "an audit log (--audit)"}
    for need in sorted({check.needs for check in left_out}):
        names = ", ".join(check.id for check in left_out if check.needs == need)
        say(f"not checked without {needs[need]}: {names}")
    say(", ".join(counted(counts[weight], weight) for weight in ("error", "warning", "note")))
