"""The path of the lesson view in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from dashboard.api.openapi_parts import get, ok


def lesson_paths() -> dict[str, Any]:
    """`/api/lesson`."""
    return {
        "/api/lesson": get(
            "Now", "The last micro-batch, stage by stage",
            "Some of its posts, its counts, and what it changed. The job makes it only while somebody asks, so the "
            "first answer has none. Posts are gone when their author has deleted them: do not store them.",
            answers=ok("Lesson"),
        ),
    }  # fmt: skip
