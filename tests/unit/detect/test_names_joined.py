"""The rest of a name that was marked in part, and what beside a name is no part of it."""

import pytest

from gateway.detect.names import joined

GIVEN = frozenset({"jane", "anna", "maria"})
NEVER = frozenset({"please"})


@pytest.mark.parametrize(
    "text",
    [
        "chair 5: [Doe], J.T.: pressures up",
        "1  [Doe] K   first dose",
        "a seizure in 4B: [Jane] R. was seen",
        "claim 12 [DOE],J  filed late",
        "[Doe], Jane (4402) wound",
        "Dependent: [DOE]*JANE*Q\nactive",
        "3 [Doe], Quill** 62M",
        "for T. [Doe], by phone",
        "S-103 L. [Doe] on trial",
        "T. [Doe]",
        "Wm. [Doe] again",
        "this is [Doe] comma Jane spelled",
        'seen: [Jane] "JD" Doe today',
        "see you then - [jane] d",
        "[Doe, Jane] M.\nseen",
        "Baby Girl [Doe], born today",
        "[DOE ROE], J. JANE, 58M",
        "for Per-[Olof Doe], seen",
        "for [Doe]-Roe today",
        "for Jane de la [Roe]",
        "for [Jane] van der Roe",
    ],
)
def test_what_is_written_beside_a_word_of_a_name_is_part_of_it(text: str) -> None:
    """The whole name is found: what is left when the marked word is taken out is no part of the sentence."""
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")

    low, high = joined.whole(plain, start, end, GIVEN, NEVER)

    assert plain[low:high] in {
        "Doe, J.T.", "Doe K", "Jane R.", "DOE,J", "Doe, Jane", "DOE*JANE*Q", "Doe, Quill", "T. Doe", "L. Doe",
        "Wm. Doe", "Doe comma Jane", 'Jane "JD" Doe', "jane d", "Doe, Jane M.", "Baby Girl Doe", "DOE ROE, J. JANE",
        "Per-Olof Doe", "Doe-Roe", "Jane de la Roe", "Jane van der Roe",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[Doe] R knee",  # right
        "[Doe] K 2.8, mag 1.2",  # potassium
        "[Doe] M 45",  # sex and age
        "[Doe], D/C today",
        "[Doe] C section",
        "hepatitis C. [Doe] came",
        "[Maria], Anna and Bo",  # three people
        "[Austin], TX 78701",
        "[Doe], Please call",
        "[Doe], Apt. 4",
        "[Doe], I am late",
        "[Doe], CLINIC",
        "[Ann Doe], Cardiology",
        "[Doe]. A nurse came",
        "the [Doe] family",
    ],
)
def test_what_only_stands_beside_a_name_is_no_part_of_it(text: str) -> None:
    """A side, a result, a sex, a state, the end of another sentence."""
    start, end = text.index("["), text.index("]") - 1

    assert joined.whole(text.replace("[", "").replace("]", ""), start, end, GIVEN, NEVER) == (start, end)
