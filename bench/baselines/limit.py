"""The limit: DuckDB counts the hashtags of the file in one query, on as many threads as we have cores.

python -m bench.baselines.limit FILE THREADS
"""

import json
import sys
import time

import duckdb

COUNT = """
SELECT tag.key, count(*) AS posts
FROM (SELECT unnest(tags) AS tag FROM read_json($file, format = 'newline_delimited', columns = {
  'at_ms': 'BIGINT', 'lang': 'VARCHAR', 'source': 'VARCHAR', 'tags': 'STRUCT(key VARCHAR, label VARCHAR)[]'}))
GROUP BY tag.key ORDER BY posts DESC LIMIT 20
"""


def main(file: str, threads: int) -> None:
    """Print the seconds and the top 20."""
    with duckdb.connect(config={"threads": threads}) as db:
        since = time.monotonic()
        top = db.execute(COUNT, {"file": file}).fetchall()
        print(json.dumps({"seconds": time.monotonic() - since, "top": top}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
