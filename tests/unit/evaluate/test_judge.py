"""What counts as found, as missed and as a false alarm."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.core.detector import Confidence
from gateway.core.finding import Also
from gateway.core.limits import Limits
from gateway.core.message import Span
from gateway.evaluate.cover import share
from gateway.evaluate.judge import Judgement, judge
from gateway.evaluate.mistakes import Sort, mistakes, shape
from gateway.evaluate.sample import Corpus, Expected, Sample, message_of

Make = Callable[..., Any]
TEXT = "Call Ann Lee now"
KINDS = frozenset({"PERSON", "DATE_OF_BIRTH", "STREET_ADDRESS", "PHONE_NUMBER"})


def judged(sample: Sample, inspection: Any, least: Confidence = Confidence.LOW) -> Judgement:
    """In a corpus that labels persons, birth dates, streets and phones."""
    return judge(Corpus("made-up", "jsonl", KINDS, (sample,)), sample, inspection, Limits(), least)


def test_half_of_the_letters_is_enough(sample: Make, inspected: Make, finding: Make) -> None:
    """Three of six letters count as found, but not as the whole value."""
    result = judged(sample(TEXT, ("PERSON", 5, 12)), inspected(finding("PERSON", 5, 8)))

    assert (result.asked[0].found, result.asked[0].whole) == (True, False)
    assert result.exact


def test_less_than_half_is_missed(sample: Make, inspected: Make, finding: Make) -> None:
    """Two of six letters are too little; the finding itself still lies on a label."""
    result = judged(sample(TEXT, ("PERSON", 5, 12)), inspected(finding("PERSON", 5, 7)))

    assert not result.asked[0].found
    assert result.claims[0].right


def test_several_findings_cover_a_value_together(sample: Make, inspected: Make, finding: Make) -> None:
    """First and last name found one by one make the whole name."""
    found = inspected(finding("PERSON", 5, 8), finding("PERSON", 9, 12))

    assert judged(sample(TEXT, ("PERSON", 5, 12)), found).asked[0].whole


def test_another_name_counts_as_seen_only(sample: Make, inspected: Make, finding: Make) -> None:
    """A person taken for a telephone: no recall by name, and the finding is a false alarm by name."""
    result = judged(sample(TEXT, ("PERSON", 5, 12)), inspected(finding("PHONE_NUMBER", 5, 12)))

    assert (result.asked[0].found, result.asked[0].seen, result.asked[0].by) == (False, True, "PHONE_NUMBER")
    assert (result.claims[0].right, result.claims[0].covered) == (False, True)


def test_a_second_name_is_asked_for_and_answered_for_like_the_first(
    sample: Make, inspected: Make, finding: Make
) -> None:
    """It finds what goes by it, and where it is wrong it is a false alarm of its entity."""
    also = (Also("PHONE_NUMBER", Confidence.LOW),)
    found = inspected(replace(finding("PERSON", 5, 12), also=also))
    person, phone = (judged(sample(TEXT, (label, 5, 12)), found) for label in ("PERSON", "PHONE_NUMBER"))

    assert (person.asked[0].found, phone.asked[0].found) == (True, True)
    assert [(c.finding.kind, c.right) for c in person.claims] == [("PERSON", True), ("PHONE_NUMBER", False)]
    assert [(c.finding.kind, c.right) for c in phone.claims] == [("PERSON", False), ("PHONE_NUMBER", True)]
    assert not judged(sample(TEXT, ("PHONE_NUMBER", 5, 12)), found, Confidence.MEDIUM).asked[0].found


def test_a_passage_stands_for_no_value_in_it(sample: Make, inspected: Make, finding: Make) -> None:
    """Some sentences about somebody's care lie over a name; the name is missed all the same."""
    passage = finding("CARE_CONTENT", 0, len(TEXT), groups=("health", "passage"))
    result = judged(sample(TEXT, ("PERSON", 5, 12)), inspected(passage))

    assert (result.asked[0].seen, result.asked[0].whole, result.asked[0].by) == (False, False, "")


def test_relatives_answer_for_one_another(sample: Make, inspected: Make, finding: Make) -> None:
    """A birth date that is found as a date is found."""
    result = judged(sample("born 1/2/1950", ("DATE_OF_BIRTH", 5, 13)), inspected(finding("DATE_TIME", 5, 13)))

    assert result.exact


def test_a_finding_beside_every_label_is_a_false_alarm(sample: Make, inspected: Make, finding: Make) -> None:
    """Of a kind that the corpus labels."""
    result = judged(sample(TEXT, ("PERSON", 5, 12)), inspected(finding("PERSON", 5, 12), finding("PERSON", 13, 16)))

    assert [claim.right for claim in result.claims] == [True, False]
    assert not result.exact


