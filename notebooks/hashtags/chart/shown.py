"""What a notebook shows of a moving chart: a widget that is updated in place, or a picture that is drawn again."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import plotly.graph_objects as go  # type: ignore[import-untyped]

from hashtags.chart.figure import CONFIG, draw, new_figure
from hashtags.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hashtags.chart.bars import Bars

Display = Any
PLOTLY_JSON = "application/vnd.plotly.v1+json"


class Shown(Protocol):
    """What a notebook shows."""

    def show_bars(self, bars: Bars, trouble: str | None) -> None:
        """Show other bars. `trouble`: why the numbers are old, or None."""


def widget(bars: Bars, by: str, stop: Callable[[], None]) -> Any:
    """A FigureWidget that has `stop` and `show_bars` too.

    Raises:
        ImportError: The package anywidget is not installed.

    """

    class ChartWidget(go.FigureWidget):  # type: ignore[misc]  # plotly has no types
        """The bars as a widget: a change is one message to the browser, and the browser changes them in place."""

        def stop(self) -> None:
            """End the movement; the bars stay."""
            stop()

        def show_bars(self, bars: Bars, trouble: str | None) -> None:
            """Show other bars, in one message."""
            with self.batch_update():
                draw(self, bars, trouble)

    made = new_figure(bars, by, ChartWidget)
    made._config = {**made._config, **CONFIG}  # noqa: SLF001 - a FigureWidget has no other way
    return made


class Picture:
    """The bars as an output of the cell that is replaced: a Plotly figure where the notebook knows those, or HTML."""

    def __init__(self, bars: Bars, by: str, stop: Callable[[], None], display: Display) -> None:
        """Args:
        bars: What it shows first.
        by: What the lengths are, such as `posts`.
        stop: Ends the movement.
        display: `IPython.display.display`.
        """
        self._figure = new_figure(bars, by)
        self._bars = bars
        self._trouble: str | None = None
        self._stop = stop
        self._display = display
        self._id = f"hashtags-{uuid4().hex}"

    def stop(self) -> None:
        """End the movement; the bars stay."""
        self._stop()

    def show_bars(self, bars: Bars, trouble: str | None) -> None:
        """Replace the output."""
        draw(self._figure, bars, trouble)
        self._display(self._bundle(bars, trouble), raw=True, display_id=self._id, update=True)

    def _ipython_display_(self) -> None:
        self._display(self._bundle(self._bars, self._trouble), raw=True, display_id=self._id)

    def _bundle(self, bars: Bars, trouble: str | None) -> dict[str, Any]:
        """The output in three forms: a notebook shows the best that it knows."""
        self._bars, self._trouble = bars, trouble
        return {
            PLOTLY_JSON: self._figure.to_plotly_json() | {"config": CONFIG},
            "text/html": html(bars, trouble),
            "text/plain": plain(bars, trouble),
        }


def picture(bars: Bars, by: str, stop: Callable[[], None]) -> Picture:
    """The bars as a picture.

    Raises:
        StreamError: This Python has no notebook.

    """
    try:
        from IPython.display import display  # noqa: PLC0415 - not installed where no notebook is
    except ImportError as error:
        raise StreamError("A chart needs a notebook; without one, use follow() or top.") from error
    return Picture(bars, by, stop, display)


def html(bars: Bars, trouble: str | None) -> str:
    """The bars as a table, for a notebook that knows no Plotly figures."""
    rows = "".join(
        f"<tr><td style='text-align:right'>{label}</td><td style='width:400px;text-align:left'>"
        f"<span style='display:inline-block;height:14px;background:{colour};width:{length / bars.end:.1%}'></span>"
        f" {text}</td></tr>"
        for label, length, text, colour in zip(bars.labels, bars.lengths, bars.texts, bars.colours, strict=True)
        if label
    )
    warning = f"<p>{escape(trouble)}</p>" if trouble else ""
    return f"<p>{bars.title}</p>{warning}<table>{rows}</table>"


def plain(bars: Bars, trouble: str | None) -> str:
    """The bars as text."""
    lines = [
        f"{text:>9} {'█' * round(40 * length / bars.end)} {label}"
        for label, length, text in zip(bars.labels, bars.lengths, bars.texts, strict=True)
        if label
    ]
    return "\n".join([bars.title, *([trouble] if trouble else []), *lines])
