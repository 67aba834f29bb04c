"""Posts in, a log on disk, posts out over TCP: the first of the three services (see docs/protocol.md)."""

__version__ = "1.0.0"
