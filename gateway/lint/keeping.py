"""Checks of how rules and lists are kept: cases, owners, dates, and whether a rule was watched before it acts."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from gateway.lint.base import Check, Issue, Severity, Site
from gateway.policy import Status
from gateway.policy.entails import in_force
from gateway.policy.lists import AddressList, Entry

SOON = timedelta(days=30)
WATCH = timedelta(days=14)


class NoCases(Check):
    id = "no-cases"
    severity = Severity.ERROR
    title = "A rule without cases that it must meet and must not"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            kinds = site.cases.get(active.rule.id, frozenset())
            missing = [kind for kind in ("positive", "negative") if kind not in kinds]
            if missing:
                problem = f"has no {' and no '.join(missing)} case"
                remedy = f"write cases/{active.rule.id}/cases.yaml (rules/README.md shows how)"
                yield self.of_rule(site, active.rule, problem, remedy, "id")


class NoOwner(Check):
    id = "no-owner"
    severity = Severity.WARNING
    title = "A rule whose owner cannot be asked"

    def look(self, site: Site) -> Iterator[Issue]:
        inside = site.ruleset.policy.organization.inside
        for active in site.written:
            if not inside.covers(active.rule.owner):
                problem = f'the owner "{active.rule.owner}" is no address of the organization'
                yield self.of_rule(site, active.rule, problem, "write the address of whoever answers for it", "owner")


class NotMonitoredFirst(Check):
    id = "not-monitored-first"
    severity = Severity.WARNING
    title = "A rule that was enforced for everybody without two weeks under monitor, or rolled out to some, before"
    needs = "history"

    def look(self, site: Site) -> Iterator[Issue]:
        for active in site.written:
            rule = active.rule
            if site.history is None or rule.status is not Status.ENFORCE or rule.rollout is not None:
                continue
            usage = site.history.rules.get(rule.id)
            if usage is None or usage.from_the_start or usage.enforced_since is None:
                continue
            watched = usage.enforced_since - min(usage.watched_since or usage.enforced_since, usage.enforced_since)
            if watched < WATCH:
                how_long = f"after {watched.days} days of watching" if watched else "without watching it first"
                problem = f"enforced since {usage.enforced_since.date()} {how_long}"
                remedy = "set it to monitor for two weeks and read what it would have done"
                yield self.of_rule(site, rule, problem, remedy, "status")


class ListEmpty(Check):
    id = "list-empty"
    severity = Severity.WARNING
    title = "A list in use on which nobody is today"

    def look(self, site: Site) -> Iterator[Issue]:
        for listed in site.lists:
            if not in_force(listed, site.today):
                problem = "nobody is on this list today" if listed.entries else "the list is empty"
                place = next((entry.file for entry in listed.entries if entry.file), listed.name)
                remedy = "add an entry, or take the condition that names it out of the rules"
                yield Issue(self.id, self.severity, listed.name, place, 0, 0, problem, remedy)


class _OfEntries(Check):
    """A check of each line of lists."""

    def lists(self, site: Site) -> Iterable[AddressList]:
        """Those that are looked through."""
        return site.lists

    @abstractmethod
    def wrong(self, entry: Entry, today: date) -> tuple[str, str] | None:
        """What is wrong with it, and how to mend it."""

    def look(self, site: Site) -> Iterator[Issue]:
        for listed in self.lists(site):
            for entry in listed.entries:
                if said := self.wrong(entry, site.today):
                    place = (entry.file, entry.line, 1 if entry.line else 0)
                    yield Issue(self.id, self.severity, listed.name, *place, *said)


class ExpiredException(_OfEntries):
    id = "expired-exception"
    severity = Severity.WARNING
    title = "An entry of a list that has ended"

    def wrong(self, entry: Entry, today: date) -> tuple[str, str] | None:
        if entry.until is None or entry.until >= today:
            return None
        return f"the entry ended on {entry.until}", "take it out, or give it a new date"


class EndsSoon(_OfEntries):
    id = "ends-soon"
    severity = Severity.NOTE
    title = "An entry of a list that ends within 30 days"

    def wrong(self, entry: Entry, today: date) -> tuple[str, str] | None:
        if entry.until is None or not today <= entry.until <= today + SOON:
            return None
        return f"the entry ends on {entry.until}", "renew it, or tell those who rely on it"


class EntryWithoutReason(_OfEntries):
    id = "entry-without-reason"
    severity = Severity.NOTE
    title = "A trusted partner without an end, or without a reason"

    def lists(self, site: Site) -> Iterable[AddressList]:
        return (site.ruleset.policy.organization.partners,)

    def wrong(self, entry: Entry, today: date) -> tuple[str, str] | None:
        lacks = [what for what, given in (("end", entry.until), ("reason", entry.reason)) if not given]
        if not lacks:
            return None
        return (
            f"the partner has no {' and no '.join(lacks)}",
            "write: partner.example until 2030-12-31  # agreement BA-0001",
        )


class ListUnused(Check):
    id = "list-unused"
    severity = Severity.NOTE
    title = "A list that nothing names"

    def look(self, site: Site) -> Iterator[Issue]:
        for path in site.stray_lists:
            name = f"lists/{path.name}"
            problem = "no rule names this list"
            yield Issue(self.id, self.severity, name, str(path), 0, 0, problem, "use it, or delete it")
