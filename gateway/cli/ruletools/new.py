"""`gatepost rules new`: a rule with cases, ready to be changed."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.exits import Exit
from gateway.cli.output import ConfigOption, say, write
from gateway.cli.scan import PolicyOption
from gateway.config import Config, load_config
from gateway.core.errors import Fault, FaultyFiles, SetupError

if TYPE_CHECKING:
    from gateway.ruleset import RuleSet

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PACKS = re.compile(r"^packs: *\[(?P<names>[^\]\n]*)\]", re.MULTILINE)
_THEN = {
    "quarantine": "quarantine: {}",
    "block": "block: {}",
    "encrypt": "encrypt: {otherwise: quarantine}",
    "tag": "tag: '[checked]'",
    "notify": "notify: [officer]",
}
_OUTSIDE = "someone@outside.example"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was asked for."""

    area: str
    rule: str
    title: str
    finds: str  # an entity or a group
    kind: str  # "entity" or "group"
    outside: str
    then: str
    owner: str

    @property
    def text(self) -> str:
        return "\n".join(
            (
                "# yaml-language-server: $schema=../../schema/rule.json",
                f"id: {self.rule}",
                f"title: {json.dumps(self.title, ensure_ascii=False)}",
                "status: monitor            # then enforce, when you have read what it would have done",
                "severity: medium",
                f"owner: {self.owner}",
                f"description: {json.dumps(self.title + '. Say here what it is for.', ensure_ascii=False)}",
                "when:",
                "  all:",
                f"    - recipient: {{outside: {self.outside}}}",
                f"    - finds: {{{self.kind}: {self.finds}, min-confidence: medium}}",
                "then:",
                f"  {_THEN[self.then]}",
                "",
            )
        )


def new(
    area: Annotated[str, typer.Argument(help="The pack: a folder below packs/. Made if it is not there.")],
    rule: Annotated[str, typer.Argument(metavar="ID", help="The id. The name of the pack is put before it.")],
    finds: Annotated[
        str | None, typer.Option("--finds", help="An entity or group that is looked for.", show_default=False)
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="One line.", show_default=False)] = None,
    then: Annotated[str | None, typer.Option("--then", help=f"One of {', '.join(_THEN)}.", show_default=False)] = None,
    outside: Annotated[str, typer.Option("--outside", help="organization or partners.")] = "organization",
    owner: Annotated[
        str | None, typer.Option("--owner", help="Default: the first officer of the policy.", show_default=False)
    ] = None,
    policy: PolicyOption = None,
    config_file: ConfigOption = None,
) -> None:
    """Write a rule under monitor and cases for it, and try both. What is not given is asked for."""
    from gateway.cli.ruleset import rules_of

    config = load_config(config_file, os.environ)
    chosen = policy or config.policy.file
    ruleset = rules_of(chosen)
    draft = _draft(ruleset, area, rule, finds, title, then, outside, owner)
    rule_file = chosen.parent / "packs" / draft.area / f"{draft.rule}.yaml"
    cases_file = chosen.parent / "cases" / draft.rule / "cases.yaml"
    for file in (rule_file, cases_file):
        if file.exists():
            say(f"{file}: there is one already")
            raise typer.Exit(Exit.REFUSED)
    before = chosen.read_bytes()
    _write(chosen, draft, rule_file)
    try:
        cases = _cases(rules_of(chosen), draft, config)
    except FaultyFiles:
        rule_file.unlink()
        chosen.write_bytes(before)
        raise
    cases_file.parent.mkdir(parents=True, exist_ok=True)
    cases_file.write_text(cases, encoding="utf-8")
    write(f"{rule_file}\n{cases_file}")
    where = f"--policy {policy} " if policy else ""
    say(f"next: change both, then gatepost rules test {where}{draft.rule} and gatepost rules lint {where}".rstrip())


