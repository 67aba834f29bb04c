"""The charts: one horizontal Plotly bar trace whose bars glide, the curves of single tags, and both to be saved.

Built here so that it is tested here; the page gets them as JSON and only fills in data, size and the number of ranks.
The technique of the bars: a fixed number of slots. A tag keeps its slot while it leads; y is its rank and x its share
of the leader's posts on axes that do not change while bars move, so that one `Plotly.animate` moves length and rank
together. What is told of a tag stands beside its bar in the page's own rows, which glide in the same time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

#: Bars that a reader can choose, beside the number that is set.
SIZES = (10, 20)
TRANSITION_MS = 600
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'


@dataclass(frozen=True)
class Theme:
    """Colours of the charts, the same as in the page's style sheet. What stands out from `page` has a contrast of 3 or
    more; what is read, 4.5. `pins`: colours of tags that are compared. They and `bar` are told apart by colour-blind
    readers too: a test sees them as those do, which is why they differ in lightness as well as in hue.
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
    """What bars and curves have in common: nothing but what is shown."""
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
    """The chart of `top_n` ranks, without a slot."""
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
    """Curves over time, without one; the trace is the pattern of each. x is in real milliseconds, and the page makes at
    most `nticks` ticks of the reader's clock: Plotly's axis of dates would run back where summer time ends.
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
    """The bars to save, with all texts in them. Without a row; `annotations` are the patterns of each row's texts.

    The page adds `meta.row_px` to the height for each row, and the width of the longest tag, `meta.label_px` at most,
    to the left margin and to what stands left of the bars.
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
    """The curves to save: those of the window above, those of all that is kept below; the trace is the pattern of each.

    `annotations` are the headings of both and a note. Where no legend is needed the page takes `meta.legend_px` away
    from the height and the upper margin.
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


#: Width of what is saved, before it is scaled.
PICTURE_PX = 1200


def _heading(theme: Theme) -> dict[str, Any]:
    """What both pictures have: width, background, and the two lines of the heading."""
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
    stands = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": -56, "yref": "paper", "y": y, "yanchor": anchor}
    font = {"size": 16, "color": theme.muted}
    return {"name": name, "text": "", **stands, "yshift": shift, "showarrow": False, "font": font}


def figures(top_n: int) -> dict[str, Any]:
    """All that the page's script needs, as plain JSON values: the charts of each theme and how to move them."""
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
