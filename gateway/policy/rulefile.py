"""A rule file: read (schema), then bound to what it names (meaning)."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.core.verdict import Action
from gateway.documents import Node
from gateway.policy.conditions import CONDITIONS, Condition
from gateway.policy.conditions.finds import Finds
from gateway.policy.kinds import Choice, Line, ListFile, Percent, Text, shown
from gateway.policy.model import SECTIONS, SEVERITIES, Rule, Status, When
from gateway.policy.rollout import Rollout
from gateway.policy.settings import (
    Form,
    Known,
    Many,
    Nested,
    Notes,
    Raw,
    Readings,
    Setting,
    remedy_for,
    values_of,
)
from gateway.policy.verbs import VERBS, Asked, Encrypt

RULE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONDITIONS = {condition.word: condition for condition in CONDITIONS}
_VERBS = {asked.verb.value: asked for asked in VERBS}

ROLLOUT = Form("rollout", (Setting("percent", Percent()), Setting("senders", ListFile())))
RULE = Form(
    "the rule",
    (
        Setting("id", Line(), required=True),
        Setting("title", Line(), required=True),
        Setting("status", Choice(tuple(status.value for status in Status), "a status"), required=True),
        Setting("severity", Choice(SEVERITIES, "a severity"), required=True),
        Setting("owner", Line(), required=True),
        Setting("description", Text()),
        Setting("rollout", Nested(ROLLOUT)),
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
    condition: type[Condition]
    readings: Readings


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A list of conditions: `all`, `any` or `none`; its members may be such lists."""

    node: Node
    section: str
    members: tuple["ConditionDraft | ListDraft", ...]

    def conditions(self) -> Iterator[ConditionDraft]:
        """All of them, in order of writing."""
        for member in self.members:
            if isinstance(member, ListDraft):
                yield from member.conditions()
            else:
                yield member


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
    lists: tuple[ListDraft, ...]
    verbs: tuple[VerbDraft, ...]


def read_rule(node: Node, area: str, stem: str, notes: Notes) -> RuleDraft | None:
    """The schema pass over one file. None where it is unusable; all that is wrong goes to `notes`."""
    readings = RULE.read(node, notes)
    lists = _section(node.get("when"), lambda below: _lists(below, notes))
    verbs = _section(node.get("then"), lambda below: _verbs(below, notes))
    if readings is None:
        return None
    _check_id(readings["id"].value, readings["id"].node, area, stem, notes)
    if lists is None or verbs is None:
        return None
    return RuleDraft(readings["id"].value, area, node, readings, lists, verbs)


def _section(node: Node | None, read: Callable[[Node], Iterator[Any]]) -> tuple[Any, ...] | None:
    """What `read` yields; None where there is no node, or one of what it yields is None."""
    if node is None:
        return None
    drafts = tuple(read(node))
    return None if not drafts or None in drafts else drafts


def _check_id(rule_id: str, node: Node, area: str, stem: str, notes: Notes) -> None:
    if not RULE_ID.fullmatch(rule_id):
        remedy = "use small letters, digits and single hyphens: hipaa-phi-external"
        notes.add(node, f'"{rule_id}" is not an id', remedy)
    elif rule_id != stem:
        notes.add(node, f'the id "{rule_id}" is not the name of the file', f"write id: {stem}, or rename the file")
    elif not rule_id.startswith(f"{area}-"):
        remedy = f'begin the id with "{area}-", or move the file into the folder of its pack'
        notes.add(node, f'the rule "{rule_id}" lies in the folder of the pack "{area}"', remedy)


def _lists(node: Node, notes: Notes) -> Iterator[ListDraft | None]:
    if node.kind == "sequence" and node.elements():
        notes.add(node, "when is no list", 'write "all:" on the line below when, and indent the conditions below that')
        yield None
        return
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
        else:
            yield _list(section, key, below, notes)


def _list(section: str, key: Node, below: Node, notes: Notes) -> ListDraft | None:
    if below.kind != "sequence" or not below.elements():
        notes.add(key, f'"{section}" needs a list of conditions', 'begin each with "- " on a line of its own')
        return None
    members = [_condition(element, notes) for element in below.elements()]
    sound = tuple(member for member in members if member is not None)
    return ListDraft(key, section, sound) if len(sound) == len(members) else None


def _condition(node: Node, notes: Notes) -> ConditionDraft | ListDraft | None:
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
    if word in SECTIONS:
        return _list(word, key, below, notes)
    condition = _CONDITIONS.get(word)
    if condition is None:
        notes.add(key, f'there is no condition "{word}"', remedy_for(word, (*_CONDITIONS, *SECTIONS)))
        return None
    readings = condition.form.read(below, notes)
    return None if readings is None else ConditionDraft(node, condition, readings)


