"""The key of the hashes of authors, if the log is on Kafka.

Messages of a topic have the names of authors. So the job hashes them under a random key of its own. It is stored beside
the uses of tags, so that an author is the same after a start of the job. The spool has its key beside the posts.
"""

from collections.abc import Callable

import duckdb

SCHEMA = "CREATE TABLE IF NOT EXISTS author_key (author_key VARCHAR);"


def author_key(db: duckdb.DuckDBPyConnection, token: Callable[[], str]) -> str:
    """The stored key, as hexadecimal digits. If there is none, `token` makes it."""
    row = db.execute("SELECT author_key FROM author_key").fetchone()
    if row is not None:
        return str(row[0])
    made = token()
    db.execute("INSERT INTO author_key VALUES (?)", [made])
    return made
