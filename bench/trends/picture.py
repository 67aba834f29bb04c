"""Precision against recall of each method at all of its thresholds, and what is found of each kind of rise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plotly.graph_objects import Bar, Figure, Scatter  # type: ignore[import-untyped]
from plotly.subplots import make_subplots  # type: ignore[import-untyped]

from bench.picture import ROOT, STYLES, save
from bench.trends.marks import Marks
from bench.trends.measuring import OURS
from bench.trends.methods import GNIP, MASTODON, SIGNITREND, best
from bench.trends.results import Results

PICTURE = ROOT / "docs" / "images" / "trends.png"
WIDTH, HEIGHT = 1200, 480
METHODS = (OURS, MASTODON, GNIP, SIGNITREND)


def draw(results: Results, path: Path = PICTURE) -> None:
    """Draw the marks of all seeds together."""
    save(figure_of(results.together()), path, (WIDTH, HEIGHT))


def figure_of(marks: Mapping[str, Marks]) -> Figure:
    """Two panels: a line for each method, and bars for each kind of rise."""
    figure = make_subplots(
        cols=2,
        column_widths=[0.38, 0.62],
        subplot_titles=("precision against recall, at all thresholds", "part of each kind of rise that is found"),
    )
    kinds = sorted({kind for kind, _ in marks[OURS].delays_ms} | set(marks[OURS].missed))
    for method, (colour, dash) in zip(METHODS, STYLES, strict=True):
        chosen = best(marks, method)
        setting = chosen.rpartition(", threshold")[0] or chosen
        names = sorted((name for name in marks if name.startswith(setting) and marks[name].right), key=_threshold)
        points = [(marks[name].recall, marks[name].precision) for name in names]
        common: dict[str, Any] = {"name": method, "legendgroup": method}
        figure.add_trace(
            Scatter(
                x=[x for x, _ in points],
                y=[y for _, y in points],
                mode="markers" if method == OURS else "lines+markers",
                marker={"color": colour, "size": 14 if method == OURS else 7},
                line={"color": colour, "dash": dash},
                **common,
            ),
            row=1,
            col=1,
        )
        found = [marks[chosen].recall_of(kind) for kind in kinds]
        figure.add_trace(Bar(x=kinds, y=found, marker={"color": colour}, showlegend=False, **common), row=1, col=2)
    figure.update_xaxes(range=[0, 1.03], title="recall", row=1, col=1)
    figure.update_yaxes(range=[0, 1.05], title="precision", row=1, col=1)
    figure.update_xaxes(tickangle=0, tickfont={"size": 11}, row=1, col=2)
    figure.update_layout(
        width=WIDTH, height=HEIGHT, template="plotly_white", legend={"orientation": "h", "y": -0.22}, margin={"t": 40}
    )
    return figure


def _threshold(name: str) -> float:
    _, found, threshold = name.rpartition(", threshold ")
    return float(threshold) if found else 0.0
