"""The bars of the lessons."""

from hashtags.spark.bars import Bars


def test_bars_have_the_given_order_their_numbers_and_no_markup_of_others() -> None:
    shown: list[str] = []
    bars = Bars("Top <2>", shown.append)
    bars.draw([("WorldCup", 1200), ("<b>", 600)], "3 panes")
    assert "<b>Top &lt;2&gt;</b> 3 panes" in shown[0]
    assert shown[0].index("#WorldCup") < shown[0].index("#&lt;b&gt;")
    assert "width:85.0%" in shown[0]
    assert "width:42.5%" in shown[0]
    assert "1,200" in shown[0]


def test_without_posts_there_are_no_bars() -> None:
    shown: list[str] = []
    Bars("Top 10", shown.append).draw([])
    assert "<tr>" not in shown[0]


def test_without_a_notebook_nothing_is_shown() -> None:
    Bars("Top 10").draw([("WorldCup", 1)])
