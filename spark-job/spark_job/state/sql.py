"""What the SQL of the state and of the rankings has in common."""

import hashlib
from collections.abc import Mapping

import duckdb

HASH = "md5_number_lower(key)"


def rows_of(table: str, hashes: str) -> str:
    """The condition for the rows of a large table that have one of a few hashes (a list, or a query).

    It scans the hashes alone: DuckDB would scan the other columns along with them otherwise, in thrice the time.
    """
    return f"rowid IN (SELECT rowid FROM {table} WHERE hash IN ({hashes}))"  # noqa: S608 - put together from constants


def hash_of(key: str) -> int:
    """What `HASH` is in SQL, for one key."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[8:], "little")


#: Tags of the panes that closed since the contenders were last brought up to date; filled when panes close.
CHANGED = "CREATE TEMP TABLE IF NOT EXISTS changed_tags (hash UBIGINT, key VARCHAR)"


def run_script(db: duckdb.DuckDBPyConnection, script: str, parameters: Mapping[str, int]) -> None:
    """Execute the statements of `script`, each with those of the parameters that it names."""
    for statement in filter(str.strip, script.split(";")):
        db.execute(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})
