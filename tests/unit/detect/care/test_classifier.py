"""What the classifier makes of a text: passages, their places, their reasons."""

import time
from itertools import pairwise

import pytest

from gateway.detect.care.classifier import LIKELY, NOTE, READ, Classifier, classifier_of
from gateway.detect.care.reading import grams_of

SMALL = classifier_of(
    [
        "-200",
        "1 has",
        "1 well",
        "1 then",
        "1 now",
        "1 too",
        "1 as",
        "1 and",
        "1 little",
        "1 one",
        "400 fever",
        "300 cough",
        "300 itchy rash",
        "-500 newsletter",
        "100 my",
    ]
)


def test_words_and_pairs_of_neighbours_are_read_in_any_case() -> None:
    """Which number it is says nothing, so each is one token in pairs and none alone."""
    words, pairs = grams_of(b"My Fever 101.2, isn't it?")

    assert words == [b"my", b"fever", b"isn't", b"it"]
    assert pairs == [b"my fever", b"fever 0", b"0 isn't", b"isn't it"]


def test_a_score_is_the_sum_of_the_weights_over_the_root_of_the_length() -> None:
    """Two words and the four that are added: the root of six is 2.449."""
    assert SMALL.score(b"fever cough") == -200 + round(700 / 6**0.5)


def test_a_paragraph_about_something_else_hides_no_other(shipped: Classifier) -> None:
    """What is told of somebody is told whatever stands beside it."""
    told = (
        b"PT eval on her says max assist x2 and hoyer. she weighs 88 lbs and fell twice, "
        b"husband is 91 and wont let us lift"
    )
    other = (
        b"Also, please remind everyone that the parking lot will be repaved on Thursday and "
        b"the meeting moves to room 4. Budget slides by noon."
    )
    for text in (told, told + b"\n\n" + other, other + b"\r\n\r\n" + told):
        at = text.index(told)
        assert any(p.sure and p.start < at + len(told) and p.end > at for p in shipped.passages(text)), text
    assert shipped.insists(b"\n\n".join([other * 4, told, other]))
    assert not any(p.sure for p in shipped.passages(b"\n\n".join([other, other])))


def test_a_passage_goes_from_the_first_to_the_last_word_in_favour() -> None:
    """What stands around it is none of it, so that distances are measured from what was said."""
    text = b"Well then. My little one has a fever and now a cough too, as ever."

    (passage,) = SMALL.passages(text)

    assert text[passage.start : passage.end] == b"My little one has a fever and now a cough"
    assert passage.words[:2] == ("fever", "cough")


def test_few_words_tell_nothing() -> None:
    """A lone term is for the word lists."""
    assert list(SMALL.passages(b"fever cough")) == []


def test_words_without_a_weight_do_not_count(shipped: Classifier) -> None:
    """The subject of a thread about a computer, of which two words are known."""
    assert list(shipped.passages(b"RE: [ILUG] Dell GX260 V Redhat")) == []


def test_words_against_it_weigh_too() -> None:
    """The same words in a newsletter are about nobody."""
    assert list(SMALL.passages(b"In our newsletter of May: fever and cough in horses")) == []


TOLD = (
    b"My boy has a high fever, an itchy rash and a bad cough, he threw up twice and his throat is swollen. "
    b"The doctor gave him amoxicillin and ibuprofen, but his ear still hurts and he has diarrhea now. "
    b"Does he need another antibiotic, or a blood test for strep and mono?\n"
)


def test_in_a_longer_text_only_the_part_that_tells_is_a_passage(shipped: Classifier) -> None:
    """Distance counts from there, not from the beginning of the mail."""
    filler = b"The meeting about the new car park is on Tuesday at the town hall. " * 20
    text = filler + TOLD + filler

    passages = list(shipped.passages(text))

    assert passages
    assert all(len(filler) - 300 < p.start and p.end < len(filler) + len(TOLD) + 300 for p in passages)


def test_passages_are_in_order_and_apart(shipped: Classifier) -> None:
    """Windows that overlap become one."""
    other = b"The meeting about the new car park is on Tuesday at the town hall. " * 20

    passages = list(shipped.passages((TOLD + other) * 5))

    assert len(passages) > 1
    assert all(one.end <= other.start for one, other in pairwise(passages))


def test_beyond_its_bound_a_text_is_not_read() -> None:
    """What stands farther behind is found by name or not at all."""
    text = b"x " * (READ // 2) + b" my fever and cough and my itchy rash and my fever"

    assert list(SMALL.passages(text)) == []


@pytest.mark.parametrize(
    "text", [b"", b" ", b"\n\n", b"7" * 300_000, b"a" * 300_000, b"\xff\xfe" * 50_000, b". " * 150_000]
)
def test_any_text_is_read_in_bounded_time(text: bytes, shipped: Classifier) -> None:
    """Nothing in favour, one long word, digits alone, bytes that are no letters."""
    before = time.process_time()

    assert list(shipped.passages(text)) == []
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "text",
    [
        b"My grandson swallowed a marble and now he drools and won't eat, can somebody see him today?",
        b"her ankles are puffy again and she gets winded on the stairs, should she take an extra water pill?",
        b"Bed 14 vomited twice overnight, potassium low, replaced, still dizzy when she stands.",
        b"The claim for his knee surgery was denied since the referral was not on file.",
    ],
)
def test_what_is_told_in_ordinary_words_is_found(text: bytes, shipped: Classifier) -> None:
    """Sentences that are in no training text."""
    assert shipped.score(text) >= LIKELY
    assert list(shipped.passages(text))


