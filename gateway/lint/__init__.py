"""Lint: what is wrong with rules that load. One small class a check, one ordered list of them in `checks.py`."""

from gateway.lint.base import Check, Issue, Severity, Site
from gateway.lint.checks import CHECKS, lint, skipped
from gateway.lint.clean import CleanRun, run_clean
from gateway.lint.history import History, Usage, read_history
from gateway.lint.site import site_of

__all__ = [
    "CHECKS",
    "Check",
    "CleanRun",
    "History",
    "Issue",
    "Severity",
    "Site",
    "Usage",
    "lint",
    "read_history",
    "run_clean",
    "site_of",
    "skipped",
]
