"""Stop queries while Spark waits for their Python function, as a notebook does when it ends in a micro-batch."""

import threading

from pyspark.sql import DataFrame

from hashtags.spark.session import start, stop

ROUNDS = 4


def main() -> None:
    """The argument of the function is an expensive table, so that stopping interrupts its query."""
    spark = start("stopped")
    for _ in range(ROUNDS):
        begun = threading.Event()

        def count(batch: DataFrame, _: int, begun: threading.Event = begun) -> None:
            begun.set()
            batch.crossJoin(spark.range(1_000_000_000)).groupBy("value").count().collect()

        query = spark.readStream.format("rate").load().writeStream.foreachBatch(count).start()
        if not begun.wait(60):
            raise TimeoutError("no micro-batch has begun")
        query.stop()
    stop(spark)


if __name__ == "__main__":
    main()
