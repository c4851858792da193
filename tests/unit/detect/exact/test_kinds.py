"""What is left of a value when everything is gone that people write differently."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.exact.days import Order, days_of, orders_shown
from gateway.detect.exact.kinds import Kind, Ways, forms, pairs_of

US = Ways()
UK = Ways(Order.DAY_FIRST, "44")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.NAME, "O'Brien", "OBRIEN"),
        (Kind.NAME, "O\u2019Brien", "o'brien"),
        (Kind.NAME, "Smith-Jones", "Smith Jones"),
        (Kind.NAME, "Müller", "MULLER"),
        (Kind.NAME, "Müller", "Mueller"),
        (Kind.NAME, "de la Cruz", "Cruz"),
        (Kind.NAME, "Mc Donald", "McDonald"),
        (Kind.NAME, "Łukasz", "lukasz"),
        (Kind.NAME, "Sørensen", "Sorensen"),
        (Kind.NAME, "King Jr.", "King"),
        (Kind.NAMES, "Smith, John A.", "john smith"),
        (Kind.NAMES, "Dr. Ana de la Cruz", "Cruz Ana"),
        (Kind.DATE, "1984-03-01", "3/1/1984"),
        (Kind.DATE, "1984-03-01T00:00:00", "01-Mar-1984"),
        (Kind.DATE, "19840301", "March 1st, 1984"),
        (Kind.DATE, "03/01/84", "1 March 1984"),
        (Kind.ID, "MRN-00123456", "123456"),
        (Kind.ID, "123-45-6789", "123 45 6789"),
        (Kind.ID, "a12 345", "A12345"),
        (Kind.PHONE, "(555) 010-4477", "+1 555.010.4477"),
        (Kind.EMAIL, " Ana@Mail.example ", "ana@mail.example"),
        (Kind.STREET, "12 N. Main St., Apt 4", "12 North Main Street"),
        (Kind.ZIP, "12345-6789", "12345"),
        (Kind.WORDS, "New  York", "NEW YORK"),
    ],
)
def test_values_that_people_take_for_the_same_share_a_form(kind: Kind, one: str, other: str) -> None:
    """Case, accents, punctuation, spacing, order and abbreviations say nothing."""
    assert forms(kind, one, US) & forms(kind, other, US)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.NAME, "Smith", "Smythe"),
        (Kind.NAMES, "John Smith", "Ann Smith"),
        (Kind.DATE, "1984-03-01", "1984-01-03"),
        (Kind.ID, "123456", "1234560"),
        (Kind.STREET, "12 Main St", "21 Main St"),
        (Kind.STREET, "12 Main St", "12 Oak St"),
    ],
)
def test_other_values_share_none(kind: Kind, one: str, other: str) -> None:
    """What differs in a letter, a digit or a word is another value."""
    assert not forms(kind, one, US) & forms(kind, other, US)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.NAME, "-"),
        (Kind.NAME, "A."),
        (Kind.DATE, "unknown"),
        (Kind.DATE, "1984-02-30"),
        (Kind.DATE, "0000-00-00"),
        (Kind.ID, "n/a"),
        (Kind.ID, "007"),
        (Kind.PHONE, "none"),
        (Kind.EMAIL, "no mail"),
        (Kind.STREET, "PO Box"),
        (Kind.ZIP, "1234"),
    ],
)
def test_a_value_that_tells_nobody_apart_has_no_form(kind: Kind, value: str) -> None:
    """It would be met in every mail, or is what people write for nothing."""
    assert forms(kind, value, US) == frozenset()


def test_telephone_numbers_of_another_country_are_of_its_plan() -> None:
    """The national zero goes, the country's code comes."""
    assert forms(Kind.PHONE, "020 7946 0018", UK) == forms(Kind.PHONE, "+44 20 7946 0018", US) == {"442079460018"}


def test_order_of_dates_is_that_of_the_list() -> None:
    """The same digits are two days."""
    assert days_of("03/04/1984", Order.MONTH_FIRST) == {"19840304"}
    assert days_of("03/04/1984", Order.DAY_FIRST) == {"19840403"}
    assert days_of("03/04/1984", Order.EITHER) == {"19840304", "19840403"}


def test_order_shows_where_one_number_is_no_month() -> None:
    """Counted: month first, day first, both ways; a date that begins with its year shows nothing."""
    assert orders_shown(["12/31/1990", "31/12/1990", "03/04/1984", "03/03/1984", "1990-12-31", "x"]) == (1, 1, 1)


def test_whole_names_come_from_their_halves() -> None:
    """Each given name with the family name, in no order."""
    assert pairs_of("Ana María", "de la Cruz") >= {"ana cruz", "cruz maria"}


@given(st.text(max_size=40), st.sampled_from(Kind))
def test_forms_of_any_text_are_of_themselves(value: str, kind: Kind) -> None:
    """Nothing raises, and a form has no capital, no accent and no outer space."""
    for form in forms(kind, value, US):
        assert form
        assert form == form.strip() == form.casefold()


@given(st.from_regex(r"[A-Z][a-z]{2,10}", fullmatch=True), st.sampled_from(["upper", "lower", "title", "swapcase"]))
def test_case_of_a_name_says_nothing(name: str, change: str) -> None:
    """For every name of plain letters."""
    assert forms(Kind.NAME, getattr(name, change)(), US) == forms(Kind.NAME, name, US)


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2029, 12, 31)))
def test_a_day_is_one_day_however_it_is_written(day: date) -> None:
    """All formats of one to one form."""
    wanted = f"{day:%Y%m%d}"
    for shape in ("%Y-%m-%d", "%m/%d/%Y", "%d %B %Y", "%b %d, %Y", "%Y%m%d", "%m-%d-%y", "%d-%b-%Y", "%Y/%m/%d"):
        assert wanted in days_of(day.strftime(shape), Order.MONTH_FIRST)
