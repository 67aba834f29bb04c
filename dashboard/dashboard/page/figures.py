"""The Plotly figures of the page: the bars, the curves, and both as pictures to save.

They are made here so that Python tests can check them. The page gets them as JSON, and fills in data, size and the
number of ranks. The bars are one horizontal trace with a fixed number of slots. A tag has the same slot while it leads.
y is its rank, and x its share of the leader's posts. The axes do not change while bars move, so one `Plotly.animate`
moves length and rank together. The texts beside a bar are rows of the page, which move in the same time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

#: Numbers of bars that a viewer can choose, beside `TOP_N`.
SIZES = (10, 20)
TRANSITION_MS = 600
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'


@dataclass(frozen=True)
class Theme:
    """Colours of the charts, the same as in the page's style sheet.

    Graphics have a contrast of at least 3 to `page`, and texts of at least 4.5. `pins`: the colours of compared tags.
    Colour-blind viewers can distinguish them and `bar`: they differ in lightness and hue, and a test simulates it.
    """

    page: str
    ink: str
    muted: str
    line: str
    bar: str
    pins: tuple[str, str, str, str, str]


THEMES = {
    "light": Theme(
        page="#fbfbf9",
        ink="#10201d",
        muted="#56625f",
        line="#d9dedb",
        bar="#35a18d",
        pins=("#5a6ee0", "#9c2f00", "#4b0082", "#a58700", "#37474f"),
    ),
    "dark": Theme(
        page="#0e1413",
        ink="#f1f6f4",
        muted="#9aa9a5",
        line="#2a3634",
        bar="#2b8f7d",
        pins=("#5ccfff", "#e0692d", "#8f73dc", "#f2d024", "#d9e6dc"),
    ),
}


def layout(theme: Theme, **changes: Any) -> go.Layout:
    """The layout that bars and curves share, without grid and controls."""
    axis = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True, "ticks": ""}
    template = go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": theme.muted},
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "hovermode": False,
            "dragmode": False,
        }
    )
    return go.Layout(template=template, **changes)


def bars(top_n: int, theme: Theme) -> go.Figure:
    """The bars for `top_n` ranks, without data."""
    trace = go.Bar(
        orientation="h",
        x=[],
        y=[],
        marker={"color": theme.bar, "line": {"width": 0}},
        cliponaxis=True,
        hoverinfo="skip",
    )
    return go.Figure(
        trace,
        layout(
            theme,
            margin={"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
            xaxis={"range": [0, 1], "showticklabels": False},
            yaxis={"range": [top_n + 0.5, 0.5], "showticklabels": False},
        ),
    )


def lines(theme: Theme) -> go.Figure:
    """The chart of curves over time, without data. Its trace is the template of each curve.

    x is in milliseconds since 1970, and the page makes at most `nticks` ticks in local time. Plotly's date axis would
    run backwards at the end of summer time.
    """
    curve = go.Scatter(
        x=[], y=[], mode="lines+markers", line={"color": theme.bar, "width": 1.75}, connectgaps=False, hoverinfo="skip"
    )
    return go.Figure(
        curve,
        layout(
            theme,
            margin={"l": 40, "r": 12, "t": 8, "b": 28, "pad": 4},
            xaxis={"type": "linear", "tickmode": "array", "nticks": 5, "showgrid": False},
            yaxis={"rangemode": "tozero", "nticks": 4, "showgrid": True, "gridcolor": theme.line},
        ),
    )


def ranking_picture(theme: Theme) -> go.Figure:
    """The picture of the bars, with all texts, without data. `annotations`: the templates of each row's texts.

    For each row the page adds `meta.row_px` to the height. It adds the width of the longest tag, at most
    `meta.label_px`, to the left margin.
    """
    texts = [
        _row_text("rank", {"x": 0, "xanchor": "right", "xshift": -32}, theme.muted),
        _row_text("tag", {"x": 0, "xanchor": "left", "xshift": -16}, theme.ink, 600),
        _row_text("posts", {"x": 1, "xanchor": "right", "xshift": 104}, theme.ink, 600),
        _row_text("share", {"x": 1, "xanchor": "right", "xshift": 190}, theme.muted),
    ]
    picture = bars(0, theme)
    picture.update_traces(width=0.55)
    margin = {"l": 96, "r": 230, "t": 132, "b": 36}
    picture.update_layout(
        _heading(theme),
        height=margin["t"] + margin["b"],
        margin=margin,
        annotations=texts,
        meta={"row_px": 44, "label_px": 520},
    )
    return picture


def curves_picture(theme: Theme) -> go.Figure:
    """The picture of the curves: those of the window above, and those of the stored history below.

    The trace is the template of each curve. `annotations` are both headings and a note. If no legend is needed, the
    page subtracts `meta.legend_px` from the height and the upper margin.
    """
    picture = lines(theme)
    picture.update_traces(line_width=2.5)
    y_axis = picture.layout.yaxis
    picture.update_layout(
        _heading(theme),
        height=780,
        margin={"l": 96, "r": 40, "t": 230, "b": 92},
        font={"size": 15},
        xaxis={"domain": [0, 1], "anchor": "y", "nticks": 9},
        yaxis={"domain": [0.6, 1]},
        xaxis2={**picture.layout.xaxis.to_plotly_json(), "domain": [0, 1], "anchor": "y2", "nticks": 9},
        yaxis2={**y_axis.to_plotly_json(), "domain": [0, 0.4], "anchor": "x2"},
        annotations=[
            _note("window", 1, "bottom", 14, theme),
            _note("history", 0.4, "bottom", 14, theme),
            _note("gaps", 0, "top", -44, theme),
        ],
        legend={
            "orientation": "h",
            "xref": "container",
            "x": 0.025,
            "yref": "container",
            "y": 1 - 128 / 780,
            "yanchor": "top",
            "font": {"size": 18, "color": theme.ink},
        },
        meta={"legend_px": 52},
    )
    return picture


#: The width of a picture, before it is scaled.
PICTURE_PX = 1200


def _heading(theme: Theme) -> dict[str, Any]:
    """The parts that both pictures share: width, background, and the two lines of the heading."""
    return {
        "width": PICTURE_PX,
        "paper_bgcolor": theme.page,
        "title": {
            "text": "",
            "font": {"size": 34, "weight": 700, "color": theme.ink},
            "subtitle": {"text": "", "font": {"size": 18, "color": theme.muted}},
            "xref": "container",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "pad": {"l": 40, "t": 34},
        },
    }


def _row_text(name: str, place: dict[str, Any], colour: str, weight: int = 400) -> dict[str, Any]:
    font = {"size": 20, "color": colour, "weight": weight}
    lines_up = {"xref": "paper", "yref": "y", "yanchor": "middle", "showarrow": False}
    return {"name": name, "text": "", **lines_up, **place, "font": font}


def _note(name: str, y: float, anchor: str, shift: int, theme: Theme) -> dict[str, Any]:
    position = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": -56, "yref": "paper", "y": y, "yanchor": anchor}
    font = {"size": 16, "color": theme.muted}
    return {"name": name, "text": "", **position, "yshift": shift, "showarrow": False, "font": font}


# Slow to make, and the same for each app: a process that forks dashboards makes it once.
@cache
def figures(top_n: int) -> dict[str, Any]:
    """Everything that the page's scripts need, as plain JSON values: the charts of each theme, and sizes and times."""
    return {
        "top_n": top_n,
        "sizes": sorted({top_n, *SIZES}),
        "transition_ms": TRANSITION_MS,
        **{
            name: {
                "bars": json.loads(bars(top_n, theme).to_json()),
                "lines": json.loads(lines(theme).to_json()),
                "pins": list(theme.pins),
                "pictures": {
                    "ranking": json.loads(ranking_picture(theme).to_json()),
                    "curves": json.loads(curves_picture(theme).to_json()),
                },
            }
            for name, theme in THEMES.items()
        },
    }
