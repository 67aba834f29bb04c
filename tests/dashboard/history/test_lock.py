from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dashboard.history.lock import HistoryBusyError, lock_history

if TYPE_CHECKING:
    from pathlib import Path


def test_two_dashboards_do_not_share_a_directory(tmp_path: Path) -> None:
    lock_history(tmp_path / "history")
    with pytest.raises(HistoryBusyError):
        lock_history(tmp_path / "history")
