"""Formulas and formats of a sheet, and what a pivot table keeps."""

import datetime

import pytest

from gateway.core.message import OpaqueReason
from gateway.extract.formats.cellformat import form_of, show
from gateway.extract.formats.formula import of_open_document, solved
from tests.evasion.tricks.computed import open_sheet, words
from tests.makers.found import Attached
from tests.makers.office import cell, docx, sheet, xlsx

NUMBER = "219-09-9999"
EPOCH = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zone
CELLS = {("A", 1): "219", ("B", 1): "09", ("C", 1): "9999"}


def work_out(formula: str) -> str | None:
    return solved(formula, lambda sheet, column, row: {"": CELLS}[sheet].get((column, row), ""), {"area": "200+19"})


@pytest.mark.parametrize(
    "formula",
    [
        '"219"&"-09-"&9999',
        'A1&"-"&$B$1&"-"&C1',
        'CONCATENATE(A1,"-",B1,"-",C1)',
        '_xlfn.TEXTJOIN("-",TRUE(),A1:C1)'.replace("TRUE()", "1"),
        'TEXT(219099999,"000-00-0000")',
        'TEXT(219099000+3*333,"000\\-00\\-0000")',
        '("219" & "-09") & CHAR(45) & (10000-1)',
        "TRIM(A1)&UNICHAR(45)&CONCAT(B1,CHAR(45),C1)",
        'IF(A1="219",IFERROR(A1,0)&"-09-"&C1,"none")',
        'INDEX(A1:C1,1)&"-"&INDEX(A1:C1,1,2)&"-"&VLOOKUP("219",A1:C1,3)',
        'SWITCH(2,1,"no",2,A1,"other")&"-"&IFS(1>2,"no",TRUE,B1)&"-"&CHOOSE(2,"no",C1)',
        'TEXT(SUMPRODUCT({2,19},{100000000,1000000})+10^5-1,"000-00-0000")',
        'area&"-"&TEXT(9,"00")&"-"&FIXED(9999,0,TRUE)',
    ],
)
def test_a_formula_shows_what_it_works_out(formula: str) -> None:
    """Strings, numbers and cells joined, added and formatted."""
    assert work_out(formula) == NUMBER


@pytest.mark.parametrize(
    "formula",
    [
        "VLOOKUP(A1,B1:C9,2)",
        "1/0",
        "(-1)^0.5",
        "UNICHAR(55296)",
        "unheard",
        "INDEX(A1:C1,9)",
        "{" * 30 + "1" + "}" * 30,
        "T({" * 18 + "1" + "})" * 18 + "&1",
        '"219"&',
        "A1&Sheet2!B1",
        "1+",
        "(" * 50 + "1+1" + ")" * 50,
        '"a"+1',
        "A1:C1&1",
        "1&" * 300,
        "A1 B1",
    ],
)
def test_what_is_not_worked_out_is_left_to_its_value(formula: str) -> None:
    """Nothing is guessed, nothing raises."""
    assert work_out(formula) is None


def test_names_that_mean_one_another_come_to_an_end() -> None:
    """A workbook may name anything."""
    assert solved("a&1", lambda *_: "", {"a": "b&b", "b": "a&a"}) is None


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ('of:=[.A1]&"[.B1]"', 'A1&"[.B1]"'),
        ("oooc:=SUM([.A1:.B2];[$Other.C$3])", "SUM(A1:B2;Other!C$3)"),
        ("=1", "1"),
    ],
)
def test_a_formula_of_open_document_is_one_of_excel(written: str, plain: str) -> None:
    """Cells stand in brackets, strings as they are."""
    assert of_open_document(written) == plain


def test_a_formula_that_nobody_can_work_out_is_told(attached: Attached) -> None:
    """Where the sheet speaks of such a number and the file has no value for it; else it is one of many."""
    unknown = '<c r="B1"><f>WEBSERVICE("x")</f></c>'
    reasons = [
        attached(xlsx([sheet([cell("A1", label) + unknown.replace("</c>", value)])])).reasons
        for label, value in (("SSN", "</c>"), ("SSN", "<v>1</v></c>"), ("Weather", "</c>"))
    ]

    assert reasons == [[OpaqueReason.READERS_DISAGREE], [], []]


def test_a_formula_shared_by_cells_that_move_is_told(attached: Attached) -> None:
    """What it means at another cell is another formula."""
    first = '<c r="B1"><f t="shared" si="0">A1&amp;1</f><v>1</v></c>'
    found = attached(xlsx([sheet([cell("A1", "SSN") + first + '<c r="B2"><f t="shared" si="0"/></c>'])]))

    assert found.reasons == [OpaqueReason.READERS_DISAGREE]


def test_a_repeated_cell_of_open_document_is_told_so_often(attached: Attached) -> None:
    """A short one, which may be a piece of a number; a million of them no more than some."""
    cells = "".join(map(words, "2190")) + words("9", 'table:number-columns-repeated="1000000"')
    found = attached(open_sheet(cells * 50))

    assert "2\t1\t9\t0\t9\t9\t9\t9\t9" in found.text
    assert len(found.text) < 20_000