def _verbs(node: Node, notes: Notes) -> Iterator[VerbDraft | None]:
    if node.kind == "sequence" and node.elements():
        notes.add(node, "then is no list", 'take the dashes away: each action is a line of its own, "notify: [sender]"')
        yield None
        return
    if node.kind == "scalar" and node.text in _VERBS:
        notes.add(node, f'"{node.text}" stands behind then', f'write "{node.text}: {{}}" on the next line, indented')
        yield None
        return
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
    for listed in draft.lists:
        for condition in listed.conditions():
            condition.condition.examine(condition.readings, known, notes)
        _check_list(listed, notes, positive=listed.section != "none")
    RULE.check(draft.readings, known, notes)
    _check_dispositions(draft.verbs, notes)
    _check_phases(draft, notes)
    _check_rollout(draft.readings, notes)
    finds = tuple(_finds(draft.lists, known))
    then: list[Action] = []
    for verb in draft.verbs:
        before = notes.count
        verb.asked.examine(verb.node, verb.readings, finds, known, notes)
        if notes.count == before:
            then.extend(verb.asked.actions(verb.readings, finds, known))
    if notes.count:
        return _rule(draft, When(), tuple(then), None)
    when = _when(draft.lists, known)
    for section, asked in when.clauses():
        then.extend(action for action in asked.actions if "none" not in section and action not in then)
    return _rule(draft, when, tuple(then), _rollout(draft.readings, known))


def _check_list(listed: ListDraft, notes: Notes, *, positive: bool) -> None:
    """What `within` and `together` measure from must stand above it in the same list; `unprotected` has no contrary."""
    earlier = False
    for member in listed.members:
        if isinstance(member, ListDraft):
            _check_list(member, notes, positive=positive and member.section != "none")
            continue
        if member.condition.after_encryption and not positive:
            remedy = 'write it below "all" or "any"; for mail that must be encrypted: encrypt: {otherwise: block}'
            notes.add(member.node, f'{member.condition.word} has no meaning below "none"', remedy)
        if member.condition is Finds:
            _check_within(member, listed.section, notes, earlier=earlier)
            earlier = True


def _check_within(found: ConditionDraft, section: str, notes: Notes, *, earlier: bool) -> None:
    for name in ("within", "together"):
        near = found.readings.get(name)
        if near is None:
            continue
        if section != "all":
            notes.add(near.node, f'{name} has no meaning below "{section}"', 'write this condition below "all"')
        elif not earlier:
            remedy = "put the finds condition that it is to be near to above it"
            notes.add(near.node, f"{name} needs another finds condition before it in the same list", remedy)


def _check_phases(draft: RuleDraft, notes: Notes) -> None:
    """A rule that asks what encryption came to can't change it."""
    asks = any(found.condition.after_encryption for listed in draft.lists for found in listed.conditions())
    for verb in draft.verbs:
        if asks and verb.asked is Encrypt:
            remedy = "leave encrypt to the other rule, and say here what happens without it"
            notes.add(verb.node, "a rule that asks for unprotected mail cannot encrypt it", remedy)


def _check_rollout(readings: Readings, notes: Notes) -> None:
    rollout = readings.get("rollout")
    if rollout is None:
        return
    if not rollout.value:
        notes.add(rollout.node, "rollout does not say for whom", "give it percent, or senders: lists/name.txt")
    elif readings["status"].value != Status.ENFORCE:
        remedy = "set the status to enforce: it is still only monitored for everybody else"
        notes.add(rollout.node, f"rollout has no meaning under {readings['status'].value}", remedy)


def _finds(lists: Iterable[ListDraft], known: Known) -> Iterator[Finds]:
    """The `finds` that make the rule match, wherever they stand."""
    for listed in lists:
        for member in listed.members if listed.section != "none" else ():
            if isinstance(member, ListDraft):
                yield from _finds((member,), known)
            elif member.condition is Finds:
                yield Finds.build(member.readings, known)


def _when(lists: Iterable[ListDraft], known: Known) -> When:
    return When(**{listed.section: tuple(_built(member, known) for member in listed.members) for listed in lists})


def _built(member: ConditionDraft | ListDraft, known: Known) -> Condition | When:
    if isinstance(member, ListDraft):
        return _when((member,), known)
    return member.condition.build(member.readings, known)


def _rollout(readings: Readings, known: Known) -> Rollout | None:
    if "rollout" not in readings:
        return None
    values = values_of(readings["rollout"].value)
    senders = known.shelf.find(values["senders"]) if "senders" in values else None
    return Rollout(values.get("percent", 0), senders)


def _check_dispositions(verbs: tuple[VerbDraft, ...], notes: Notes) -> None:
    disposing = [verb for verb in verbs if verb.asked.disposes]
    for second in disposing[1:]:
        first = disposing[0].asked.verb
        notes.add(second.node, f"{second.asked.verb} contradicts {first}", "keep one of the two")


def _rule(draft: RuleDraft, when: When, then: tuple[Action, ...], rollout: Rollout | None) -> Rule:
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
        rollout=rollout,
        file=draft.node.file,
        line=draft.node.line,
    )
