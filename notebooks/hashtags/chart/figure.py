"""The Plotly figure of the bars, and how it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from hashtags.chart.bars import Bars

ROW_PX, MARGIN_PX = 34, 104
#: Without buttons of Plotly on it, and as wide as the notebook.
CONFIG = {"displayModeBar": False, "responsive": True}
#: Room for the hashtags. Only a longer one makes more, so the bars begin at the same place most of the time.
LABELS_PX = 190
INK, FAINT, WARNING = "#1f2328", "#e6e8eb", "#b42318"


def new_figure(bars: Bars, by: str, make: Any = go.Figure) -> Any:
    """A figure of the bars.

    Args:
        bars: What it shows first.
        by: What the lengths are, such as `posts`.
        make: The class of the figure.

    """
    ranks = list(range(1, len(bars.lengths) + 1))
    trace = go.Bar(
        orientation="h",
        y=ranks,
        hovertemplate="%{customdata}<extra></extra>",
        textposition="outside",
        cliponaxis=False,
        width=0.78,
    )
    layout = go.Layout(
        template="plotly_white",
        height=MARGIN_PX + ROW_PX * len(ranks),
        margin={"l": LABELS_PX, "r": 56, "t": 60, "b": 44},
        font={"size": 14, "color": INK},
        title={"x": 0, "xref": "container", "pad": {"l": 12}, "font": {"size": 16}},
        xaxis={"title": {"text": by}, "gridcolor": FAINT, "fixedrange": True, "rangemode": "tozero"},
        # The first rank is at the top. The labels are texts at fixed places, so no hashtag makes the axis new.
        yaxis={
            "range": [len(ranks) + 0.5, 0.5],
            "tickvals": ranks,
            "automargin": True,
            "fixedrange": True,
            "ticks": "",
            "showgrid": False,
        },
        showlegend=False,
        autosize=True,
    )
    figure = make(data=[trace], layout=layout)
    draw(figure, bars, None)
    return figure


def draw(figure: Any, bars: Bars, trouble: str | None) -> None:
    """Change the figure to these bars.

    Args:
        figure: A figure of `new_figure` with as many rows.
        bars: What it shows.
        trouble: Why the numbers are old, as one sentence, or None.

    """
    (trace,) = figure.data
    trace.x = bars.lengths
    trace.text = bars.texts
    trace.customdata = bars.hovers
    trace.marker.color = bars.colours
    figure.layout.xaxis.range = (0, bars.end)
    figure.layout.yaxis.ticktext = bars.labels
    warning = "" if trouble is None else f"<br><span style='color:{WARNING};font-size:13px'>{trouble}</span>"
    figure.layout.title.text = bars.title + warning
