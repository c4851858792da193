"""Checks of patterns, on clean text."""

from collections.abc import Iterator

from gateway.lint.base import Check, Issue, Severity, Site
from gateway.lint.clean import CleanRun, PatternRun

SLOW = 0.15  # seconds of processor time for a MiB: some thirty times what an ordinary pattern takes
DENSE = 50  # bytes: a pattern that finds a value in each so many finds ordinary words
LEAST_BYTES = 2_000  # of clean text, to say anything about density
LEAST_MESSAGES = 20  # clean messages, to say anything about shares


def _is_dense(run: PatternRun, clean: CleanRun | None) -> bool:
    return clean is not None and clean.octets >= LEAST_BYTES and run.values * DENSE > clean.octets


class SlowPattern(Check):
    id = "slow-pattern"
    severity = Severity.WARNING
    title = "A pattern that takes much longer than others on the same text"
    needs = "clean"

    def look(self, site: Site) -> Iterator[Issue]:
        specs = {spec.id: spec for spec in site.ruleset.detectors}
        for run in site.clean.patterns if site.clean else ():
            if run.seconds_per_mib > SLOW and not _is_dense(run, site.clean):
                problem = f'the pattern "{run.pattern}" takes {run.seconds_per_mib:.1f} s for a MiB of clean text'
                remedy = "count less ({1,500} means 500 states), or begin it with something that is rare"
                yield self.of_detector(specs[run.detector], problem, remedy)


class FarTooWide(Check):
    id = "far-too-wide"
    severity = Severity.WARNING
    title = "A pattern that finds ordinary words, or a detector that finds something in most clean mail"
    needs = "clean"

    def look(self, site: Site) -> Iterator[Issue]:
        if site.clean is None:
            return
        specs = {spec.id: spec for spec in site.ruleset.detectors}
        for run in site.clean.patterns:
            if _is_dense(run, site.clean):
                problem = f'the pattern "{run.pattern}" finds {run.values} values in {site.clean.octets} bytes'
                remedy = "say more of what surrounds a value, or how long it is"
                yield self.of_detector(specs[run.detector], f"{problem} of clean text", remedy)
        for name, number in sorted(site.clean.found.items()):
            if site.clean.messages >= LEAST_MESSAGES and 2 * number > site.clean.messages:
                share = f"{number} of {site.clean.messages} clean messages"
                problem = f"finds values of medium confidence or more in {share}"
                remedy = "lower its confidence without context words, or narrow its patterns"
                yield self.of_detector(specs[name], problem, remedy)
