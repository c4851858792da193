"""A rule file: read (schema), then bound to what it names (meaning)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.core.verdict import Action
from gateway.documents import Node
from gateway.policy.conditions import CONDITIONS, Condition
from gateway.policy.conditions.finds import Finds
from gateway.policy.kinds import Choice, Line, Text, shown
from gateway.policy.model import SECTIONS, SEVERITIES, Rule, Status, When
from gateway.policy.settings import Form, Known, Many, Notes, Raw, Readings, Setting, remedy_for
from gateway.policy.verbs import VERBS, Asked

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONDITIONS = {condition.word: condition for condition in CONDITIONS}
_VERBS = {asked.verb.value: asked for asked in VERBS}

RULE = Form(
    "the rule",
    (
        Setting("id", Line(), required=True),
        Setting("title", Line(), required=True),
        Setting("status", Choice(tuple(status.value for status in Status), "a status"), required=True),
        Setting("severity", Choice(SEVERITIES, "a severity"), required=True),
        Setting("owner", Line(), required=True),
        Setting("description", Text()),
        Setting("when", Raw(), required=True),
        Setting("then", Raw(), required=True),
        Setting("false-positives", Many(Text())),
        Setting("references", Many(Text())),
    ),
)


@dataclass(frozen=True, slots=True)
class ConditionDraft:
    """A condition whose names are not looked up yet."""

    node: Node
    section: str
    condition: type[Condition]
    readings: Readings


@dataclass(frozen=True, slots=True)
class VerbDraft:
    node: Node
    asked: type[Asked]
    readings: Readings


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule file after the schema pass. `is_whole`: nothing was wrong with it."""

    id: str
    area: str
    node: Node
    readings: Readings
    conditions: tuple[ConditionDraft, ...]
    verbs: tuple[VerbDraft, ...]


def read_rule(node: Node, area: str, stem: str, notes: Notes) -> RuleDraft | None:
    """The schema pass over one file. None where it is unusable; all that is wrong goes to `notes`."""
    readings = RULE.read(node, notes)
    conditions = _section(node.get("when"), lambda below: _conditions(below, notes))
    verbs = _section(node.get("then"), lambda below: _verbs(below, notes))
    if readings is None:
        return None
    _check_id(readings["id"].value, readings["id"].node, area, stem, notes)
    if conditions is None or verbs is None:
        return None
    return RuleDraft(readings["id"].value, area, node, readings, conditions, verbs)


def _section(node: Node | None, read: Callable[[Node], Iterator[Any]]) -> tuple[Any, ...] | None:
    """What `read` yields; None where there is no node, or one of what it yields is None."""
    if node is None:
        return None
    drafts = tuple(read(node))
    return None if not drafts or None in drafts else drafts


def _check_id(rule_id: str, node: Node, area: str, stem: str, notes: Notes) -> None:
    if not _ID.fullmatch(rule_id):
        remedy = "use small letters, digits and single hyphens: hipaa-phi-external"
        notes.add(node, f'"{rule_id}" is not an id', remedy)
    elif rule_id != stem:
        notes.add(node, f'the id "{rule_id}" is not the name of the file', f"write id: {stem}, or rename the file")
    elif not rule_id.startswith(f"{area}-"):
        remedy = f'begin the id with "{area}-", or move the file into the folder of its pack'
        notes.add(node, f'the rule "{rule_id}" lies in the folder of the pack "{area}"', remedy)


def _conditions(node: Node, notes: Notes) -> Iterator[ConditionDraft | None]:
    if node.kind != "mapping" or not node.items():
        notes.add(
            node, "a rule without conditions would hold for every message", "write all:, any: or none: below when"
        )
        yield None
        return
    for section, key, below in node.items():
        if section not in SECTIONS:
            notes.add(key, f'when has no list "{section}"', remedy_for(section, SECTIONS))
            yield None
        elif below.kind != "sequence" or not below.elements():
            notes.add(key, f'"{section}" needs a list of conditions', 'begin each with "- " on a line of its own')
            yield None
        else:
            for element in below.elements():
                yield _condition(element, section, notes)


