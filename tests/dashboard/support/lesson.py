"""A made-up micro-batch for the lesson, in `lesson_trace.json`, and fake answers with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

TRACE = Path(__file__).with_name("lesson_trace.json")


def trace(**changes: Any) -> dict[str, Any]:
    """The micro-batch, with other values for some fields."""
    made: dict[str, Any] = json.loads(TRACE.read_text(encoding="utf-8"))
    return {**made, **changes}


class LessonAnswers:
    """Answers a page's requests for `/api/lesson` with `body`, and counts them."""

    def __init__(self, page: Page, shown: dict[str, Any] | None, error: str | None = None) -> None:
        self.body = {"trace": shown, "error": error, "faults": {"allowed": False, "latest": None}}
        self.status = 200
        self.requests = 0
        page.route("**/api/lesson", self._answer)

    def _answer(self, route: Route) -> None:
        self.requests += 1
        route.fulfill(json=self.body, status=self.status)
