"""Gathers what checks look at."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path

from gateway.casework import case_files, kinds_of_cases
from gateway.lint.base import Site
from gateway.lint.clean import CleanRun
from gateway.lint.history import History
from gateway.policy.lists import AddressList
from gateway.ruleset import RuleSet

WAITING = frozenset({"pilot.txt"})  # between two rollouts no rule names it


def site_of(
    policy_file: Path,
    ruleset: RuleSet,
    today: date,
    *,
    clean: CleanRun | None = None,
    history: History | None = None,
) -> Site:
    """The rule set of a `policy.yaml`, with the cases and lists beside it."""
    lists = {listed.name: listed for listed in _lists(ruleset)}
    included = {Path(entry.file).name for listed in lists.values() for entry in listed.entries}
    folder = policy_file.parent / "lists"
    words = {(Path(spec.file).parent / name).resolve() for spec in ruleset.detectors for name, _ in spec.lists}
    there = sorted(path for path in folder.glob("*.txt") if path.resolve() not in words and path.name not in WAITING)
    kinds = kinds_of_cases(case_files(policy_file.parent / "cases"))
    return Site(
        ruleset=ruleset,
        today=today,
        cases={rule: frozenset(found) for rule, found in kinds.items()},
        lists=tuple(lists[name] for name in sorted(lists)),
        stray_lists=tuple(p for p in there if f"lists/{p.name}" not in lists and p.name not in included),
        clean=clean,
        history=history,
    )


def _lists(ruleset: RuleSet) -> Iterator[AddressList]:
    """Every list file that the policy or one of its rules names, drafts and retired ones too."""
    yield from _within(ruleset.policy.organization)
    for rule in ruleset.policy.rules:
        yield from _within(rule.rollout)
        for _, condition in rule.when.clauses():
            yield from _within(condition)


def _within(value: object) -> Iterator[AddressList]:
    if isinstance(value, AddressList):
        if value.name.startswith("lists/"):
            yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from _within(member)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _within(getattr(value, field.name))