@pytest.mark.parametrize(
    "text",
    [
        b"The printer on the third floor is jammed again, could someone from IT have a look at it today?",
        b"Dinner at our place on Saturday? Bring the kids, and tell your sister we got the tickets.",
        b"The quarterly report is attached, please send your comments to the finance team before Friday.",
        b"Register now for our free seminar on healthy hearts, every first Tuesday in the main lobby.",
        b"The patch fixes a memory leak in the scheduler, review it and merge it into the main branch.",
    ],
)
def test_what_is_about_nobodys_care_is_not(text: bytes, shipped: Classifier) -> None:
    """Neither daily business nor health in general."""
    assert list(shipped.passages(text)) == []


def test_a_note_is_one_passage(shipped: Classifier) -> None:
    """A short text is read as a whole."""
    text = b"My cough is back. I can't sleep and my chest hurts when I breathe. What should I take?"

    assert len(text) < NOTE
    assert len(list(shipped.passages(text))) == 1


def test_doubt_is_about_a_note_or_about_paragraphs_of_a_longer_text(shipped: Classifier) -> None:
    """Where names are judged as in a note: all of a short text, else the paragraphs that may tell of care alone."""
    told = b"My boy has a high fever and an itchy rash, he threw up twice and his throat is swollen."
    other = b"The landlord replaces the carpet in the hall next week, so please move all boxes out by Friday evening."
    short, long = told + b"\n\n" + other, b"\n\n".join([other] * 5 + [told] + [other] * 3)

    assert len(short) <= NOTE < len(long)
    assert shipped.doubts(short) == [(0, len(short))]
    assert [long[start:end] for start, end in shipped.doubts(long)] == [told]
    assert shipped.doubts(b"\n\n".join([other] * 9)) == shipped.doubts(other) == []
    assert shipped.doubts(b"FYI\n\n" + other) == []


def test_lines_are_the_paragraphs_of_a_text_without_empty_ones(shipped: Classifier) -> None:
    """As in what is read of HTML, whose paragraphs end with one line end."""
    told = b"My boy has a high fever and an itchy rash, he threw up twice and his throat is swollen."
    other = b"The landlord replaces the carpet in the hall next week, so please move all boxes out by Friday evening."
    text = b"\n".join([other] * 5 + [told] + [other] * 3)

    assert [text[start:end] for start, end in shipped.doubts(text)] == [told]
    assert shipped.insists(text)


def test_each_of_a_list_is_a_paragraph(shipped: Classifier) -> None:
    """Three things before Thursday, one of them a patient."""
    told = b"- My boy has a high fever and an itchy rash, he threw up twice and his throat is swollen."
    other = b"- The landlord replaces the carpet in the hall next week, so please move all boxes out by Friday."
    text = b"Hi all,\n\n" + b"\n".join([other] * 5 + [told] + [other] * 3)

    assert [text[start:end] for start, end in shipped.doubts(text)] == [told]


def test_a_paragraph_that_goes_on_behind_what_is_read_is_no_note(shipped: Classifier) -> None:
    """Its first bytes could be about anything."""
    told = b"My boy has a high fever and an itchy rash, he threw up twice and his throat is swollen. "

    before = b"-" * (READ - 200) + b"\n\n"

    assert [start for start, _ in shipped.doubts(before + told + b"\n\n" + told * 100)] == [len(before)]
    assert shipped.doubts(before + told * 100) == []


def test_a_passage_begins_with_a_word_and_not_within_one() -> None:
    """ "one" stands in "phone" too."""
    text = b"the phones are down. My little one has a fever and now a cough too, as ever."

    (passage,) = SMALL.passages(text)

    assert text[passage.start : passage.end] == b"My little one has a fever and now a cough"


def test_one_paragraph_insists_whatever_the_others_are_about(shipped: Classifier) -> None:
    """Among paragraphs about an office, and by itself; not where all are about the office."""
    told = b"My boy has a high fever and an itchy rash, he threw up twice and his throat is swollen."
    other = b"The landlord replaces the carpet in the hall next week, so please move all boxes out by Friday evening."

    assert shipped.insists(told)
    assert shipped.insists(b"\n\n".join([other] * 20 + [told] + [other] * 20))
    assert not shipped.insists(b"\n\n".join([other] * 20))
    assert not shipped.insists(b"fever, cough")


def test_a_line_that_is_no_weight_is_refused() -> None:
    """A detector with it is a mistake at load."""
    with pytest.raises(ValueError, match="invalid literal"):
        classifier_of(["fever 400"])


def test_single_words_between_figures_are_no_passage(shipped: Classifier) -> None:
    """They have neighbours by chance; a row with words beside each other is read."""
    words = b"we please hear for should paid has and regards on go to the it".split()
    table = b"".join(
        b"%d;%b;0.%04d\r\n" % (4477 * n % 99991, words[n % len(words)], 1237 * n % 9973) for n in range(400)
    )
    assert not list(shipped.passages(table))

    row = b"3;she has had a fever and a cough since her operation and cannot keep anything down;0.5\r\n"
    assert list(shipped.passages(table[:2000] + row + table[2000:]))
