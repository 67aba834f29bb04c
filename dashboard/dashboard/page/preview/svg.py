"""The picture of a link preview as SVG: the leading or rising tags, large enough to read when it is small."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from dashboard.page.figures import THEMES
from dashboard.page.preview.reasons import empty_list, leading_tags, length, reason
from dashboard.snapshots.sources_line import sources_line
from dashboard.snapshots.views import coverage_of, sources_of

if TYPE_CHECKING:
    from dashboard.page.figures import Theme
    from dashboard.page.preview.subject import Subject
    from dashboard.snapshots.rising_schema import RisingTag
    from dashboard.snapshots.schema import Snapshot

#: The size that platforms recommend.
WIDTH, HEIGHT = 1200, 630
SHOWN = 5
FIRST_ROW, ROW = 212, 86
CURVE_WIDTH, CURVE_HEIGHT = 320, 60
#: The most width of a tag, in widths of a wide letter; and of one beside a curve.
MOST_EM, CURVE_EM = 27.0, 20.0
TITLES: dict[Subject, str] = {
    "posts": "Live hashtags",
    "authors": "Live hashtags by people",
    "rising": "Rising hashtags",
}
STEP_SECONDS = 10
NOTHING_YET = "The leading hashtags of the last minutes, live."
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RIGHT_TO_LEFT_MARK = "\u200f"


def preview_svg(snapshot: Snapshot | None, family: str, subject: Subject = "posts") -> str:
    """The picture, its text in the font `family`."""
    theme = THEMES["light"]
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{theme.page}"/>',
        _text(60, 84, 50, theme.ink, TITLES[subject], weight=700),
        _text(60, 132, 27, theme.muted, f"{window_name(snapshot)} · {_moment(snapshot)}" if snapshot else NOTHING_YET),
    ]
    if snapshot:
        parts.append(_text(WIDTH - 60, 84, 27, theme.ink, cut(sources_line(sources_of(snapshot))), anchor="end"))
        parts += _rising(snapshot, theme) if subject == "rising" else _bars(snapshot, subject, theme)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{family}">'
        f"{''.join(parts)}</svg>"
    )


def leaders(snapshot: Snapshot, subject: Subject) -> list[tuple[str, int]]:
    """Labels of the leading tags with their posts, or with their different accounts."""
    window = snapshot.window
    if subject == "authors":
        return [(leader.label, leader.authors or 0) for leader in (window.by_authors or [])[:SHOWN]]
    return [(leader.label, leader.posts) for leader in window.top[:SHOWN]]


def _bars(snapshot: Snapshot, subject: Subject, theme: Theme) -> list[str]:
    parts = []
    top = leaders(snapshot, subject)
    for place, (label, count) in enumerate(top):
        y = FIRST_ROW + ROW * place
        bar = max(4, round((WIDTH - 120) * count / max(1, top[0][1])))
        parts += [
            _text(60, y, 36, theme.ink, hashtag(cut(label)), weight=700),
            _text(WIDTH - 60, y, 36, theme.ink, f"{count:,}", anchor="end"),
            f'<rect x="60" y="{y + 16}" width="{bar}" height="18" fill="{theme.bar}"/>',
        ]
    return parts


def _rising(snapshot: Snapshot, theme: Theme) -> list[str]:
    """The tags that rise: each with its reason, and its curve before what is usual."""
    tags = leading_tags(snapshot.rising)[:SHOWN]
    if not tags:
        return [_text(60, FIRST_ROW, 36, theme.ink, empty_list(snapshot.rising))]
    parts = []
    for place, tag in enumerate(tags):
        y = FIRST_ROW + ROW * place
        expected = tag.expected * snapshot.pane_seconds / snapshot.window_seconds
        parts += [
            _text(60, y, 36, theme.ink, hashtag(cut(tag.label, CURVE_EM)), weight=700),
            _text(60, y + 32, 24, theme.muted, reason(tag, snapshot)),
            *_curve(tag, expected, y + 34, theme),
        ]
    return parts


def _curve(tag: RisingTag, expected: float, bottom: int, theme: Theme) -> list[str]:
    """The accounts of each pane as a line, before the band of what is usual in a pane."""
    spread = 2 * math.sqrt(expected + (tag.spread * expected) ** 2)
    most = max(1.0, *tag.panes, expected + spread)

    def y(authors: float) -> float:
        return round(bottom - CURVE_HEIGHT * max(0.0, authors) / most, 1)

    left, right = WIDTH - 60 - CURVE_WIDTH, WIDTH - 60
    step = CURVE_WIDTH / max(1, len(tag.panes) - 1)
    points = " ".join(f"{round(left + step * pane, 1)},{y(authors)}" for pane, authors in enumerate(tag.panes))
    high, low = y(expected + spread), y(expected - spread)
    return [
        f'<rect x="{left}" y="{high}" width="{right - left}" height="{round(low - high, 1)}" fill="{theme.line}"/>',
        f'<polyline points="{points}" fill="none" stroke="{theme.bar}" stroke-width="5" stroke-linejoin="round"/>',
    ]


def window_name(snapshot: Snapshot) -> str:
    """`Last 5 minutes`, or `Last 30 seconds so far (window: 5 minutes)`."""
    window, counted_from_ms = snapshot.window, coverage_of(snapshot).from_ms
    whole = length(round(snapshot.window_seconds))
    if counted_from_ms <= window.from_ms:
        return f"Last {whole}"
    seconds = (window.to_ms - counted_from_ms) // 1000
    if seconds < STEP_SECONDS:
        return f"First seconds so far (window: {whole})"
    step = STEP_SECONDS if seconds < 60 else 60
    return f"Last {length(seconds // step * step)} so far (window: {whole})"


def hashtag(label: str) -> str:
    """The tag with its #, on the side where its script begins."""
    letters = (unicodedata.bidirectional(letter) for letter in label)
    first = next((kind for kind in letters if kind in {"L", "R", "AL"}), "L")
    return f"{'' if first == 'L' else _RIGHT_TO_LEFT_MARK}#{label}"


def cut(label: str, most_em: float = MOST_EM) -> str:
    """`label`, cut with an ellipsis if it is too wide. The width is estimated, because fonts differ."""
    room = most_em - 2
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
