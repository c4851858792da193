"""`gatepost rules test`: do the rules do what their cases say?"""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.inspecting import exact_key
from gateway.cli.output import ConfigOption, Form, FormOption, progress, say, write_json, write_table
from gateway.cli.scan import PolicyOption
from gateway.cli.watching import Watch
from gateway.config import load_config
from gateway.core.errors import FaultyFiles
from gateway.report.document import counted

if TYPE_CHECKING:
    from gateway.casework import Casework, Result

WATCHED = ("policy.yaml", "packs", "lists", "detectors", "cases", "clean")
JunitOption = Annotated[
    Path | None, typer.Option("--junit", help="Write the results to this file too, as JUnit XML.", show_default=False)
]


def try_cases(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE]...", help="Default: all rules.", show_default=False)
    ] = None,
    policy: PolicyOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Run again whenever a file is saved, until Ctrl-C.")] = False,
    junit_file: JunitOption = None,
    config_file: ConfigOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Run the messages of `cases/<rule-id>/` beside the policy through it; exit code 3 where one comes out differently.

    Without RULE also: every active rule must have cases of both kinds, and the mail of `clean/` must meet no rule.
    With --format json: JSON Lines, one object a case.
    """
    from gateway.actions import Notices
    from gateway.casework import Casework
    from gateway.cli.ruleset import kept, policy_of, rules_of

    config = load_config(config_file, os.environ)
    chosen = policy_of(policy, config)
    watched = Watch(chosen.parent, WATCHED)
    ruleset = rules_of(chosen)
    key = exact_key(config, ruleset.detectors)
    notices = Notices.of(ruleset.policy.organization)
    casework = Casework(ruleset, notices, config.limits.core(), key, kept())
    _refuse_unknown(names or [], casework, chosen.parent / "cases")
    ok = _round(casework, chosen, names or [], form, junit_file)
    if watch:
        _watch(watched, casework, chosen, names or [], form, junit_file)
    elif not ok:
        raise typer.Exit(Exit.BROKEN)


def _round(casework: "Casework", policy: Path, names: Sequence[str], form: Form, junit_file: Path | None) -> bool:
    """All cases once, shown; whether each came out as expected."""
    results = _results(casework, policy, names)
    casework.keep()
    _show(results, form)
    if junit_file is not None:
        from gateway.cli.junit import junit

        junit_file.write_text(junit(results), encoding="utf-8")
    failed = sum(not result.ok for result in results)
    rules = len({result.rule for result in results})
    say(f"{counted(len(results), 'case')} of {counted(rules, 'rule')}, {failed} not as expected")
    return not failed


def _results(casework: "Casework", policy: Path, names: Sequence[str]) -> "list[Result]":
    from gateway.casework import case_files, clean_files

    files = case_files(policy.parent / "cases", names)
    clean = () if names else clean_files(policy)
    results: list[Result] = []
    with progress("cases") as advance:
        for path in files:
            results.extend(casework.try_file(path))
            advance(1, len(files) + len(clean))
        for path in clean:
            results.extend(casework.try_clean(path))
            advance(1)
    if not names:
        results.extend(casework.without_cases(files))
    return results


def _watch(
    watched: Watch, casework: "Casework", policy: Path, names: Sequence[str], form: Form, junit_file: Path | None
) -> None:
    """Again after each save. A fault in a file is told, and the next save may mend it."""
    from gateway.actions import Notices
    from gateway.cli.ruleset import rules_of

    detectors = policy.parent / "detectors"
    say("watching; Ctrl-C ends it")
    for changed in watched.changes():
        started = time.perf_counter()
        known = None if any(detectors in path.parents for path in changed) else casework.ruleset.detectors
        try:
            ruleset = rules_of(policy, detectors=known)
        except FaultyFiles as error:
            say(str(error))
            continue
        casework.use(ruleset, Notices.of(ruleset.policy.organization))
        say(f"saved: {', '.join(sorted(path.name for path in changed))}")
        _round(casework, policy, names, form, junit_file)
        say(f"{time.perf_counter() - started:.1f} s")


def _show(results: "Sequence[Result]", form: Form) -> None:
    if form is Form.JSON:
        for result in results:
            write_json({**asdict(result), "ok": result.ok}, indent=None)
        return
    rows = [
        ("ok" if result.ok else "FAILED", result.rule, result.case, result.outcome, "; ".join(result.problems))
        for result in results
    ]
    write_table(("", "rule", "case", "outcome", "what is wrong"), rows)


def _refuse_unknown(names: list[str], casework: "Casework", folder: Path) -> None:
    """A rule that is misspelt or has no case must not pass for one that proved itself."""
    from gateway.casework import case_files
    from gateway.documents import nearest

    known = {rule.id for rule in casework.ruleset.policy.rules}
    files = case_files(folder, names)
    tried = {path.parent.name for path in files}
    for name in names:
        if name not in known:
            close = nearest(name, known)
            say(f"{name}: there is no such rule{f': did you mean {close}?' if close else ''}")
        elif name not in tried:
            say(f"{name}: there are no cases in {folder / name}")
    if not files or not set(names) <= known & tried:
        if not names:
            say(f"{folder}: there are no cases")
        raise typer.Exit(Exit.NOT_FOUND)
