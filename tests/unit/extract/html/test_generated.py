"""What a browser writes into a page by itself."""

import time
from collections.abc import Callable

import pytest

from gateway.core.limits import Limits
from gateway.core.message import OpaqueReason
from gateway.extract import extract
from gateway.extract.html import render
from gateway.extract.html.generated import written_out
from gateway.parse import parse

PAGES = [
    ("<style>i:before{content:'12'}</style>a<i>b</i>", "a12b"),
    ("<style>i::after{content:'1' \"2\"}</style>a<i>b</i>c", "ab12c"),
    ("<style>.x::before{content:attr(data-n)}</style>a<i class='y x' data-n=7>b</i>", "a7b"),
    ("<style>#x::before{content:'7'} i::before{content:'8'}</style><i id=x></i>", "87"),
    ("<style>:root{--n:'7'} i::before{content:var(--n) '-1'}</style><i></i>", "7-1"),
    ("<style>i{counter-reset:n 219}i::before{content:counter(n)}</style><i></i>", "219"),
    ("<style>i::before{content:'\\31 \\32'}</style><i></i>", "12"),
    ("<style>i::before{content:'1'} i::before{content:'2'}</style><i></i>", "2"),
    ("<style>q{quotes:'1' '2'}</style>a<q>b</q>c", "a1b2c"),
    ("<ol start=219><li>a<li>b</ol>", "219.a\n220.b"),
    ("<ul><li value=7>a</ul>", "7.a"),
    ("a<img alt='219-'><img alt=09>", "a219-09"),
    ("<style>b:nth-child(1):before{content:'1'}b:nth-child(2):before{content:'2'}</style><b></b><b></b><b></b>", "122"),
    ("<style>i{counter-increment:n}b:before{content:counter(n)}</style>" + "<i></i>" * 3 + "<b></b>", "3"),
    ("<style>b:before{content:counter(n,decimal-leading-zero)}</style><b style='counter-set:n 9'></b>", "09"),
    ("<style>@counter-style x{prefix:'A';suffix:'B';pad:3 '0'}ol{list-style:x}</style><ol start=7><li></ol>", "A007B"),
    ("<style>@counter-style x{symbols:'4' '5'}ol{list-style:x}</style><ol><li><li><li></ol>", "4\n5\n4"),
    ("<ol style='counter-reset:list-item 6'><li>a<li>b</ol>", "7.a\n8.b"),
    ("<style>.a{&::before{content:'1'}&::after{content:'2'}}</style><i class=a>-</i>", "1-2"),
    ("<style>i::before{content:'5'}.a+i::before{content:'1'}</style><b class=a></b><i></i><i></i>", "15"),
    ("<style>i.a.a::before{content:'1'}i::before{content:'2'}</style><i class=a></i>", "1"),
    ("<style>#x::before{content:'1'}.a.a::before{content:'2'!important}</style><i class=a id=x></i>", "2"),
    ("<style>@media print{i::before{content:'1'}}@media screen{i::before{content:'2'}}</style><i></i>", "2"),
    ("<style>@property --q{initial-value:'1'}i::before{content:var(--q) var(--r,'2')}</style><i></i>", "12"),
    ("<style>i::before{content:'1' / 'one'}</style><i></i>", "1"),
    (
        "<style>i{counter-increment:c 5}i+i{counter-increment:c -3}i::before{content:counter(c)}</style><i></i><i></i>",
        "52",
    ),
    (
        (
            "<style>@counter-style q{system:additive;additive-symbols:9 'b',1 'a'}i{counter-set:c 11}"
            "i::before{content:counter(c,q)'1'}</style><i></i>"
        ),
        "baa1",
    ),
    ("<style>@counter-style q{system:numeric;symbols:'x' '1'}ol{list-style:q}</style><ol start=5><li>a</ol>", "1x1a"),
    ("<input value=219>-<input placeholder=09><input type=checkbox value=1>", "219-09"),
    ("<svg><defs><text id=a>7</text></defs><use href='#a'/><use xlink:href='#a'/></svg>", "777"),
]


@pytest.mark.parametrize(("page", "said"), PAGES)
def test_a_page_says_what_it_writes_by_itself(page: str, said: str) -> None:
    """It is in a view of its own beside what stands in the page."""
    assert said in [view.text.strip() for view in render(page).others]


