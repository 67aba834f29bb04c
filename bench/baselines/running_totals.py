"""A, the textbook: a DStream of hashtags, running totals by `updateStateByKey`, the top 20 by SQL.

    python -m bench.baselines.running_totals PORT

It receives a ready-made hashtag per line.
"""

import json
import sys
import tempfile
from collections.abc import Iterable

from pyspark import RDD, SparkContext
from pyspark.sql import Row, SparkSession
from pyspark.streaming import StreamingContext

BATCH_SECONDS = 1


def update(new: Iterable[int], total: int | None) -> int:
    """The running total of one hashtag."""
    return sum(new) + (total or 0)


def show(totals: RDD[tuple[str, int]]) -> None:
    """Print the top 20."""
    if totals.isEmpty():
        return
    spark = SparkSession.builder.getOrCreate()
    rows = totals.map(lambda pair: Row(hashtag=pair[0], total=pair[1]))
    spark.createDataFrame(rows).createOrReplaceTempView("hashtags")
    top = spark.sql("SELECT hashtag, total FROM hashtags ORDER BY total DESC LIMIT 20").collect()
    print(json.dumps([[row.hashtag, row.total] for row in top]), flush=True)


def main(port: int) -> None:
    """Count until the process is killed."""
    context = SparkContext("local[2]", "running totals")
    streaming = StreamingContext(context, BATCH_SECONDS)
    streaming.checkpoint(tempfile.mkdtemp(prefix="running-totals-"))
    hashtags = streaming.socketTextStream("127.0.0.1", port)
    hashtags.map(lambda tag: (tag, 1)).updateStateByKey(update).foreachRDD(show)
    streaming.start()
    streaming.awaitTermination()


if __name__ == "__main__":
    main(int(sys.argv[1]))
