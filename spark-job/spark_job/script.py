"""Several SQL statements in a row."""

from collections.abc import Mapping

import duckdb


def run_script(db: duckdb.DuckDBPyConnection, script: str, parameters: Mapping[str, int]) -> None:
    """Execute the statements of `script`, each with those of the parameters that it names."""
    for statement in filter(str.strip, script.split(";")):
        db.execute(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})
