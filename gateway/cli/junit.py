"""Results of cases as JUnit XML, which continuous integration of every make reads."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from gateway.casework import Result


def junit(results: "Sequence[Result]") -> str:
    """A suite a rule, a case a test."""
    failed = sum(not result.ok for result in results)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites tests="{len(results)}" failures="{failed}">']
    for rule, group in groupby(sorted(results, key=lambda result: result.rule), key=lambda result: result.rule):
        suite = list(group)
        wrong = sum(not result.ok for result in suite)
        lines.append(f'  <testsuite name={_quoted(rule)} tests="{len(suite)}" failures="{wrong}">')
        lines += [_case(result) for result in suite]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _case(result: "Result") -> str:
    head = f"    <testcase classname={_quoted(result.rule)} name={_quoted(result.case or 'has cases')}"
    if result.ok:
        return f"{head}/>"
    return f"{head}><failure message={_quoted('; '.join(result.problems))}/></testcase>"


def _quoted(text: str) -> str:
    return quoteattr("".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text))
