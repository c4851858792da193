"""Checks of what rules mean, alone and together."""

import re
from collections.abc import Iterator
from itertools import combinations

from gateway.core.detector import Confidence, DetectorSpec
from gateway.core.verdict import Action, Verb
from gateway.lint.base import RANK, Check, Issue, Severity, Site, disposing, rank
from gateway.policy import Rule, Status
from gateway.policy.conditions.finds import Finds
from gateway.policy.conditions.parts import Attachment
from gateway.policy.entails import Known
from gateway.policy.questions import ActiveRule

_MOOT = frozenset(Verb) - {Verb.NOTIFY, Verb.COPY_TO, *RANK}  # changes that nobody sees where the message is refused
_EXACT = re.compile(r"[A-Za-z0-9]+")
_MOST_OF = 2  # a rule that speaks on one in so many clean messages speaks on nearly all mail


class NeverMatches(Check):
    id = "never-matches"
    severity = Severity.ERROR
    title = "A rule whose conditions cannot all hold for any message"

    def look(self, site: Site) -> Iterator[Issue]:
        encrypts = any(action.verb is Verb.ENCRYPT for active in site.active for action in active.rule.then)
        for active in site.written:
            why = _why_never(site, active, encrypts=encrypts)
            if why:
                remedy = "take out or change the condition that stands in the way"
                yield self.of_rule(site, active.rule, f"never matches: {why}", remedy, "when")


def _why_never(site: Site, active: ActiveRule, *, encrypts: bool) -> str:
    if not site.reasoning.possible((active.test, True)):
        for number in active.questions:
            if number in site.reasoning.certain:
                english = site.ruleset.policy.questions[number].condition.english
                held = "holds for everybody" if site.reasoning.certain[number] else "holds for nobody"
                return f'"{english}" {held}'
        return "its conditions contradict one another"
    for condition in active.rule.when.all:
        if isinstance(condition, Finds) and (why := _finds_nothing(site, condition)):
            return why
        if not encrypts and getattr(condition, "after_encryption", False):
            return "no active rule asks for encryption"
    return ""


def _finds_nothing(site: Site, finds: Finds) -> str:
    """Asks for more than the detectors ever say. Structures (a column, a field) say anything with high confidence."""
    covered = Known(site.ruleset.detectors, site.today).covered(finds)
    specs = [spec for spec in site.ruleset.detectors if spec.id in covered]
    if any("patient-identifier" in spec.groups for spec in specs):
        return ""
    if specs and all(_surest(spec) < finds.min_confidence for spec in specs):
        return f"no detector of it is ever of {finds.min_confidence.word} confidence"
    most = sum(spec.enough for spec in specs)
    wanted = max(finds.min_count, finds.min_distinct)
    if specs and all(spec.enough for spec in specs) and most < wanted:
        return f"it asks for {wanted} values, and the detectors stop counting at {most}"
    return ""


def _surest(spec: DetectorSpec) -> Confidence:
    levels = [
        level
        for p in spec.patterns
        for level in (p.alone, p.with_context, p.invalid_alone, p.invalid_with_context)
        if level is not None
    ]
    return max(levels, default=spec.confidence)


class WholeName(Check):
    id = "whole-name"
    severity = Severity.NOTE
    title = "A name of attachments without a wildcard and without a dot: only a file called exactly so fits"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            for word in _names_of_files(active.rule):
                if _EXACT.fullmatch(word):
                    problem = f'only an attachment called exactly "{word}" fits'
                    yield self.of_rule(site, active.rule, problem, f"write '*.{word}' or '*{word}*'", "when")


def _names_of_files(rule: Rule) -> Iterator[str]:
    for _, condition in rule.when.clauses():
        if isinstance(condition, Attachment):
            yield from condition.name.written
    for action in rule.then:
        if action.verb is Verb.REMOVE_ATTACHMENTS:
            names = action.settings.get("name", ())
            yield from (names if isinstance(names, tuple) else (str(names),))


class AlwaysMatches(Check):
    id = "always-matches"
    severity = Severity.ERROR
    title = "A rule that holds for every message, by its conditions or on most of the clean mail"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            if not site.reasoning.possible((active.test, False)):
                remedy = "add a condition that ordinary mail does not meet"
                yield self.of_rule(site, active.rule, "matches every message", remedy, "when")
            elif site.clean and _often(site, active.rule.id):
                number = len(site.clean.spoke[active.rule.id])
                problem = f"matches {number} of {site.clean.messages} clean messages"
                yield self.of_rule(site, active.rule, problem, "narrow its conditions", "when")


def _often(site: Site, rule: str) -> bool:
    return site.clean is not None and len(site.clean.spoke.get(rule, ())) * _MOST_OF >= site.clean.messages > 0


class SpeaksOnClean(Check):
    id = "speaks-on-clean"
    severity = Severity.WARNING
    title = "A rule that matches some of the clean mail"
    needs = "clean"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            names = site.clean.spoke.get(active.rule.id, []) if site.clean else []
            if site.clean and names and not _often(site, active.rule.id):
                more = f" and {len(names) - 3} more" if len(names) > 3 else ""
                problem = f"matches {len(names)} of {site.clean.messages} clean messages: {', '.join(names[:3])}{more}"
                yield self.of_rule(site, active.rule, problem, "narrow it, or see with explain what it found", "when")


