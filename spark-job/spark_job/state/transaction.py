"""A transaction of the state file."""

import contextlib
from collections.abc import Callable, Iterator

import duckdb


@contextlib.contextmanager
def transaction(db: duckdb.DuckDBPyConnection, forget: Callable[[], None]) -> Iterator[None]:
    """Change the file as a whole, or not at all.

    Args:
        db: The file.
        forget: Is called when changes are rolled back.

    """
    db.execute("BEGIN")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        forget()
        # A COMMIT that fails has rolled back by itself.
        with contextlib.suppress(duckdb.TransactionException):
            db.execute("ROLLBACK")
        raise
