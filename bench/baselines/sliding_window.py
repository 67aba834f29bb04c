"""B, the notebook: a DStream of texts in batches of 10 s, a sliding window, a temporary table, the top 10.

    python -m bench.baselines.sliding_window PORT

It receives a text per line. A word between spaces that begins with `#` is a hashtag.
"""

import json
import sys

from pyspark import RDD, SparkContext
from pyspark.sql import Row, SparkSession
from pyspark.streaming import StreamingContext

BATCH_SECONDS = 10
WINDOW_SECONDS = 300


def show(counts: RDD[tuple[str, int]]) -> None:
    """Print the top 10."""
    if counts.isEmpty():
        return
    spark = SparkSession.builder.getOrCreate()
    table = spark.createDataFrame(counts.map(lambda pair: Row(tag=pair[0], count=pair[1])))
    table.createOrReplaceTempView("tweets")
    top = spark.sql("SELECT tag, count FROM tweets ORDER BY count DESC LIMIT 10").collect()
    print(json.dumps([[row["tag"].removeprefix("#"), row["count"]] for row in top]), flush=True)


def main(port: int) -> None:
    """Count until the process is killed."""
    context = SparkContext("local[2]", "sliding window")
    streaming = StreamingContext(context, BATCH_SECONDS)
    texts = streaming.socketTextStream("127.0.0.1", port)
    (
        texts.window(WINDOW_SECONDS, BATCH_SECONDS)
        .flatMap(lambda text: text.split(" "))
        .filter(lambda word: word.startswith("#"))
        .map(lambda word: (word.lower(), 1))
        .reduceByKey(lambda one, other: one + other)
        .foreachRDD(show)
    )
    streaming.start()
    streaming.awaitTermination()


if __name__ == "__main__":
    main(int(sys.argv[1]))
