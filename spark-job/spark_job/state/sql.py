"""Helpers for the SQL of the state and of the rankings."""

from collections.abc import Mapping

import duckdb


def rows_of(table: str, hashes: str) -> str:
    """The condition for rows of a large table with one of a few hashes (a list, or a query).

    It scans only the hashes. Without it, DuckDB scans the other columns too, which takes three times as long.
    """
    return f"rowid IN (SELECT rowid FROM {table} WHERE hash IN ({hashes}))"  # noqa: S608 - put together from constants


#: Tags of the panes that closed since the candidates were updated last, with their totals. Closing panes fill it.
_CHANGED_TAGS = "changed_tags (hash UBIGINT, key VARCHAR, label VARCHAR, posts BIGINT, first_seen_ms BIGINT)"
CHANGED = f"CREATE TEMP TABLE IF NOT EXISTS {_CHANGED_TAGS}"
#: Empties it. DuckDB never frees the rows that are deleted from a temporary table.
FORGET_CHANGED = f"CREATE OR REPLACE TEMP TABLE {_CHANGED_TAGS}"


def run_script(db: duckdb.DuckDBPyConnection, script: str, parameters: Mapping[str, int]) -> None:
    """Execute the statements of `script`. Each gets the parameters that it names."""
    for statement in filter(str.strip, script.split(";")):
        db.execute(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})