class Shadowed(Check):
    id = "shadowed"
    severity = Severity.WARNING
    title = "A rule that changes nothing, since a rule as strict or stricter matches wherever it does"

    def look(self, site: Site) -> Iterator[Issue]:
        told: set[str] = set()
        for active in site.written:
            for other in site.active:
                if other is active or other.rule.id in told or not _outdoes(other.rule, active.rule):
                    continue
                if site.reasoning.possible((active.test, True)) and site.implies(active, other):
                    told.add(active.rule.id)
                    problem = f"changes nothing: wherever it matches, {other.rule.id} does and is as strict"
                    yield self.of_rule(site, active.rule, problem, "retire one of the two, or narrow the other", "when")
                    break


def _outdoes(strict: Rule, mild: Rule) -> bool:
    """Whether nothing that the milder rule does is left to do where the other is in force too."""
    if strict.status is not Status.ENFORCE or strict.rollout is not None or rank(strict) < rank(mild):
        return False
    refuses = disposing(strict) is not None and rank(strict) == RANK[Verb.BLOCK]
    return all(
        action in strict.then
        or (action.verb in RANK and RANK[action.verb] < rank(strict))
        or (refuses and action.verb in _MOOT)
        for action in mild.then
    )


class MakesNothingMilder(Check):
    id = "makes-nothing-milder"
    severity = Severity.WARNING
    title = "A rule that only delivers, where a stricter one can match the same message"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            rule = active.rule
            if rule.status is not Status.ENFORCE or {action.verb for action in rule.then} != {Verb.DELIVER}:
                continue
            for other in site.written:  # of the defaults each may be turned off
                if rank(other.rule) > rank(rule) and site.reasoning.possible((active.test, True), (other.test, True)):
                    problem = f"is no exception from {other.rule.id}: where both match the stricter one wins"
                    remedy = "say the exception in that rule, under none, or in the list of people that it reads"
                    yield self.of_rule(site, rule, problem, remedy, "then")
                    break


class Contradicts(Check):
    id = "contradicts"
    severity = Severity.ERROR
    title = "Two rules that can match one message and ask for what cannot both be done"

    def look(self, site: Site) -> Iterator[Issue]:
        for one, other in combinations(site.active, 2):
            for first in one.rule.then:
                for second in other.rule.then:
                    why = _clash(first, second)
                    if why and site.reasoning.possible((one.test, True), (other.test, True)):
                        problem = f"contradicts {one.rule.id}: {why}"
                        yield self.of_rule(site, other.rule, problem, "agree on one of the two", "then")


def _clash(one: Action, other: Action) -> str:
    pair = {one.verb, other.verb}
    if pair == {Verb.ENCRYPT}:
        methods = [action.settings.get("prefer", ()) for action in (one, other)]
        if all(isinstance(words, tuple) for words in methods) and set(methods[0]).isdisjoint(methods[1]):  # type: ignore[call-overload]
            return "no method of encryption is in both preferences"
    named = str(one.settings.get("name", "")).lower()
    if not named or named != str(other.settings.get("name", "")).lower():
        return ""
    if pair == {Verb.CHANGE_HEADER} and one.settings != other.settings:
        return f"the header field {named} gets two values"
    if Verb.REMOVE_HEADER in pair and pair & {Verb.ADD_HEADER, Verb.CHANGE_HEADER}:
        return f"the header field {named} is set by one and taken off by the other"
    return ""


class UnreachableOtherwise(Check):
    id = "unreachable-otherwise"
    severity = Severity.NOTE
    title = "An `otherwise` that never comes to pass"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            for action in active.rule.then:
                path = ("then", action.verb.value, "otherwise")
                why = self._why(site, active, action) if site.says(active.rule, *path) else ""
                if why:
                    remedy = "leave it out, or change what stands in its way"
                    yield self.of_rule(site, active.rule, f"otherwise is never reached: {why}", remedy, *path)

    def _why(self, site: Site, active: ActiveRule, action: Action) -> str:
        if action.verb is not Verb.ENCRYPT or not site.reasoning.possible((active.test, True)):
            return ""
        own = RANK[Verb(str(action.settings.get("otherwise", "quarantine")))]
        for other in site.active:
            rule = other.rule
            stricter = rule.status is Status.ENFORCE and rule.rollout is None and rank(rule) > own
            if other is not active and stricter and _whenever_unprotected(site, active, other):
                return f"{rule.id} is stricter and matches there"
        return ""


def _whenever_unprotected(site: Site, active: ActiveRule, other: ActiveRule) -> bool:
    """Whether the other rule matches where this one does and encryption cannot be had."""
    asks = [
        number
        for number, question in enumerate(site.ruleset.policy.questions)
        if question.condition.after_encryption and number in other.questions
    ]
    given = dict.fromkeys(asks, True)
    return not site.reasoning.possible((active.test, True), (other.test, False), given=given)