def test_a_huge_range_is_not_worked_out() -> None:
    """A formula of a few letters may not cost more than its file."""
    assert work_out("CONCAT(A1:ZZZ9999999)&1") is None


def test_a_formula_is_read_beside_its_label(attached: Attached) -> None:
    """Its row is read again as the program shows it, under the headings of the sheet."""
    rows = [cell("A1", "Name") + cell("B1", "SSN"), cell("A2", "Ann") + '<c r="B2"><f>219099998+1</f><v>3</v></c>']
    found = attached(xlsx([sheet(rows)]))

    assert "SSN: 219099999" in found.text


def test_a_formula_whose_value_is_kept_adds_nothing(attached: Attached) -> None:
    """Sheets are full of them."""
    found = attached(xlsx([sheet(['<c r="A1" t="str"><f>"order "&amp;4711</f><v>order 4711</v></c>'])]))

    assert found.text.count("order 4711") == 1


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ('"219-09-9999"', "1", "219-09-9999"),
        (r"\2\1\9\-00\-0000", "99999", "219-09-9999"),
        ('"219-"00-0000', "99999", "219-09-9999"),
        ('"219-"@', "09-9999", "219-09-9999"),
        ('0;"A 1"', "-1", "A 1 -1"),
        ('0;0;"none of 12"', "0", "none of 12 0"),
        ('#,##0.00" m2"', "12.5", "12.5 m2"),
        ("000-00-0000", "19099999", "019-09-9999"),
        ("[Red]0", "7", "7"),
        ("219-00-0000", "99999", "219-09-9999"),
        ("[$219-]-00-0000", "99999", "219-09-9999"),
        ("[$-409]0", "9", "9"),
        ("# ?/16", "5", "5"),
        ('[<100]0;"219-09-"0', "9999", "219-09-9999"),
        ('General"-09-9999"', "219", "219-09-9999"),
        ("000-00-0000,", "219099999000", "219-09-9999 219099999000"),
        ("0,", "5000", "5000"),
        ("0.00%", "0.25", "0.25"),
        ("000-00-0000%", "2190999.99", "219-09-9999"),
        ('"219-0"d"-9999"', "45025", "219-09-9999 45025"),
        ('"A 1 "yyyy"-"mm', "45000", "A 1 2023-03 45000"),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(code: str, value: str, shown: str) -> None:
    """With the value beside it where the format has no place for it."""
    assert show(value, form_of("", code), EPOCH) == shown


@pytest.mark.parametrize("code", ['"', "\\", '"1', '"1"' * 5_000, ";;;" + '"1"', '"1";' * 1_000, "0" * 9_000 + '"1"'])
def test_no_format_is_too_odd(code: str) -> None:
    """A format is written by anybody."""
    assert isinstance(show("5", form_of("", code), EPOCH), str)


def test_rows_that_a_pivot_table_keeps_have_their_headings(attached: Attached) -> None:
    """No sheet has them any more."""
    fields = (
        '<cacheField name="Name"/><cacheField name="SSN"><sharedItems><n v="219099999"/></sharedItems></cacheField>'
    )
    found = attached(
        docx(
            "",
            xl__a_xml=f"<pivotCacheDefinition><cacheFields>{fields}</cacheFields></pivotCacheDefinition>",
            xl__b_xml='<pivotCacheRecords><r><s v="Ann"/><x v="0"/></r><r><s v="B"/><x v="9"/></r></pivotCacheRecords>',
        )
    )

    assert "SSN: 219099999" in found.text
    assert found.reasons == []


def test_calls_in_calls_are_read_once() -> None:
    """Twice each would be a million times for twenty of them."""
    assert work_out("T(" * 18 + "9999" + ")&1" * 18) == "9999" + "1" * 18


@pytest.mark.parametrize(
    "formula",
    [
        'SUBSTITUTE(REPT("1",400),"1",REPT("2",400))',
        'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(REPT("1",400),"1",REPT("2",80)),"2",REPT("3",400)),"3",REPT("4",400))',
        "&".join(['REPT("1",400)'] * 20 + ["D1"]),
    ],
)
def test_a_formula_makes_no_more_than_a_cell_takes(formula: str) -> None:
    """Not a thousand times more from one to the next."""
    assert solved(formula, lambda _, column, row: "9" * 32_000) is None


def test_cells_that_double_one_another_come_to_an_end(attached: Attached) -> None:
    """Each twice the one above."""
    rows = [cell("A1", "12345678", "str"), *(f'<c r="A{n}"><f>A{n - 1}&amp;A{n - 1}</f></c>' for n in range(2, 60))]
    found = attached(xlsx([sheet([f'<row r="{n}">{row}</row>' for n, row in enumerate(rows, 1)])]))

    assert len(found.text) < 1_000_000