def test_kinds_that_nobody_labelled_are_not_judged(sample: Make, inspected: Make, finding: Make) -> None:
    """They are told apart."""
    result = judged(sample(TEXT), inspected(finding("US_SSN", 0, 4)))

    assert result.claims == ()
    assert [other.kind for other in result.others] == ["US_SSN"]


def test_wider_kinds_are_judged_only_where_they_are_labelled(sample: Make, inspected: Make, finding: Make) -> None:
    """Labels for birth dates say nothing about other dates."""
    result = judged(sample("on 1/2/2020"), inspected(finding("DATE_TIME", 3, 11), finding("DATE_OF_BIRTH", 3, 11)))

    assert [claim.finding.kind for claim in result.claims] == ["DATE_OF_BIRTH"]
    assert [other.kind for other in result.others] == ["DATE_TIME"]


def test_optional_values_are_neither_asked_for_nor_wrong(sample: Make, inspected: Make, finding: Make) -> None:
    """A clinician may be found or not."""
    text = sample(TEXT, ("?PERSON", 5, 12))

    assert judged(text, inspected()).asked == ()
    assert judged(text, inspected(finding("PERSON", 5, 12))).claims == ()
    assert judged(text, inspected(finding("PHONE_NUMBER", 5, 12))).claims == ()


def test_findings_below_the_asked_confidence_do_not_count(sample: Make, inspected: Make, finding: Make) -> None:
    """As if they had not been made."""
    found = inspected(finding("PERSON", 5, 12, Confidence.LOW))

    assert not judged(sample(TEXT, ("PERSON", 5, 12)), found, Confidence.MEDIUM).asked[0].found


def test_places_are_those_of_the_text_not_of_the_message(sample: Make, inspected: Make, finding: Make) -> None:
    """The message has a carriage return before each line feed, the text has none."""
    result = judged(sample("a\nb\nAnn Lee", ("PERSON", 4, 11)), inspected(finding("PERSON", 6, 13)))

    assert result.asked[0].whole


def test_values_count_wherever_they_are_found(inspected: Make, finding: Make) -> None:
    """Of a document, only the value is known; one place is enough, and a value that got lost is missed."""
    document = "<a>Lee</a><b>Lee</b>"
    labels = (Expected("PERSON", values=("Lee",)), Expected("PERSON", values=("Roe",)))
    result = judged(Sample("s1", message_of(document), expected=labels), inspected(finding("PERSON", 13, 16)))

    assert [asked.found for asked in result.asked] == [True, False]


def test_message_verdict_needs_a_rule_that_acts(sample: Make, inspected: Make) -> None:
    """Rules that only watch, and what could not be read, are no verdict on the content."""
    acted = judged(sample(TEXT), inspected(areas=["hipaa"], monitored=["pci"]))
    unread = judged(sample(TEXT), inspected(areas=["default"]))

    assert (acted.acted, acted.areas, acted.rules) == (True, frozenset({"hipaa"}), ("hipaa-rule",))
    assert not judged(sample(TEXT), inspected(monitored=["pci"])).acted
    assert not unread.acted


def test_only_letters_and_digits_count() -> None:
    """Brackets and dots that a finding leaves out are no loss."""
    assert share("(212) 555-0100.", Span(0, 15), [Span(1, 14)]) == 1.0
    assert share("(212) 555-0100.", Span(0, 15), [Span(1, 4)]) == 0.3
    assert share("---", Span(0, 3), [Span(0, 3)]) == 0.0


def test_mistakes_show_shapes_unless_revealed(sample: Make, inspected: Make, finding: Make) -> None:
    """Without reveal neither value nor text around it is there."""
    result = judged(sample(TEXT, ("PERSON", 5, 12), protected=True), inspected(finding("PHONE_NUMBER", 13, 16)))
    masked = list(mistakes([result], reveal=False))
    revealed = list(mistakes([result], reveal=True))

    assert [mistake.sort for mistake in masked] == [Sort.PASSED, Sort.MISSED, Sort.ALARM]
    assert [mistake.shown for mistake in masked] == ["", "Aaa Aaa", "***"]
    assert not any(mistake.before or mistake.after for mistake in masked)
    assert [mistake.shown for mistake in revealed] == [TEXT, "Ann Lee", "now"]
    assert revealed[1].before == "Call "


def test_shape_keeps_no_letter_or_digit() -> None:
    """Only how the value is written."""
    assert shape("Ann O'Lee-7\t(42)") == "Aaa A'Aaa-9 (99)"
