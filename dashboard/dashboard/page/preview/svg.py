"""The picture of a link preview as SVG: the leading tags, large enough to read when it is small."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from dashboard.page.figures import THEMES
from dashboard.snapshots.sources_line import sources_line
from dashboard.snapshots.views import coverage_of, sources_of

if TYPE_CHECKING:
    from dashboard.snapshots.schema import Snapshot

#: The size that platforms recommend.
WIDTH, HEIGHT = 1200, 630
SHOWN = 5
#: The most width of a tag, in widths of a wide letter.
MOST_EM = 27.0
STEP_SECONDS = 10
NOTHING_YET = "The leading hashtags of the last minutes, live."
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RIGHT_TO_LEFT_MARK = "\u200f"


def preview_svg(snapshot: Snapshot | None, family: str) -> str:
    """The picture, its text in the font `family`."""
    theme = THEMES["light"]
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{theme.page}"/>',
        _text(60, 84, 50, theme.ink, "Live hashtags", weight=700),
        _text(60, 132, 27, theme.muted, f"{window_name(snapshot)} · {_moment(snapshot)}" if snapshot else NOTHING_YET),
    ]
    if snapshot:
        parts.append(_text(WIDTH - 60, 84, 27, theme.ink, cut(sources_line(sources_of(snapshot))), anchor="end"))
    top = snapshot.window.top[:SHOWN] if snapshot else []
    for place, leader in enumerate(top):
        y = 212 + 86 * place
        length = max(4, round((WIDTH - 120) * leader.posts / max(1, top[0].posts)))
        parts += [
            _text(60, y, 36, theme.ink, hashtag(cut(leader.label)), weight=700),
            _text(WIDTH - 60, y, 36, theme.ink, f"{leader.posts:,}", anchor="end"),
            f'<rect x="60" y="{y + 16}" width="{length}" height="18" fill="{theme.bar}"/>',
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{family}">'
        f"{''.join(parts)}</svg>"
    )


def window_name(snapshot: Snapshot) -> str:
    """`Last 5 minutes`, or `Last 30 seconds so far (window: 5 minutes)`."""
    window, counted_from_ms = snapshot.window, coverage_of(snapshot).from_ms
    whole = _length(round(snapshot.window_seconds))
    if counted_from_ms <= window.from_ms:
        return f"Last {whole}"
    seconds = (window.to_ms - counted_from_ms) // 1000
    if seconds < STEP_SECONDS:
        return f"First seconds so far (window: {whole})"
    step = STEP_SECONDS if seconds < 60 else 60
    return f"Last {_length(seconds // step * step)} so far (window: {whole})"


def _length(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 and seconds % 60 == 0 else f"{seconds} seconds"


def hashtag(label: str) -> str:
    """The tag with its #, on the side where its script begins."""
    letters = (unicodedata.bidirectional(letter) for letter in label)
    first = next((kind for kind in letters if kind in {"L", "R", "AL"}), "L")
    return f"{'' if first == 'L' else _RIGHT_TO_LEFT_MARK}#{label}"


def cut(label: str) -> str:
    """`label`, cut with an ellipsis if it is too wide. The width is estimated, because fonts differ."""
    room = MOST_EM - 2
    for index, letter in enumerate(label):
        room -= _em(letter)
        if room < 0:
            return f"{label[:index]}…"
    return label


def _em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.75 if letter.isupper() else 0.62


def _moment(snapshot: Snapshot) -> str:
    at = datetime.fromtimestamp(snapshot.window.to_ms / 1000, timezone.utc)
    return f"{at.day} {at:%b %Y, %H:%M} UTC · {snapshot.window.posts:,} posts"


def _text(x: int, y: int, size: int, colour: str, text: str, *, weight: int = 400, anchor: str = "start") -> str:
    shown = escape(_NOT_IN_XML.sub("", text))
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{colour}">{shown}</text>'
    )
