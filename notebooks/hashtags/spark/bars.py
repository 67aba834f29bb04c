"""A bar chart that a notebook redraws in place."""

import importlib
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

_ROW = (
    '<tr><td style="text-align:right;padding-right:0.6em">{label}</td>'
    '<td style="width:32em;text-align:left"><div style="display:inline-block;vertical-align:middle;height:1em;'
    'width:{width:.1f}%;background:#3b7dd8"></div> {posts:,}</td></tr>'
)


class Bars:
    """The leading hashtags as bars. `draw` replaces what was drawn before."""

    def __init__(self, title: str, show: Callable[[str], None] | None = None) -> None:
        """Args:
        title: The line above the bars.
        show: Gets the HTML of each drawing. Without it, the output of the notebook's cell is replaced.

        """
        self._title = title
        self._show = show or _Output().replace

    def draw(self, rows: Iterable[tuple[str, int]], note: str = "") -> None:
        """Draw a bar for each (hashtag, posts), in the given order; `note` is shown behind the title."""
        found = list(rows)
        greatest = max((posts for _, posts in found), default=0)
        bars = "".join(
            _ROW.format(label=escape(f"#{label}"), width=85 * posts / max(greatest, 1), posts=posts)
            for label, posts in found
        )
        caption = f"<b>{escape(self._title)}</b> {escape(note)}"
        self._show(f"<div>{caption}</div><table>{bars}</table>")


class _Output:
    """The output of a cell, which can be replaced. Without a notebook, nothing is shown."""

    def __init__(self) -> None:
        self._handle: Any = None
        try:
            self._display: Any = importlib.import_module("IPython.display")
        except ImportError:
            self._display = None

    def replace(self, html: str) -> None:
        """Show `html` in place of what was shown."""
        if self._display is None:
            return
        picture = self._display.HTML(html)
        if self._handle is None:
            self._handle = self._display.display(picture, display_id=True)
        else:
            self._handle.update(picture)
