"""Numbers put together from several elements: how many ways are read."""

from gateway.extract.html import render

_KINDS = ("b", "i", "u", "tt", "em", "var", "kbd", "sub")


def test_ways_to_put_numbers_together_are_few_for_the_size_of_the_page() -> None:
    """A page of long lines with numbers in many elements says that it was not read in every way."""
    row = "".join(f"<{tag}>219-09-999{number} </{tag}>" for number, tag in enumerate(_KINDS))
    page = f"<p>{'y' * 10_000} {row}<s hidden>n</s></p>"

    few, many = render(page.replace("y" * 10_000, "y")), render(page * 12)

    assert not few.cut
    assert many.cut
    assert sum(len(view.text) for view in many.others) < 20 * len(page * 12) + 100_000


def test_ways_to_put_numbers_together_look_at_the_lines_they_change() -> None:
    """A line with fewer of them than another stands in as many views as it has."""
    few = "<p>LINE <b>219</b>-<b>09</b>-<i>9999</i></p>"
    many = "<p>" + "".join(f"<{tag}>21909</{tag}>" for tag in _KINDS) + "</p>"
    apart = "<p>y</p>" * 60

    views = [view.text for view in render(few + apart + many).others]

    assert 0 < sum("LINE" in view for view in views) < len(views)
