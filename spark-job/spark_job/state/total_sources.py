"""The sources of all posts since the epoch began. Mostly they are known, and then no table is read."""

from collections.abc import Iterable

import duckdb


class TotalSources:
    """The names in the table `total_sources`. `add` is called inside the transactions of `State`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._stored: list[str] | None = None

    def forget(self) -> None:
        """Read the table again: it was changed, or changes were rolled back."""
        self._stored = None

    def add(self, names: Iterable[str]) -> None:
        """Add the names that are not there."""
        for name in sorted({*names}.difference(self.names())):
            self._db.execute("INSERT INTO total_sources VALUES (?)", [name])
            self._stored = None

    def names(self) -> list[str]:
        """All names, sorted."""
        if self._stored is None:
            rows = self._db.execute("FROM total_sources ORDER BY source").fetchall()
            self._stored = [source for (source,) in rows]
        return self._stored
