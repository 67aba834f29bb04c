"""Print the leading hashtags of a day of the archive, with Polars. Needs `pip install polars`.

python archive_polars.py ARCHIVE_DIR 2026-11-30
"""

import sys

import polars as pl

folder, day = sys.argv[1:]
rows = pl.scan_parquet(f"{folder}/date=*/hour-*.parquet", hive_partitioning=True, try_parse_hive_dates=False)
leading = (
    rows.filter(pl.col("date") == day)
    .group_by("tag")
    .agg(pl.col("label").first(), pl.col("posts").sum(), pl.col("taken_back").sum())
    .sort(["posts", "tag"], descending=[True, False])
    .head(5)
)
for tag in leading.collect().iter_rows(named=True):
    print(f"#{tag['label']}: {tag['posts']} posts, {tag['taken_back']} of them deleted")
