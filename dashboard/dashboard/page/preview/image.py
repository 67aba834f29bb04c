"""The picture of a link preview. It is drawn at a request, and cached for a while."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, get_args

from dashboard.page.preview.subject import Subject
from dashboard.page.preview.svg import preview_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.page.preview.fonts import Fonts
    from dashboard.snapshots.latest import Latest

logger = logging.getLogger(__name__)

#: The shortest time between two pictures.
EVERY_MS = 10_000
RENDERER = Path(__file__).with_name("rasterize.py")
DRAWN_WITHIN_SECONDS = 10


class PreviewError(Exception):
    """There is no picture. Its text is one sentence."""


@dataclass
class _Picture:
    """The picture of one subject. `of`: the snapshot that it shows; `tried_ms`: when the last attempt ended."""

    drawing: Lock = field(default_factory=Lock)
    drawn: bytes | None = None
    of: tuple[int, int] | None = None
    tries: int = 0
    tried_ms: int | None = None


class Preview:
    """Draws the newest snapshot. `monotonic_ms`: milliseconds of a clock that is never set back."""

    def __init__(self, latest: Latest, fonts: Fonts | None, monotonic_ms: Callable[[], int]) -> None:
        self._latest = latest
        self._fonts = fonts
        self._monotonic_ms = monotonic_ms
        self._pictures: dict[Subject, _Picture] = {subject: _Picture() for subject in get_args(Subject)}
        if fonts is None:
            logger.warning("No font that pictures could be drawn with: link previews have no image.")

    @property
    def possible(self) -> bool:
        """Whether pictures can be drawn on this machine."""
        return self._fonts is not None

    def png(self, subject: Subject = "posts") -> bytes:
        """The picture, at most ten seconds old.

        Raises:
            PreviewError: There is none.

        """
        if self._fonts is None:
            raise PreviewError("There is no picture: this machine has no font to draw it with.")
        picture = self._pictures[subject]
        tries = picture.tries
        # A request that comes while it is drawn gets the picture before. Only for the first one it waits.
        if picture.drawing.acquire(blocking=picture.drawn is None):
            try:
                # Requests that waited for an attempt get its result.
                if picture.tries == tries:
                    self._refresh(picture, subject, self._fonts)
            finally:
                picture.drawing.release()
        if picture.drawn is None:
            raise PreviewError("The picture could not be drawn.")
        return picture.drawn

    def _refresh(self, picture: _Picture, subject: Subject, fonts: Fonts) -> None:
        now_ms, shown = self._monotonic_ms(), self._latest.shown
        order = shown.order if shown else None
        is_recent = picture.tried_ms is not None and now_ms - picture.tried_ms < EVERY_MS
        if is_recent or (picture.tried_ms is not None and picture.drawn and order == picture.of):
            return
        svg = preview_svg(shown.snapshot if shown else None, fonts.family, subject)
        try:
            picture.drawn = render(svg, fonts)
            picture.of = order
        except (OSError, subprocess.SubprocessError) as error:
            logger.warning("The picture of the link preview could not be drawn: %s", error)
        finally:
            picture.tries += 1
            picture.tried_ms = self._monotonic_ms()


def render(svg: str, fonts: Fonts) -> bytes:
    """Convert `svg` to PNG in another process, so other requests are served meanwhile.

    Raises:
        OSError: The process can't be started.
        subprocess.SubprocessError: It failed, or took too long.

    """
    asked = json.dumps({"svg": svg, "family": fonts.family, "files": list(fonts.files)})
    command = [sys.executable, "-I", str(RENDERER)]
    ended = subprocess.run(  # noqa: S603  nothing of it comes from outside but what is drawn
        command, input=asked.encode(), capture_output=True, timeout=DRAWN_WITHIN_SECONDS, check=True
    )
    return ended.stdout
