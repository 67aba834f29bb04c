from __future__ import annotations

import pytest

from dashboard.snapshots.labels import shown_label


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("W" * 640, "W" * 640),
        ("W" * 641, "W" * 63 + "…"),
        ("日" * 213, "日" * 213),
        ("日" * 2_000, "日" * 63 + "…"),
        ("👨‍👩‍👧" * 20, "👨‍👩‍👧" * 20),
    ],
)
def test_a_label_that_no_ingest_makes_any_more_is_shortened(label: str, shown: str) -> None:
    assert shown_label(label) == shown
