"""What the console is told, and the desks that it asks."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.desk.evidence import EvidenceDesk
from gateway.desk.items import ItemDesk
from gateway.desk.openid import OpenIdDesk
from gateway.desk.overview import OverviewDesk
from gateway.desk.people import PeopleDesk
from gateway.desk.replays import ReplayDesk
from gateway.desk.reports import ReportDesk
from gateway.desk.rules import RulesDesk
from gateway.store.clock import Clock


@dataclass(frozen=True, slots=True)
class Settings:
    """`origins`: where forms may come from, such as `https://review.clinic.example`; the first is shown.

    `csrf_key` makes the tokens of forms. `organization` is in every title.
    """

    organization: str
    origins: tuple[str, ...]
    csrf_key: bytes = field(repr=False)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Desks:
    people: PeopleDesk
    items: ItemDesk
    evidence: EvidenceDesk
    overview: OverviewDesk
    rules: RulesDesk
    replays: ReplayDesk
    reports: ReportDesk
    openid: OpenIdDesk | None
    policy_digest: Callable[[], str]
    now: Clock
