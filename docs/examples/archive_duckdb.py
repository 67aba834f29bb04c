"""Print the leading hashtags of a day of the archive, with DuckDB. Needs `pip install duckdb`.

python archive_duckdb.py ARCHIVE_DIR 2026-11-30
"""

import sys

import duckdb

folder, day = sys.argv[1:]
LEADING = """
SELECT any_value(label) AS label, sum(posts) AS posts, sum(taken_back) AS taken_back
FROM read_parquet(?, hive_partitioning = true)
WHERE date = ?
GROUP BY tag ORDER BY posts DESC, tag LIMIT 5
"""
for label, posts, taken_back in duckdb.execute(LEADING, [f"{folder}/date=*/hour-*.parquet", day]).fetchall():
    print(f"#{label}: {posts} posts, {taken_back} of them deleted")
