"""How often the job was started with this state file."""

import duckdb

#: Each start of the job uses the next block of sequence numbers, so that no number is used twice.
SEQ_BLOCK = 1_000_000_000


def next_seq_block(db: duckdb.DuckDBPyConnection) -> int:
    """The first sequence number of this start of the job."""
    ((starts,),) = db.execute("SELECT count(*) FROM starts").fetchall()
    db.execute("INSERT INTO starts VALUES (?)", [starts])
    return int(starts + 1) * SEQ_BLOCK
