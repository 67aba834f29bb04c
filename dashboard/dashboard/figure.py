"""The chart: one horizontal Plotly bar trace whose bars glide.

Built here so that it is tested here; the page gets it as JSON and only updates x, y and text of the one trace.
The technique: a fixed number of slots. A tag keeps its slot while it leads; y is its rank and x its share of the
leader's posts on axes that never change, so that one `Plotly.animate` moves length, rank and label together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

PARKED_RANK = 22.0
"""Where an empty slot waits, below all that can be seen (20 bars at most)."""
BAR_WIDTH = 0.8
TRANSITION_MS = 600
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'


@dataclass(frozen=True)
class Theme:
    """Colours of the chart. A label runs over its bar and, where the bar is short, over the page: it reads on both
    (contrast 4.5 or more), and the bar stands out from the page (3 or more).
    """

    page: str
    ink: str
    muted: str
    bar: str


THEMES = {
    "light": Theme(page="#fbfbf9", ink="#10201d", muted="#56625f", bar="#35a18d"),
    "dark": Theme(page="#0e1413", ink="#f1f6f4", muted="#9aa9a5", bar="#1f7a6b"),
}


def slot_count(top_n: int) -> int:
    """Slots for `top_n` bars: all may leave while as many others enter, and none is used twice in one update."""
    return 2 * max(top_n, 10)


def template(theme: Theme) -> go.layout.Template:
    """The look, apart from what is shown."""
    axis = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True, "ticks": ""}
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 16, "color": theme.ink},
            "xaxis": {**axis, "showticklabels": False},
            "yaxis": {**axis, "tickfont": {"color": theme.muted}},
            "showlegend": False,
            "hovermode": False,
            "dragmode": False,
        }
    )


def figure(top_n: int, theme: Theme) -> go.Figure:
    """The chart with every slot empty."""
    slots = slot_count(top_n)
    bars = go.Bar(
        orientation="h",
        x=[0] * slots,
        y=[PARKED_RANK] * slots,
        text=[""] * slots,
        width=BAR_WIDTH,
        marker={"color": theme.bar, "line": {"width": 0}},
        textposition="inside",
        insidetextanchor="start",
        constraintext="none",
        textangle=0,
        cliponaxis=True,
        insidetextfont={"color": theme.ink, "weight": 600},
        hoverinfo="skip",
    )
    layout = go.Layout(
        template=template(theme),
        margin={"l": 40, "r": 0, "t": 0, "b": 0, "pad": 8},
        xaxis={"range": [0, 1]},
        yaxis={"range": [top_n + 0.5, 0.5], "tickmode": "array", "tickvals": []},
    )
    return go.Figure(bars, layout)


def figures(top_n: int) -> dict[str, Any]:
    """All that the page's script needs, as plain JSON values: the figure of each theme and how to move it."""
    return {
        "top_n": top_n,
        "parked_rank": PARKED_RANK,
        "transition_ms": TRANSITION_MS,
        **{name: json.loads(figure(top_n, theme).to_json()) for name, theme in THEMES.items()},
    }
