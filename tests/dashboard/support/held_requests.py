"""Requests of a page that get no response before the test gives one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route


class HeldRequests:
    """Holds requests whose address fits the pattern, all or the first `times`. `routes`: those that came, in order."""

    def __init__(self, page: Page, pattern: str, times: int | None = None) -> None:
        self.routes: list[Route] = []
        page.route(pattern, self._hold, times=times)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)
