"""The rules in force as a page of plain English (Markdown)."""

from collections.abc import Callable, Iterator
from itertools import groupby

from gateway.core.verdict import Action, Verb
from gateway.policy import Policy, Rule, Status
from gateway.policy.conditions.base import one_of
from gateway.policy.model import BUILT_IN_AREA, When

_TWO = 2  # reviewers
_LISTS = {"all": "all of these hold", "any": "at least one of these holds", "none": "none of these holds"}


def rules_in_force(policy: Policy) -> str:
    """Every active rule: when it matches, what happens, who answers for it. The built-in ones come last."""
    return "\n".join(_lines(policy)) + "\n"


def rule_in_english(rule: Rule) -> tuple[tuple[tuple[int, str], ...], tuple[str, ...]]:
    """When a rule matches, as lines with their depth; and what happens then."""
    lines = (line.partition("- ") for line in _when(rule.when, ""))
    return tuple((len(indent) // 2, text) for indent, _, text in lines), tuple(map(action_in_english, rule.then))


def _lines(policy: Policy) -> Iterator[str]:
    yield f"# Rules in force: {policy.organization.name}"
    yield ""
    yield f"Policy `{policy.digest}`. Where several rules match, the strictest wins for each recipient."
    active = sorted((a.rule for a in policy.active), key=lambda r: (r.area == BUILT_IN_AREA, r.area, r.id))
    for area, rules in groupby(active, key=lambda rule: rule.area):
        yield ""
        yield f"## {'Where no rule says anything' if area == BUILT_IN_AREA else area}"
        for rule in rules:
            yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield ""
    yield f"### {rule.title}"
    yield ""
    yield f"`{rule.id}`, {_status(rule)}; severity {rule.severity}; {rule.owner} answers for it."
    yield ""
    yield "If:"
    yield ""
    yield from _when(rule.when, "")
    yield ""
    yield "Then:"
    yield ""
    for action in rule.then:
        yield f"- {action_in_english(action)}"
    if rule.references:
        yield ""
        yield f"Because of {'; '.join(rule.references)}."


def _status(rule: Rule) -> str:
    if rule.status is Status.MONITOR:
        return "only watched: it changes nothing"
    return f"in force for {rule.rollout.english}, watched for all others" if rule.rollout else "in force"


def _when(when: When, indent: str) -> Iterator[str]:
    for section, words in _LISTS.items():
        members = getattr(when, section)
        if not members:
            continue
        yield f"{indent}- {words}:"
        for member in members:
            if isinstance(member, When):
                yield from _when(member, f"{indent}  ")
            else:
                yield f"{indent}  - {member.english}"


def action_in_english(action: Action) -> str:
    """What an action does, as a clause."""
    words = _ENGLISH.get(action.verb)
    return words(action) if words is not None else action.verb.value


def _many(action: Action, name: str) -> tuple[str, ...]:
    value = action.settings.get(name)
    return value if isinstance(value, tuple) else ()


def _said(action: Action, name: str) -> str:
    return str(action.settings.get(name, ""))


def _encrypt(action: Action) -> str:
    methods = one_of(_many(action, "prefer"))
    wish = f" ({_said(action, 'wish')} before others, where no rule minds)" if "wish" in action.settings else ""
    more = ", signed" if "sign" in action.settings else ""
    more += (
        f', with "{_said(action, "subject")}" outside in place of the subject' if "subject" in action.settings else ""
    )
    first = f"encrypt it by {methods}, the first that the recipient can read{wish}{more}"
    return f"{first}; else {_said(action, 'otherwise')} it"


def _redact(action: Action) -> str:
    what = one_of((*_many(action, "entities"), *_many(action, "groups")))
    how = "masking" if _said(action, "style") == "mask" else "replacing"
    return f"take out values of {what} by {how} them; where that cannot be done, {_said(action, 'otherwise')} it"


def _quarantine(action: Action) -> str:
    two = action.settings.get("reviewers") == _TWO
    return "hold it until two people have looked at it" if two else "hold it for review"


def _attachments(action: Action) -> str:
    globs = (*_many(action, "name"), *_many(action, "type"))
    named = one_of(globs) if globs else ""
    only = f"{_said(action, 'only')} " if action.settings.get("only") else ""
    return f"take out {only}attachments{f' of {named}' if named else ''}; else {_said(action, 'otherwise')} it"


_WHO = {"sender": "the sender", "officer": "the officer"}
_ENGLISH: dict[Verb, Callable[[Action], str]] = {
    Verb.DELIVER: lambda _: "let it go",
    Verb.TAG: lambda a: f'put "{_said(a, "text")}" before the subject',
    Verb.ADD_HEADER: lambda a: f"add the header field {_said(a, 'name')}",
    Verb.CHANGE_HEADER: lambda a: f"change the header field {_said(a, 'name')}",
    Verb.REMOVE_HEADER: lambda a: f"take off the header field {_said(a, 'name')}",
    Verb.NOTICE: lambda _: "add a notice at the end",
    Verb.REDACT: _redact,
    Verb.REMOVE_ATTACHMENTS: _attachments,
    Verb.REMOVE_MARK: lambda _: "take the sender's mark out",
    Verb.ENCRYPT: _encrypt,
    Verb.QUARANTINE: _quarantine,
    Verb.BLOCK: lambda _: "refuse it",
    Verb.COPY_TO: lambda a: f"send a further copy to {_said(a, 'address')}",
    Verb.NOTIFY: lambda a: f"tell {_WHO.get(_said(a, 'who'), _said(a, 'who'))}",
}
