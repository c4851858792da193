"""gateway.console.charts"""

from gateway.console.charts import HALF_A_LABEL, stacked


def test_the_newest_day_and_the_scale_stand_at_the_right() -> None:
    """A telephone shows that end of the chart first; no label reaches over the edge."""
    chart = stacked([(f"{day} Nov", (day, 0, 1)) for day in range(1, 31)], ("held", "refused", "protected"))

    assert chart.labels[-1][1] == "30 Nov"
    assert all(HALF_A_LABEL <= x <= chart.width - HALF_A_LABEL for x, _ in chart.labels)
    assert max(bar.x + bar.width for bar in chart.bars) <= chart.right < chart.width
    assert [label for _, label in chart.lines] == ["0", "20", "40"]


def test_a_chart_of_no_days_is_an_empty_one() -> None:
    """As after an installation."""
    chart = stacked([], ())

    assert (chart.bars, chart.labels) == ((), ())
