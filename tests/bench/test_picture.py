from pathlib import Path

from bench.finding import Finding
from bench.spread import Spread

from bench import picture

FINDINGS = [
    Finding("this project: 1,000 posts at once", "s", Spread(0.5, 0.4, 0.6), samples=[1000, 0.5]),
    Finding("this project: 10,000 posts at once", "s", Spread(1, 1, 1), samples=[10_000, 1]),
    Finding("A: DStream: 1,000 posts at once", "s", Spread(2, 2, 2), samples=[1000, 2]),
]


def test_a_way_is_a_line_in_both_panels() -> None:
    figure = picture.figure_of(FINDINGS)
    lines = [(line.name, list(line.x), list(line.y)) for line in figure.data]
    assert lines == [
        ("this project", [1000, 10_000], [2000, 10_000]),
        ("this project", [1000, 10_000], [0.5, 1]),
        ("A: DStream", [1000], [500]),
        ("A: DStream", [1000], [2]),
    ]


def test_the_page_has_a_plotly_to_draw_with() -> None:
    assert Path(picture.PLOTLY).is_file()
