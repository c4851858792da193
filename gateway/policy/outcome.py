"""What the rules that match for a recipient come to: the strictest disposition, transforms added up, one method."""

from collections.abc import Iterable, Sequence

from gateway.core.verdict import Action, Disposition, Method, Outcome, Verb
from gateway.policy.model import Rule
from gateway.policy.verbs import DISPOSITIONS

# How far it protects: a lane only on the way, the others at the recipient's too
_SEALING = {Method.SMIME: 1, Method.PGP: 1, Method.PORTAL: 1, Method.TLS: 0}
_TRANSFORMING = frozenset(Verb) - {Verb.ENCRYPT, *DISPOSITIONS}


def outcome_of(recipient: str, rules: Sequence[Rule], methods: frozenset[Method]) -> Outcome:
    """Strictest disposition wins, transforms add up, encryption that cannot be had becomes its `otherwise`."""
    if not rules:
        return Outcome(recipient, Disposition.DELIVER)
    asked = [action for rule in rules for action in rule.then]
    encrypts = [action for action in asked if action.verb is Verb.ENCRYPT]
    method = _method(encrypts, methods)
    plain = max((DISPOSITIONS[a.verb] for a in asked if a.verb in DISPOSITIONS), default=Disposition.DELIVER)
    disposition = max(plain, disposition_of(encrypts, methods))
    if disposition is not Disposition.DELIVER:
        method = None
    actions = [applied for action in asked if (applied := _applied(action, disposition, method)) is not None]
    return Outcome(
        recipient=recipient,
        disposition=disposition,
        actions=tuple(_unique(actions)),
        rules=tuple(rule.id for rule in rules),
        method=method,
    )


def asked_of(rules: Iterable[Rule], verb: Verb) -> list[Action]:
    """The actions of that verb."""
    return [action for rule in rules for action in rule.then if action.verb is verb]


def disposition_of(encrypts: Sequence[Action], methods: frozenset[Method]) -> Disposition:
    """Deliver where a method serves all who ask for encryption, or nobody asks; else the strictest `otherwise`."""
    if not encrypts or _method(encrypts, methods) is not None:
        return Disposition.DELIVER
    return max(_otherwise(action) for action in encrypts)


def _method(encrypts: Sequence[Action], methods: frozenset[Method]) -> Method | None:
    """Of those that every rule accepts and the recipient can read, the one that comes first in most preferences.

    The sum of its places decides, then the order of `Method`: which rule is read first makes no difference. A wish is
    heard among them, where it protects no less.
    """
    preferences = [_words(action, "prefer") for action in encrypts]
    able = [method for method in Method if method in methods and all(method in prefer for prefer in preferences)]
    if not encrypts or not able:
        return None
    chosen = min(able, key=lambda method: sum(prefer.index(method) for prefer in preferences))
    wishes = {action.settings.get("wish") for action in encrypts}
    heard = [method for method in able if method in wishes and _SEALING[method] >= _SEALING[chosen]]
    return heard[0] if heard else chosen


def _otherwise(action: Action) -> Disposition:
    return Disposition.BLOCK if action.settings.get("otherwise") == Verb.BLOCK else Disposition.QUARANTINE


def _words(action: Action, name: str) -> tuple[str, ...]:
    value = action.settings.get(name)
    return value if isinstance(value, tuple) else ()


def _applied(action: Action, disposition: Disposition, method: Method | None) -> Action | None:
    """The action as it comes to pass under that disposition; None where a stricter one took its place."""
    if action.verb in _TRANSFORMING:
        return action
    if action.verb is Verb.ENCRYPT:
        if method is not None:
            return action
        own = _otherwise(action)
        return Action(Verb(own.word), {}) if own is disposition else None
    return action if DISPOSITIONS[action.verb] is disposition else None


def _unique(actions: Iterable[Action]) -> list[Action]:
    """Each once: two rules that both notify the sender send one notice."""
    kept: list[Action] = []
    for action in actions:
        if action not in kept:
            kept.append(action)
    return kept
