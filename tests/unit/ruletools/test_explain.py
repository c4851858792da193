"""`gatepost explain`: the nearest way to another outcome, text around findings, and the page."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from gateway.cli.explain import masked_around
from gateway.core.detector import Confidence
from gateway.core.finding import Finding
from gateway.core.message import Place, Span

Call = Callable[..., Result]
AddRule = Callable[[str], Path]
Variant = Callable[..., str]
HEAD = "From: nurse@clinic.example\nTo: pat@home.example\nSubject: form\n\n"
MAIL = f"{HEAD}Hello <b>Pat</b>, your SSN is 536-22-1874 today.\n"
SIGNED = f"""{HEAD.strip()}
Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b

--b

Your SSN is 536-22-1874 today.
--b
Content-Type: application/pgp-signature

x
--b--
"""
OUT = "- recipient: {outside: partners}"


@pytest.fixture
def explain(call: Call, tmp_path: Path) -> Callable[..., Any]:
    """The explanation of a message, as JSON."""
    file = tmp_path / "mail.eml"

    def look(*words: str, mail: str = MAIL) -> Any:
        file.write_text(mail, "utf-8")
        return json.loads(call("explain", str(file), "--format", "json", *words).stdout)

    return look


def ways(said: Any) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    return [
        (way["recipient"], way["becomes"], [(change["condition"], change["held"]) for change in way["changes"]])
        for way in said["nearest"]
    ]


def test_what_would_have_let_it_go(explain: Callable[..., Any]) -> None:
    """One of the two conditions of its one rule; the first is named."""
    out = "the recipient is outside the organization and its trusted partners"

    assert ways(explain()) == [("pat@home.example", "deliver", [(out, True)])]


def test_what_would_have_held_it_for_each_recipient(explain: Callable[..., Any]) -> None:
    """A colleague is inside: that is missing. To somebody outside the number is missing."""
    said = explain("--to", "desk@clinic.example", "--to", "x@lab.example")

    assert [(way[0], way[1]) for way in ways(said)][:1] == [("desk@clinic.example", "quarantine")]
    assert ways(said)[0][2] == [("the recipient is outside the organization and its trusted partners", False)]
    none = explain("--to", "x@home.example", mail=MAIL.replace("536-22-1874", "gone"))
    assert ways(none)[0][2] == [("a value of US_SSN with medium confidence or more is found", False)]


def test_two_rules_that_hold_it_need_both_to_let_go(
    explain: Callable[..., Any], add_rule: AddRule, variant: Variant
) -> None:
    """The question that both ask comes first: one change instead of two."""
    add_rule(variant("local-again", ("min-confidence: medium", "min-confidence: high")))
    add_rule(variant("local-tag", (OUT, "- direction: outbound"), ("quarantine: {}", "tag: x")))

    (first, *_) = explain()["nearest"]

    assert first["rules"] == ["local-again", "local-ssn"]
    assert len(first["changes"]) == 1


def test_what_a_failed_redaction_held_is_not_told_to_become_held(
    explain: Callable[..., Any], add_rule: AddRule, variant: Variant
) -> None:
    """The name of a file cannot be changed: what the rule says otherwise counts, not that it would be delivered."""
    add_rule(variant("local-cut", ("US_SSN", "CREDIT_CARD"), ("quarantine: {}", "redact: {otherwise: block}")))
    file = 'Content-Disposition: attachment; filename="4111 1111 1111 1111.txt"\n\nHello.\n'

    said = explain(mail=HEAD.rstrip("\n") + f"\n{file}")

    assert said["verdict"]["disposition"] == "block"
    assert ways(said) == []


def test_words_around_a_finding_are_shown_only_when_asked_for(explain: Callable[..., Any]) -> None:
    """An outline of them, the words and masked values with --context, all with --reveal."""
    (plain,) = explain()["findings"]
    (masked,) = explain("--context")["findings"]
    (revealed,) = explain("--reveal")["findings"]

    assert "Hello" not in plain["context"]
    assert "value" not in plain
    assert masked["context"].endswith("your SSN is «***-**-1874» today.")
    assert "536-22" not in json.dumps(masked)
    assert "«536-22-1874»" in revealed["context"]


def test_other_values_in_the_text_around_are_masked_too() -> None:
    """Also one that the window cuts."""

    def found(start: int, end: int) -> Finding:
        return Finding(
            "A", frozenset(), "a", Confidence.HIGH, 0.9, "1", Place.BODY, 0, Span(start, end), "**", value="secret"
        )

    text = "longvalue 12-34 and 56-78 end"

    shown = masked_around(text, found(10, 15), [found(0, 9), found(10, 15), found(20, 25)], width=8)

    assert shown == "******* «**» and **-"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.said += data


def test_the_page_stands_alone_and_escapes_what_it_shows(call: Call, tmp_path: Path) -> None:
    """No script, nothing loaded, and mark-up of the message is text."""
    file = tmp_path / "<script>.eml"
    file.write_text(MAIL, "utf-8")

    result = call("explain", str(file), "--format", "html", "--context")

    page = _Page()
    page.feed(result.stdout)
    assert result.exit_code == 0
    assert page.links == []
    assert not {"script", "b", "img", "link", "iframe"} & set(page.tags)
    for piece in (
        "local-ssn",
        "quarantine",
        "Hello <b>Pat</b>",
        "***-**-1874",
        "<script>.eml",
        "What would have changed it",
    ):
        assert piece in page.said
    assert "536-22-1874" not in result.stdout
    assert re.search("prefers-color-scheme: dark", result.stdout)


def test_the_page_is_of_one_message(call: Call, tmp_path: Path) -> None:
    """A folder is for JSON."""
    for name in ("a", "b"):
        (tmp_path / "box" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "box" / name).write_text(MAIL, "utf-8")

    assert call("explain", str(tmp_path / "box"), "--format", "html").exit_code == 2


PEOPLE = ("--to", "desk@clinic.example", "--to", "x@home.example")
OUTSIDE = "the recipient is outside the organization and its trusted partners"
FOUND = "a value of US_SSN with medium confidence or more is found"
FORMS = pytest.mark.parametrize("form", ["text", "json", "html"])


@pytest.fixture
def shown(call: Call, tmp_path: Path) -> Callable[..., str]:
    """An explanation as a person reads it, of the page the text alone, every run of white space one blank."""
    file = tmp_path / "mail.eml"

    def look(form: str, *words: str, mail: str = MAIL) -> str:
        file.write_text(mail, "utf-8")
        said = call("explain", str(file), "--format", form, *words).stdout
        if form == "html":
            page = _Page()
            page.feed(said.replace("</t", " </t").replace("</h3", " </h3").replace("<br>", " "))
            said = page.said
        return " ".join(said.split())

    return look


@pytest.mark.parametrize(
    ("form", "failed", "held", "seen"),
    [
        ("text", f"no all: {OUTSIDE}: inside", f"yes all: {FOUND}: found 1 value", ": none"),
        ("html", f"no all: {OUTSIDE} inside", f"yes all: {FOUND} found 1 value", " none"),
    ],
)
def test_the_condition_that_failed_is_told_from_those_that_held(
    shown: Callable[..., str], form: str, failed: str, held: str, seen: str
) -> None:
    """For each recipient, with what was seen instead, and each rule once."""
    said = shown(form, *PEOPLE)
    inside, outside = said.split("desk@clinic.example: does not apply")[1].split("x@home.example: applies")

    assert failed in inside
    assert held in inside
    assert f"yes all: {OUTSIDE}" in outside
    assert f"no all: {FOUND}" not in said
    everything = shown(form, *PEOPLE, "--all-rules")
    assert everything.count("default-failure does not apply") == 1
    assert f"no all: the inspection did not finish{seen}" in everything


@pytest.mark.parametrize("form", ["text", "html"])
def test_an_exception_that_kept_a_rule_away_is_named(
    shown: Callable[..., str], add_rule: AddRule, variant: Variant, form: str
) -> None:
    """It held, and so the rule did not apply; without it the message would have been held."""
    add_rule(variant("local-ssn", ("then:", "  none:\n    - header: {name: x-agreed, present: true}\nthen:")))

    said = shown(form, mail=f"X-Agreed: yes\n{MAIL}")

    assert "pat@home.example deliver" in said or "deliver pat@home.example" in said
    exception = {"text": "no exception applies:", "html": "no none:"}[form]
    assert exception in said.split("local-ssn")[2 if form == "text" else -1]
    nearest = said.split("What would have changed it")[1].split("Findings" if form == "text" else "Rules")[0]
    assert "it did not hold: " in nearest
    assert "local-ssn" in nearest
    assert "quarantine" in nearest


@FORMS
def test_the_nearest_way_out_is_told_in_every_form(shown: Callable[..., str], form: str) -> None:
    """Whose outcome, into what, by which rule, and which condition it was."""
    said = shown(form, *PEOPLE)
    if form == "json":
        told = [(way["recipient"], way["becomes"], way["rules"]) for way in json.loads(said)["nearest"]]
        assert ("x@home.example", "deliver", ["local-ssn"]) in told
        assert ("desk@clinic.example", "quarantine", ["local-ssn"]) in told
        return
    nearest = said.split("What would have changed it")[1].split("Findings" if form == "text" else "Rules")[0]

    assert re.search(rf"x@home.example (would become )?deliver.* it did not hold: {OUTSIDE}", nearest)
    assert re.search(rf"desk@clinic.example (would become )?quarantine.* it held: {OUTSIDE}", nearest)


@FORMS
@pytest.mark.parametrize("words", [(), ("--context",)], ids=["outline", "context"])
def test_no_form_has_a_value_of_the_message(shown: Callable[..., str], form: str, words: tuple[str, ...]) -> None:
    """Neither the one that was found nor another one beside it; what they are, where, and why, is there."""
    mail = MAIL.replace("today", "and 219-09-9999, SSN too")
    said = shown(form, *words, mail=mail)

    for value in ("536-22-1874", "219-09-9999", "536", "219-09"):
        assert value not in said
    for piece in ("***-**-1874", "***-**-9999", "US_SSN", "pattern dashed", "context word 'ssn'"):
        assert piece in said


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_a_sender_wrote_controls_no_terminal_and_no_page(call: Call, tmp_path: Path, form: str) -> None:
    """Escape sequences and mark-up in an address, in the words around a value, and in the name of a file."""
    file = tmp_path / "\x1b[2J<b>.eml"
    sender = "From: <i>\x1b[2J@clinic.example\n"
    file.write_text(sender + MAIL.replace("Hello", "\x1b]0;x\x07<img src=x>"), "utf-8")

    said = call("explain", str(file), "--format", form, "--context", "--to", "<i>\x1b[1m@x.example").stdout

    assert "\x1b" not in said
    assert "\x07" not in said
    if form == "html":
        page = _Page()
        page.feed(said)
        assert not {"b", "i", "img"} & set(page.tags)


@FORMS
def test_a_rule_that_only_watches_is_not_told_as_if_it_acted(
    shown: Callable[..., str], add_rule: AddRule, variant: Variant, form: str
) -> None:
    """It applies, and changes nothing; the message is delivered."""
    add_rule(variant("local-ssn", ("status: enforce", "status: monitor")))

    said = shown(form)

    if form == "json":
        plain = json.loads(said)
        assert plain["verdict"]["disposition"] == "deliver"
        assert [(hit["rule"], hit["status"]) for hit in plain["hits"]] == [("local-ssn", "monitor")]
    else:
        assert "changes nothing" in said
        assert re.search(r"deliver pat@home|pat@home.example deliver", said)


def test_rules_that_are_far_from_it_are_a_number(
    shown: Callable[..., str], add_rule: AddRule, variant: Variant
) -> None:
    """By default only what applied and what came near is told; the option for the rest is named, and shows it."""
    add_rule(variant("local-many", ("min-confidence: medium", "min-distinct: 5")))

    said = shown("text")
    told, _, rest = said.split("Rules that applied or nearly did")[1].partition(" other rules did not apply: ")

    assert "local-ssn applies" in told
    assert "local-many does not apply" in told
    assert "default-" not in told
    assert rest == "--all-rules shows them"
    everything = shown("text", "--all-rules")
    assert everything.count("does not apply to anybody") == int(told.split()[-1]) + 1
    assert "did not apply: --all-rules" not in everything


def test_the_page_keeps_them_behind_one_click(call: Call, tmp_path: Path) -> None:
    """Nothing is left out of it."""
    file = tmp_path / "mail.eml"
    file.write_text(MAIL, "utf-8")

    page = call("explain", str(file), "--format", "html").stdout
    near, _, far = page.partition("other rules did not apply")

    assert "local-ssn" in near
    assert "default-failure" not in near
    assert "default-failure" in far


def test_a_redaction_that_could_not_be_made_says_why(
    call: Call, add_rule: AddRule, variant: Variant, tmp_path: Path
) -> None:
    """In text, page and JSON: the kind, the part and the obstacle, none of it the value."""
    add_rule(variant("local-redact", ("quarantine: {}", "redact: {}")))
    (tmp_path / "rules" / "packs" / "local" / "local-ssn.yaml").unlink()
    file = tmp_path / "mail.eml"
    file.write_text(SIGNED, "utf-8")
    why = "the data stands in a signed part, and taking it out would break the signature (sealed): US_SSN in part 1.1"

    plain = json.loads(call("explain", str(file), "--format", "json").stdout)
    text = call("explain", str(file)).stdout

    assert plain["verdict"]["disposition"] == "quarantine"
    assert plain["hindrances"] == [
        {"recipient": "pat@home.example", "obstacle": "sealed", "entity": "US_SSN", "part": "1.1"}
    ]
    assert f"not done: {why}" in text
    assert f"not done: {why}" in call("explain", str(file), "--format", "html").stdout
    assert "536-22-1874" not in text


def test_a_redaction_that_a_stricter_rule_makes_idle_says_so(
    shown: Callable[..., str], add_rule: AddRule, variant: Variant
) -> None:
    """The message is held as it came: nothing of it was taken out."""
    add_rule(variant("local-redact", ("quarantine: {}", "redact: {}")))

    assert "redact not done: the message is held as it came" in shown("text")
