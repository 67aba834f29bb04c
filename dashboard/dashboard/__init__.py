"""The dashboard: takes snapshots, remembers the newest, pushes it to every open page."""

__version__ = "1.0.0"