def _draft(
    ruleset: "RuleSet",
    area: str,
    rule: str,
    finds: str | None,
    title: str | None,
    then: str | None,
    outside: str,
    owner: str | None,
) -> Draft:
    for what, name in (("AREA", area), ("ID", rule)):
        if not _NAME.fullmatch(name):
            raise typer.BadParameter("use small letters, digits and single hyphens", param_hint=what)
    entities = {spec.entity for spec in ruleset.detectors}
    groups = {group for spec in ruleset.detectors for group in spec.groups}
    finds = finds or typer.prompt("What is looked for (an entity such as US_SSN, or a group such as health)", err=True)
    title = title or typer.prompt("Title, one line", err=True)
    then = then or typer.prompt("What happens", default="quarantine", err=True)
    if finds not in entities | groups:
        from gateway.documents import nearest

        close = nearest(finds, entities | groups)
        problem = f"no detector finds it{f': did you mean {close}?' if close else ''}"
        raise typer.BadParameter(problem, param_hint="--finds")
    if then not in _THEN:
        raise typer.BadParameter(f"use one of {', '.join(_THEN)}", param_hint="--then")
    if outside not in ("organization", "partners"):
        raise typer.BadParameter("use organization or partners", param_hint="--outside")
    name = rule if rule.startswith(f"{area}-") else f"{area}-{rule}"
    officer = owner or ruleset.policy.organization.officers[0]
    return Draft(area, name, title, finds, "entity" if finds in entities else "group", outside, then, officer)


def _write(policy: Path, draft: Draft, file: Path) -> None:
    """The rule, and its pack among those in use."""
    text = policy.read_text(encoding="utf-8")
    found = _PACKS.search(text)
    names = [name.strip() for name in found["names"].split(",")] if found else []
    if found is None:
        raise SetupError(f"{policy}: write packs on one line, as packs: [hipaa, {draft.area}], then try again")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(draft.text, encoding="utf-8")
    if draft.area not in names:
        listed = ", ".join([*filter(None, names), draft.area])
        policy.write_text(text[: found.start()] + f"packs: [{listed}]" + text[found.end() :], encoding="utf-8")


def _cases(ruleset: "RuleSet", draft: Draft, config: Config) -> str:
    """A message that the rule meets, made of a sample of its detector, and two that it does not."""
    from gateway.actions import Notices
    from gateway.casework import Casework, read_clean

    casework = Casework(ruleset, Notices.of(ruleset.policy.organization), config.limits.core())
    domain = ruleset.policy.organization.domains[0].removeprefix("*.")
    sender, inside = f"sender@{domain}", f"colleague@{domain}"

    def tried(name: str, to: str, body: str) -> tuple[frozenset[str], str]:
        """The rules that speak, and the case as text."""
        lines = [f"- name: {name}", f"  from: {sender}", f"  to: {to}", f"  body: {json.dumps(body)}", ""]
        file = config.policy.file  # names the place in faults alone
        faults: list[Fault] = []
        message = read_clean(file, faults, text="\n".join(lines))[0]
        verdict = casework.verdict_of(message)
        spoke = frozenset(hit.rule for hit in verdict.hits)
        also = ", ".join(sorted(spoke - {draft.rule}))
        lines[1:1] = [f"  expect: {verdict.disposition.word}", *([f"  also: [{also}]"] if also else [])]
        return spoke, "\n".join(f"  {line}" if line else "" for line in lines)

    for sample in _samples(ruleset, draft):
        spoke, positive = tried("sample-to-somebody-outside", _OUTSIDE, sample)
        if draft.rule in spoke:
            inner = tried("sample-to-a-colleague", inside, sample)[1]
            nothing = tried("nothing-of-the-kind", _OUTSIDE, "Lunch is at noon.")[1]
            return f"positive:\n{positive}negative:\n{inner}{nothing}"
    say("no sample of a detector meets the rule: write the case that it must meet yourself")
    return f"negative:\n{tried('nothing-of-the-kind', _OUTSIDE, 'Lunch is at noon.')[1]}"


def _samples(ruleset: "RuleSet", draft: Draft) -> Iterator[str]:
    """Samples of the detectors that the rule asks for, made-up as all of them are."""
    for spec in ruleset.detectors:
        if draft.finds == spec.entity or draft.finds in spec.groups:
            yield from spec.samples.match
            yield from spec.lexicon_terms[:3]
