"""E, Flink: PyFlink's Table API, event-time windows by `HOP`, the top 10 by `ROW_NUMBER`.

    python -m bench.baselines.flink FOLDER

It reads NDJSON with a post per line from the files that come into FOLDER: two, as a topic with two partitions. It
prints the top 10 of each window of five minutes, every 10 s of the posts' own time. It stores nothing on disk.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable

from pyflink.table import EnvironmentSettings, TableEnvironment  # type: ignore[import-not-found]

# A post is read by the names of its columns, so other fields are skipped. The folder never ends, as a topic.
POSTS = """
CREATE TABLE posts (
  at_ms BIGINT,
  tags ARRAY<ROW<`key` STRING>>,
  posted_at AS TO_TIMESTAMP_LTZ(at_ms, 3),
  WATERMARK FOR posted_at AS posted_at
) WITH ('connector' = 'filesystem', 'path' = '{folder}', 'format' = 'json', 'source.monitor-interval' = '1 s')
"""
HASHTAGS = """
CREATE TEMPORARY VIEW hashtags AS
SELECT posted_at, hashtag FROM posts CROSS JOIN UNNEST(tags) AS tag (hashtag)
"""
TOP = """
SELECT window_end, hashtag, posts FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY posts DESC) AS place FROM (
    SELECT window_start, window_end, hashtag, COUNT(*) AS posts
    FROM TABLE(HOP(TABLE hashtags, DESCRIPTOR(posted_at), INTERVAL '10' SECOND, INTERVAL '5' MINUTE))
    GROUP BY window_start, window_end, hashtag
  )
) WHERE place <= 10
"""
SHOWN = 10
# One task for each core; operators pass rows on instead of copying them.
SETTINGS = {"parallelism.default": "2", "pipeline.object-reuse": "true"}
# A garbage collector that stops Java for longer, and takes less of the cores.
JAVA_OPTIONS = "-XX:+UseParallelGC -Xmx2g"


def show(rows: Iterable[tuple[object, str, int]]) -> None:
    """Print the list of a window when its last row has come."""
    lists: dict[object, list[tuple[str, int]]] = {}
    for window_end, hashtag, posts in rows:
        top = lists.setdefault(window_end, [])
        top.append((hashtag, posts))
        if len(top) == SHOWN:
            print(json.dumps(lists.pop(window_end)), flush=True)


def main(folder: str) -> None:
    """Count until the process is killed."""
    os.environ["JVM_ARGS"] = f"{JAVA_OPTIONS} -Djava.io.tmpdir={tempfile.gettempdir()}"
    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    for name, value in SETTINGS.items():
        tables.get_config().set(name, value)
    tables.execute_sql(POSTS.format(folder=folder))
    tables.execute_sql(HASHTAGS)
    with tables.execute_sql(TOP).collect() as rows:
        show(rows)


if __name__ == "__main__":
    main(sys.argv[1])
