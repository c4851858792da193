"""Whether a whole message is about work: judged as a whole, and piece by piece."""

from gateway.detect.care.classifier import Classifier, classifier_of
from gateway.detect.care.messages import READ, is_of_work

MINUTES = (
    b"Minutes of the safety committee. Present: Rudy Marsh, Dr. Elspeth Nwachukwu. Two needle sticks in October, both "
    b"with butterfly needles; safer ones are on trial. The vendor ships a new model in January, and training is on "
    b"the calendar. Falls and pressure ulcers are below the goal. The policy on restraints goes to the board.\n\n"
)
TOLD = (
    b"Thelma Ogletree in room 4 fell last night, she hit her head and her blood pressure is low. Her daughter wants "
    b"to know if we will keep her on the blood thinner.\n\n"
)


def test_minutes_full_of_words_of_care_are_about_work(shipped: Classifier) -> None:
    assert is_of_work(shipped, [b"Minutes", MINUTES])


def test_what_is_told_of_a_patient_is_not(shipped: Classifier) -> None:
    assert not is_of_work(shipped, [b"", TOLD])


def test_a_paragraph_about_a_patient_among_much_of_work_counts(shipped: Classifier) -> None:
    """As a whole the text reads as work still."""
    text = 4 * MINUTES + TOLD + 4 * MINUTES

    assert shipped.score(text) < shipped.score(TOLD)
    assert not is_of_work(shipped, [text])


def test_so_does_another_text_of_the_message(shipped: Classifier) -> None:
    assert not is_of_work(shipped, [MINUTES, TOLD])


def test_too_few_known_words_tell_nothing(shipped: Classifier) -> None:
    assert not is_of_work(shipped, [b"invoice attached, thanks"])
    assert not is_of_work(shipped, [])


def test_a_long_message_is_not_judged(shipped: Classifier) -> None:
    assert not is_of_work(shipped, [MINUTES * (READ // len(MINUTES) + 1)])


def test_eight_known_words_are_enough_and_seven_are_not() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    judge = classifier_of(["-500", *(f"-1 {word}" for word in words)])

    assert is_of_work(judge, [" ".join(words).encode()])
    assert not is_of_work(judge, [" ".join(words[:7]).encode()])