@pytest.mark.parametrize("page", ["<p>a</p>", "<style>i{color:red}</style><i>1</i>", "<ul><li>a</ul>", "<img alt='a'>"])
def test_a_page_that_writes_nothing_is_not_read_again(page: str) -> None:
    """Nearly every page is one."""
    assert written_out(page) == ()


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "<style>i{content:'1'}" + "a" * size,
        lambda size: "<style>i{content:'1'}" + "/*" * (size // 2),
        lambda size: "<style>i{content:'1'}x{" + 'a:"' * (size // 3),
        lambda size: "<style>i:before{content:'1' " + "var(--a)" * (size // 16) + "}</style>" + "<i>" * (size // 6),
        lambda size: "<style>i{content:'1'}</style>" + '<a "' * (size // 4),
        lambda size: "<style>" + "@counter-style x{}ol{list-style:x}" * 1_000 + "</style>" + "<ol>" * (size // 8),
        lambda size: "<style>" + "i{counter-reset:a 1}" * (size // 40) + "</style>" + "<i>" * (size // 6),
        lambda size: "<style>" + "i:nth-child(1):before{content:'1'}" * (size // 70) + "</style>" + "<i>" * (size // 6),
        lambda size: (
            "<style>@counter-style x{symbols:"
            + '"1" ' * (size // 8)
            + "}</style>"
            + "<ol style='list-style:x'>"
            + "<li>" * (size // 8)
        ),
        lambda size: (
            "<style>"
            + "".join(f"@counter-style x{n}{{}}" for n in range(50))
            + "".join(f"b{n} ol{{list-style-type:{'a ' * 400}}}" for n in range(100))
            + "</style>"
            + "<ol>" * (size // 8)
        ),
        lambda size: (
            "<style>:root{--a:"
            + "c 1 " * (size // 8)
            + "}</style>"
            + f"<i style='counter-reset:{'var(--a)' * 20}'>" * (size // 400)
        ),
        lambda size: "<style>i:before{content:'1'}b i i i i i i i:before{content:'2'}</style>" + "<i>" * (size // 3),
        lambda size: "<style>b~i:before{content:'1'}</style>" + "<i></i>" * (size // 7),
        lambda size: "<style>i:nth-last-of-type(2):before{content:'1'}</style>" + "<i></i>" * (size // 7),
        lambda size: "<style>i:before{content:'1'}" + "&&{" * (size // 3),
        lambda size: "<style>i:before{content:'1'}" + "i:is(" * (size // 5),
        lambda size: "<style>i:before{content:'1'}" + "i{" + "(" * size,
        lambda size: (
            "<style>i:before{content:'1'}"
            + "".join(f"i.a{n}:before{{content:'1'}}" for n in range(200))
            + "</style>"
            + "<i></i>" * (size // 20)
        ),
        lambda size: (
            "<style>:root{"
            + "".join(f"--a{n}:{f'var(--a{n + 1}) ' * 50};" for n in range(8))
            + "}i:before{content:var(--a0) '1'}</style>"
            + "<i>" * (size // 100)
        ),
        lambda size: "<style>i:before{content:'1'}</style>" + "<i style='counter-set:a 1'>" * (size // 40),
        lambda size: "<style>i:before{content:'1'}</style>" + "<i style='counter-set:a 1'>" * (size // 27),
    ],
)
def test_time_grows_with_the_length_alone(make: Callable[[int], str]) -> None:
    """Whoever writes a page cannot make it slow to read."""
    start = time.process_time()
    written_out(make(100_000))

    assert time.process_time() - start < 4


def test_a_page_that_writes_too_much_is_not_taken_for_read() -> None:
    """What lies behind is looked at by nobody, so that the part says so."""
    page = "<style>i::before{content:'0123456789'}</style>" + "<i></i>" * 30_000
    raw = f"Content-Type: text/html\r\n\r\n{page}\r\n".encode()

    assert [found.reason for found in extract(parse(raw, Limits()), Limits()).opaque] == [OpaqueReason.LIMIT_UNPACKED]
    assert not extract(parse(raw.replace(b"<i></i>" * 20_000, b""), Limits()), Limits()).opaque


def test_nor_is_one_that_stands_in_plain_text() -> None:
    """It is read as a page, too, and says so just as well."""
    page = "<html><style>i::before{content:'0123456789'}</style>" + "<i></i>" * 30_000
    raw = f"Content-Type: text/plain\r\n\r\n{page}\r\n".encode()

    assert extract(parse(raw, Limits()), Limits()).opaque


def test_a_page_that_counts_without_end_is_not_taken_for_read() -> None:
    """Each element may count on hundreds of counters, and its source has few letters."""
    counting = "counter-increment:" + " ".join(f"c{number} 1" for number in range(16))
    page = f"<style>i{{{counting}}}b::before{{content:counter(c1)}}</style>" + "<i>" * 70_000 + "<b>"

    assert any(written.cut for written in written_out(page))


def test_nor_is_one_whose_values_say_nothing_at_length() -> None:
    """Variables within variables, worked out anew at each element."""
    variables = f"--a:{'var(--b) ' * 100};--b:1"
    page = f"<style>:root{{{variables}}}i::before{{content:{'var(--a) ' * 100}}}</style>" + "<i>" * 70_000

    assert any(written.cut for written in written_out(page))


@pytest.mark.parametrize("selector", ["i " * 400 + "i", "i:not(" * 140 + "i" + ")" * 140])
def test_a_selector_that_nobody_can_compile_is_not_taken_for_read(selector: str) -> None:
    """The library makes an expression of Python out of it, which may be too deep."""
    page = f"<style>i::before{{content:'1'}}{selector}::before{{content:'2'}}</style><i>"

    assert any(written.cut for written in written_out(page))


@pytest.mark.parametrize(
    "style", ["i{width:%s}", "i{counter-set:x %s}", ":root{--x:%s}", "i:nth-child(%sn+1)::before{content:'2'}"]
)
def test_a_number_that_nobody_can_take_in_is_not_taken_for_read(style: str) -> None:
    """Python makes no number of so many digits, and the library lets it say so."""
    page = f"<style>i::before{{content:'1'}}{style % ('9' * 6_000)}</style><i>"

    assert any(written.cut for written in written_out(page))