def test_rows_of_one_number_are_both_read(attached: Attached) -> None:
    """A file may have two, the later of which is shorter."""
    first = f'{cell("A1", "SSN")}<c r="F1"><f>"219-09-"&amp;9999</f><v>1</v></c>'
    rows = f'<row r="1">{first}</row><row r="1">{cell("A1", "more")}</row>'
    found = attached(xlsx([sheet([rows])]))

    assert (found.reasons, NUMBER in found.text) == ([], True)


def test_a_long_format_is_no_text_of_each_cell() -> None:
    """No program takes one of more than 255 characters."""
    assert form_of("200", "\\1" * 1_000) == ""


def test_digits_of_a_format_take_no_number_away() -> None:
    """The cell shows ten digits, a click on it the nine that it holds."""
    assert show("219099999", form_of("200", '"1"0'), EPOCH).split() == ["1219099999", "219099999"]


def test_sheets_fetch_from_sheets_that_follow(attached: Attached) -> None:
    """Once all are read; from one that the workbook does not have, nothing."""
    rows = [f'{cell("A1", "SSN")}<c r="B1"><f>S2!A1&amp;"-09-9999"</f></c>']
    with_it = attached(xlsx([sheet(rows), sheet([cell("A1", "219")])]))
    without = attached(xlsx([sheet(rows)]))

    assert (NUMBER in with_it.text, with_it.reasons) == (True, [])
    assert (NUMBER in without.text, without.reasons) == (False, [OpaqueReason.READERS_DISAGREE])


def test_formulas_that_show_a_library_are_told(attached: Attached) -> None:
    """Thousands of cells, each with as much as it takes."""
    long = "&amp;".join(['REPT("1234567890",400)'] * 30)
    rows = [cell("A1", "SSN"), *(f'<c r="A{n}"><f>{long}</f></c>' for n in range(2, 500))]
    found = attached(xlsx([sheet(rows)]))

    assert found.reasons == [OpaqueReason.READERS_DISAGREE]
    assert len(found.text) < 5_000_000


def test_a_sheet_that_nobody_filled_in_is_read(attached: Attached) -> None:
    """A product, a sum or a mean of empty cells: a form that many send."""
    formulas = ("PRODUCT(B1:B5)", "SUM()", "SUMPRODUCT()", "SUM(B5:B1)", "AVERAGE(B1:B5)", "MAX(B1:B5)")
    rows = [cell("A1", "Total"), *(f'<c r="A{n}"><f>{one}</f></c>' for n, one in enumerate(formulas, 2))]
    found = attached(xlsx([sheet(rows)]))

    assert found.reasons == []
    assert [solved(one, lambda *_: "", kept=False) for one in formulas[:3]] == ["1", "0", "0"]


@pytest.mark.parametrize("value", ["1e400", "1e308", "-1e400", "nan"])
def test_a_number_beyond_all_numbers_stays_as_it_is(value: str) -> None:
    """In a format that shows it a hundredfold."""
    assert show(value, form_of("9", ""), EPOCH) == value


def test_a_function_is_not_given_a_library() -> None:
    """A range may have the longest value a thousand times, and a sheet thousands of such ranges."""
    assert solved("CONCAT(A1:A1000)", lambda *_: "1" * 32_000, kept=False) is None
    assert solved("LEN(LEFT(A1,20000)&LEFT(A2,9))", lambda *_: "1" * 32_000, kept=False) == "20009"


@pytest.mark.parametrize(
    ("formula", "reasons"),
    [
        ("COUNTA(B2:B5000)", []),
        ('COUNTIFS(B2:B9,"x",C2:C9,"&gt;5")', []),
        ("TODAY()", []),
        ('COUNTA(B2:B5000)&amp;"-09-9999"', [OpaqueReason.READERS_DISAGREE]),
        ("VLOOKUP(B2,C:D,2)", [OpaqueReason.READERS_DISAGREE]),
    ],
)
def test_a_form_with_a_count_that_nobody_worked_out_is_read(
    attached: Attached, formula: str, reasons: list[OpaqueReason]
) -> None:
    """A program that writes sheets leaves it to the one that shows them."""
    found = attached(xlsx([sheet([cell("A1", "Patient") + cell("B1", "MRN"), f'<c r="A2"><f>{formula}</f></c>'])]))

    assert found.reasons == reasons


@pytest.mark.parametrize(
    ("value", "number", "code"),
    [
        ("219099999", "9", ""),
        ("2190999990000", "", "0.00%"),
        ("4111111111111111", "", "0,"),
        ("219-09-9999", "200", '"1"@'),
        ("219099999", "200", 'General"1"'),
    ],
)
def test_what_a_click_on_a_cell_shows_is_read_whatever_its_format(value: str, number: str, code: str) -> None:
    """A percent sign or a factor makes another number of it, and words of the format go on from its digits."""
    assert value in show(value, form_of(number, code), EPOCH).split()