def _condition(node: Node, section: str, notes: Notes) -> ConditionDraft | None:
    entries = node.items()
    if not entries:
        notes.add(node, f"{shown(node)} is not a condition", "write it as - recipient: {outside: organization}")
        return None
    if len(entries) > 1:
        second = entries[1][1]
        remedy = 'begin each condition with "- ", or indent its settings further'
        notes.add(second, f'"{second.text}" stands in the same entry as "{entries[0][0]}"', remedy)
        return None
    word, key, below = entries[0]
    condition = _CONDITIONS.get(word)
    if condition is None:
        notes.add(key, f'there is no condition "{word}"', remedy_for(word, _CONDITIONS))
        return None
    readings = condition.form.read(below, notes)
    return None if readings is None else ConditionDraft(node, section, condition, readings)


def _verbs(node: Node, notes: Notes) -> Iterator[VerbDraft | None]:
    if node.kind != "mapping" or not node.items():
        notes.add(node, "the rule does nothing", "write what to do below then, for example quarantine: {}")
        yield None
        return
    for word, key, below in node.items():
        asked = _VERBS.get(word)
        if asked is None:
            notes.add(key, f'there is no action "{word}"', remedy_for(word, _VERBS))
            yield None
            continue
        several = asked.repeats and below.kind == "sequence"
        for single in below.elements() if several else [below]:
            readings = asked.form.read(single, notes)
            yield None if readings is None else VerbDraft(key, asked, readings)


def bind_rule(draft: RuleDraft, known: Known, notes: Notes) -> Rule:
    """The meaning pass: names looked up, contradictions found. The rule is to be used only if nothing was noted."""
    draft_finds: list[ConditionDraft] = []
    for condition in draft.conditions:
        condition.condition.examine(condition.readings, known, notes)
        if condition.condition is Finds:
            _check_within(condition, draft_finds, notes)
            draft_finds.append(condition)
    _check_dispositions(draft.verbs, notes)
    finds = tuple(Finds.build(found.readings, known) for found in draft_finds if found.section != "none")
    then: list[Action] = []
    for verb in draft.verbs:
        before = notes.count
        verb.asked.examine(verb.node, verb.readings, finds, known, notes)
        if notes.count == before:
            then.extend(verb.asked.actions(verb.readings, finds, known))
    return _rule(draft, When(**_built(draft, known, notes)), tuple(then))


def _built(draft: RuleDraft, known: Known, notes: Notes) -> dict[str, Any]:
    if notes.count:
        return {}
    return {
        section: tuple(
            found.condition.build(found.readings, known) for found in draft.conditions if found.section == section
        )
        for section in SECTIONS
    }


def _check_within(found: ConditionDraft, earlier: list[ConditionDraft], notes: Notes) -> None:
    within = found.readings.get("within")
    if within is None:
        return
    if found.section != "all":
        notes.add(within.node, f'within has no meaning below "{found.section}"', 'write this condition below "all"')
    elif not any(other.section == "all" for other in earlier):
        remedy = "put the finds condition that it is to be near to above it"
        notes.add(within.node, "within needs another finds condition before it in the same list", remedy)


def _check_dispositions(verbs: tuple[VerbDraft, ...], notes: Notes) -> None:
    disposing = [verb for verb in verbs if verb.asked.disposes]
    for second in disposing[1:]:
        first = disposing[0].asked.verb
        notes.add(second.node, f"{second.asked.verb} contradicts {first}", "keep one of the two")


def _rule(draft: RuleDraft, when: When, then: tuple[Action, ...]) -> Rule:
    values = {name: reading.value for name, reading in draft.readings.items()}
    return Rule(
        id=draft.id,
        area=draft.area,
        title=values["title"],
        status=Status(values["status"]),
        severity=values["severity"],
        owner=values["owner"],
        when=when,
        then=then,
        description=values.get("description", ""),
        false_positives=values.get("false-positives", ()),
        references=values.get("references", ()),
        file=draft.node.file,
        line=draft.node.line,
    )
