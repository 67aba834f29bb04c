"""The checks of SQLite files are one text in two services, which share no code."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_ingest_and_the_dashboard_have_the_same_sqlite_guard() -> None:
    ingest = ROOT / "ingest" / "ingest" / "spool" / "sqlite_guard.py"
    dashboard = ROOT / "dashboard" / "dashboard" / "history" / "sqlite_guard.py"
    assert ingest.read_bytes() == dashboard.read_bytes()
