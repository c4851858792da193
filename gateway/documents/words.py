"""What PyYAML says about a mistake, in words for people who do not know YAML."""

import re
from typing import Any

import yaml

from gateway.core.errors import Fault

_AS_TEXT = "save it as plain text (UTF-8) with an editor for text"

# What PyYAML says, what the reader is told, and how to mend it. The first line whose words occur wins.
_PLAIN_WORDS = (
    (
        "found unexpected end of stream",
        "a quotation mark is opened here and never closed",
        "close it with the same kind of mark",
    ),
    (
        "found unknown escape character",
        "a backslash inside double quotes",
        "put patterns in single quotes: '...'",
    ),
    ("hexadecimal numbers", "a backslash inside double quotes", "put patterns in single quotes: '...'"),
    (
        "mapping values are not allowed here",
        "a colon where no new name may begin",
        "put a text that has a colon in it in single quotes, or mend the indentation of this line and the one above",
    ),
    (
        "sequence entries are not allowed here",
        'a list entry ("- ") where none may begin',
        "begin the list on the line after the name, indented",
    ),
    (
        "could not find expected ':'",
        "a name without a colon, or a text that runs over into the next line",
        'write "name: value" on one line, or put a long text in quotes',
    ),
    (
        "found character '@'",
        'a text that starts with "@"',
        "put the text in single quotes",
    ),
    ("found character '`'", "a text that starts with a back quote", "put the text in single quotes"),
    ("found character '%'", 'a text that starts with "%"', "put the text in single quotes"),
    ("found character '\\t'", "a tab where a value should begin", "use ordinary spaces"),
    (
        "expected alphabetic or numeric character",
        'a text that starts with "*" or "&"',
        "put the text in single quotes",
    ),
    (
        "expected ',' or ']'",
        "a square bracket is opened here and never closed, or a comma is missing",
        "close it with ], and put commas between the entries",
    ),
    (
        "expected ',' or '}'",
        "a curly bracket is opened here and never closed, or a comma is missing",
        "close it with }, and put commas between the entries",
    ),
    (
        "expected <block end>",
        "this line is not indented like the lines it belongs to, or text follows a closing quote or bracket",
        "give lines that belong together the same number of spaces in front; quote the whole text",
    ),
    (
        "expected the node content",
        "a value is missing, or a bracket or comma stands alone",
        "write the value, or put the text in single quotes",
    ),
    ("chomping or indentation", 'text on the same line as "|" or ">"', "begin the text on the next line, indented"),
    ("a comment or a line break", 'text on the same line as "|" or ">"', "begin the text on the next line, indented"),
    ("indentation indicator", 'text on the same line as "|" or ">"', "begin the text on the next line, indented"),
    ("tag", 'a text that starts with "!"', "put the text in single quotes"),
    ("expected '<document start>'", "text after the end of the document", "mend the indentation of this line"),
)

_OPENED_EARLIER = ("end of stream", "expected ',' or", "could not find expected ':'")


# How a line looks that YAML stumbles over, what the reader is told, and how to mend it. The first that fits wins.
_LOOKS = (
    (
        re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: |$)"),
        "two versions of the file stand in it, one below the other",
        "keep one of them, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>",
    ),
    (re.compile(r"\s*<(?:!|\?|html|head|body|div|p|pre|span)\b", re.IGNORECASE), "this is a web page", _AS_TEXT),
    (re.compile(r"\s*```"), "a fence as Markdown has it (```)", "delete the lines that begin with ```"),
    (
        re.compile(r"\s*[\u2022\u2023\u25e6\u25aa\u25cf\u00b7\u2013\u2014\u2212]\s"),
        "a bullet or a long dash where a hyphen belongs",
        'begin each entry with "- "',
    ),
    (
        re.compile(r".*[:-][\u00a0\u202f\u3000]"),
        "a non-breaking space where an ordinary one belongs",
        "type the space anew",
    ),
    (
        re.compile(r"[^'\"#]*(?:: |- |\[|, ?)'[^'\"]*\w'\w[^'\"]*'\s*(?:[\],].*)?$"),
        "an apostrophe within single quotes, which ends the text there",
        'put the text in double quotes: "..."',
    ),
    (re.compile(r"\s+\* \S"), "a star where a hyphen belongs", 'begin each entry with "- "'),
    (re.compile(r"\s*--+ \S"), "more than one hyphen", 'begin each entry with one hyphen: "- "'),
    (re.compile(r"\s*(?:- )?[\w-]+ *= *\S"), "an equals sign where a colon belongs", 'write "name: value"'),
    (re.compile(r"\s*(?:- )?[a-z-]+:[^\s:/]"), "no space behind the colon", 'write "name: value", with a space'),
)


def explain(error: yaml.MarkedYAMLError, file: str, subject: str, text: str = "") -> Fault:
    """The fault for an error of PyYAML, with none of its own words. `text`: what it stumbled over."""
    if (looks := _look(error, text)) is not None:
        line, problem, remedy = looks
        return Fault(file, line, 1, subject, problem, remedy)
    said = f"{error.problem or ''} {error.context or ''}"
    default = ("", "this line is not YAML", "check the indentation, colons and quotes of this line and the one above")
    _, problem, remedy = next((row for row in _PLAIN_WORDS if row[0] in said), default)
    mark = error.problem_mark or error.context_mark
    if any(words in said for words in _OPENED_EARLIER) and error.context_mark is not None:
        mark = error.context_mark
    return Fault(file, *spot(mark), subject, problem, remedy)


def _look(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str, str] | None:
    """What is wrong with the line of the error, or the one above it, by its looks alone."""
    lines = re.split(r"\r\n?|[\n\x85\u2028\u2029]", text)
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    for number in dict.fromkeys((*(near for mark in marks for near in (mark.line, mark.line - 1)), 0)):
        for shape, problem, remedy in _LOOKS:
            if 0 <= number < len(lines) and shape.match(lines[number]):
                return number + 1, problem, remedy
    return None


def spot(mark: Any) -> tuple[int, int]:
    """Line and column from 1; (0, 0) where PyYAML gives no mark. libyaml's marks are of another class."""
    return (0, 0) if mark is None else (mark.line + 1, mark.column + 1)
