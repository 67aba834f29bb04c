"""C, as one would write it today: Structured Streaming's socket source, event-time windows, top 10 in `foreachBatch`.

    python -m bench.baselines.structured PORT

It receives NDJSON with a post per line. It shows the window that ends with the newest 10 s of the posts' own time.
"""

import json
import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody writes it

SCHEMA = "at_ms BIGINT, tags ARRAY<STRUCT<key: STRING>>"
WINDOW, SLIDE = "5 minutes", "10 seconds"


def show(counts: DataFrame, _: int) -> None:
    """Print the top 10 of the window that holds the newest posts and the five minutes before them."""
    counts = counts.persist()
    newest = counts.agg(F.max("window.start")).first()
    if newest is not None and newest[0] is not None:
        shown = counts.where(F.col("window.end") == F.lit(newest[0]) + F.expr(f"INTERVAL {SLIDE}"))
        top = shown.orderBy(F.desc("count")).limit(10).collect()
        print(json.dumps([[row["key"], row["count"]] for row in top]), flush=True)
    counts.unpersist()


def main(port: int) -> None:
    """Count until the process is killed."""
    spark = SparkSession.builder.master("local[2]").appName("structured").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", 2)
    lines = spark.readStream.format("socket").option("host", "127.0.0.1").option("port", port).load()
    posts = lines.select(F.from_json("value", SCHEMA).alias("post")).select("post.*")
    tags = posts.select(F.timestamp_millis("at_ms").alias("at"), F.explode("tags.key").alias("key"))
    counts = tags.groupBy(F.window("at", WINDOW, SLIDE), "key").count()
    counts.writeStream.outputMode("complete").foreachBatch(show).start().awaitTermination()


if __name__ == "__main__":
    main(int(sys.argv[1]))
