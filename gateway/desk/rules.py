"""The rules in force, to be read; and a bench to try a message of one's own on. Rules change by files, not here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.audit import review_events
from gateway.audit.index import AuditIndex, Wanted
from gateway.core.errors import GatepostError
from gateway.desk.guard import Guard, Log
from gateway.desk.reading import Reader, Why, why
from gateway.desk.rights import Act, Caller
from gateway.parse.addressed import addressed
from gateway.policy import Policy, Rule
from gateway.policy.model import BUILT_IN_AREA
from gateway.quarantine import Casefile, Precision
from gateway.rulebook.archive import FileChange, RuleArchive, differences
from gateway.rulebook.inforce import rule_in_english
from gateway.store.clock import Clock

MOST_SOURCE = 200_000
MOST_CHANGES = 200
MOST_RECIPIENTS = 20
OUTSIDE = "someone@outside.example"


class RuleUnknown(GatepostError):
    """No rule of that name is in force."""


class NoMessage(GatepostError):
    """There is nothing to look at."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in plain English and as it stands in its file. `precision`: what people marked."""

    rule: Rule
    conditions: tuple[tuple[int, str], ...]  # depth and words
    actions: tuple[str, ...]
    source: str
    file: str
    precision: Precision | None


@dataclass(frozen=True, slots=True)
class RuleSetChange:
    """One rule set took the place of another. `before` is what was in force last, also where the gateway began anew.

    `kept`: both are, so what changed can be seen.
    """

    at: datetime
    old: str
    new: str
    before: str
    signer: str
    enforced: int
    monitored: int
    kept: bool


class RulesDesk:
    """Raises Forbidden, AuditUnavailable."""

    def __init__(
        self,
        index: AuditIndex,
        archive: RuleArchive,
        policy: Callable[[], Policy],
        reader: Callable[[], Reader],
        casefile: Casefile,
        audit: Log,
        clock: Clock,
    ) -> None:
        self._index = index
        self._archive = archive
        self._policy = policy
        self._reader = reader
        self._casefile = casefile
        self._clock = clock
        self._guard = Guard(audit)

    def list(self, caller: Caller) -> tuple[Rule, ...]:
        """Those that are active, by area; the built-in ones last."""
        self._guard.demand(caller, Act.RULES)
        rules = (active.rule for active in self._policy().active)
        return tuple(sorted(rules, key=lambda rule: (rule.area == BUILT_IN_AREA, rule.area, rule.id)))

    def show(self, caller: Caller, rule_id: str) -> RuleView:
        """Raises RuleUnknown."""
        rule = next((rule for rule in self.list(caller) if rule.id == rule_id), None)
        if rule is None:
            raise RuleUnknown("no rule of that name is in force")
        precision = next((p for p in self._casefile.precision() if (p.kind, p.name) == ("rule", rule_id)), None)
        conditions, actions = rule_in_english(rule)
        return RuleView(rule, conditions, actions, _source(rule), Path(rule.file).name, precision)

    def history(self, caller: Caller) -> tuple[RuleSetChange, ...]:
        """The newest first, as the audit log has them."""
        self._guard.demand(caller, Act.RULES)
        entries = self._index.find(Wanted(kind="policy-changed", limit=MOST_CHANGES + 1))
        said = [(entry.time, entry.event.get("unmapped", {})) for entry in entries]
        before = [*(str(each.get("new", "")) for _, each in said[1:]), ""]
        made = [self._change(at, each, last) for (at, each), last in zip(said, before, strict=False)]
        return tuple(made[:MOST_CHANGES])

    def changes(self, caller: Caller, old: str, new: str) -> tuple[FileChange, ...]:
        """What is not the same in two rule sets. Raises RuleUnknown where one of them is not kept."""
        self._guard.demand(caller, Act.RULES)
        known = {change.new for change in self.history(caller)}
        one, other = (self._archive.files(each) if each in known else None for each in (old, new))
        if one is None or other is None:
            raise RuleUnknown("these rule sets are not kept")
        return differences(one, other)

    def _change(self, at: datetime, said: Mapping[str, Any], before: str) -> RuleSetChange:
        new = str(said.get("new", ""))
        return RuleSetChange(
            at=at,
            old=str(said.get("old", "")),
            new=new,
            before=before,
            signer=str(said.get("signer", "")),
            enforced=len(said.get("enforced", ())),
            monitored=len(said.get("monitored", ())),
            kept=self._archive.has(before) and self._archive.has(new),
        )

    def try_message(self, caller: Caller, raw: bytes, mail_from: str, recipients: Sequence[str]) -> Why:
        """What the rules would make of it. Nothing is sent or kept. Raises NoMessage, WorkersUnavailable.

        Without sender or recipients those count that the message names, and else an address outside.
        """
        self._guard.demand(caller, Act.TRY)
        if not raw.strip():
            raise NoMessage("choose a file, or paste a message")
        now: datetime = self._clock()
        reader = self._reader()
        self._guard.note(caller, review_events.tried(by=caller.name, size=len(raw), policy=reader.policy))
        said = addressed(raw)
        people = recipients or said.recipients[:MOST_RECIPIENTS] or (OUTSIDE,)
        return why(reader.inspect(raw, mail_from or said.sender, people, f"bench-{now:%Y%m%d%H%M%S%f}", now))


def _source(rule: Rule) -> str:
    try:
        return Path(rule.file).read_text(encoding="utf-8")[:MOST_SOURCE] if rule.file else ""
    except (OSError, UnicodeDecodeError):
        return ""
