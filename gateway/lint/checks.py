"""All checks, in the order in which their issues are told."""

from collections.abc import Iterator, Sequence

from gateway.lint.base import Check, Issue, Severity, Site
from gateway.lint.detectors import FarTooWide, SlowPattern
from gateway.lint.keeping import (
    EndsSoon,
    EntryWithoutReason,
    ExpiredException,
    ListEmpty,
    ListUnused,
    NoCases,
    NoOwner,
    NotMonitoredFirst,
)
from gateway.lint.meaning import (
    AlwaysMatches,
    Contradicts,
    MakesNothingMilder,
    NeverMatches,
    Shadowed,
    SpeaksOnClean,
    UnreachableOtherwise,
    WholeName,
)

CHECKS: tuple[Check, ...] = (
    NeverMatches(),
    AlwaysMatches(),
    Contradicts(),
    Shadowed(),
    MakesNothingMilder(),
    UnreachableOtherwise(),
    WholeName(),
    NoCases(),
    NoOwner(),
    NotMonitoredFirst(),
    SpeaksOnClean(),
    ListEmpty(),
    ExpiredException(),
    EndsSoon(),
    EntryWithoutReason(),
    ListUnused(),
    SlowPattern(),
    FarTooWide(),
)


def lint(site: Site, checks: Sequence[Check] = CHECKS) -> tuple[Issue, ...]:
    """What is wrong, the worst first; of equal weight in the order of the checks."""
    order = list(Severity)
    issues = [issue for check in checks for issue in check.look(site)]
    return tuple(sorted(issues, key=lambda issue: order.index(issue.severity)))


def skipped(site: Site, checks: Sequence[Check] = CHECKS) -> Iterator[Check]:
    """The checks that could not look, since what they need is not there."""
    for check in checks:
        if check.needs and getattr(site, check.needs) is None:
            yield check
