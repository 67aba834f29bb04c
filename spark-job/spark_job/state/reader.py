"""Queries of other threads, on a connection of their own, so that neither counting nor a snapshot waits for them."""

import contextlib
import threading
from collections.abc import Iterator

import duckdb


class ClosedError(Exception):
    """The state file is closed: the job ends, or it just opens the file again."""


class Reader:
    """Gives one query after the other a connection. It sees what is committed. One more query may run beside them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._beside = threading.Lock()
        self._db: duckdb.DuckDBPyConnection | None = None

    def open(self, db: duckdb.DuckDBPyConnection) -> None:
        """Use this state file from now on."""
        self._db = db

    def close(self) -> None:
        """Wait for the query in progress, and refuse all that come."""
        with self.paused():
            self._db = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let no query run meanwhile: the file is closed and opened again."""
        with self._lock, self._beside:
            yield

    @contextlib.contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that only reads, in a transaction of its own.

        Raises:
            ClosedError: The file is closed.

        """
        with self._lock, self._connection() as db:
            yield db

    @contextlib.contextmanager
    def beside(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The same for a query that takes long: those of `cursor` don't wait for it.

        Raises:
            ClosedError: The file is closed.

        """
        with self._beside, self._connection() as db:
            yield db

    @contextlib.contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._db is None:
            raise ClosedError
        with contextlib.closing(self._db.cursor()) as db:
            db.execute("BEGIN TRANSACTION READ ONLY")
            yield db
