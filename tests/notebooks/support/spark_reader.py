"""A Spark that reads the format `hashtags`. Lines of JSON say what to read, and the answers are lines of JSON too."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "notebooks"))

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody writes it

import hashtags.spark


def read(spark: SparkSession, options: dict[str, Any]) -> dict[str, Any]:
    """All rows, as `spark.read` finds them."""
    rows = spark.read.format("hashtags").options(**options).load().orderBy("offset")
    return {
        "rows": [
            json.loads(str(row)) for row in rows.withColumn("at_ms", F.unix_millis("at")).drop("at").toJSON().collect()
        ]
    }


def stream(spark: SparkSession, options: dict[str, Any], checkpoint: str) -> dict[str, Any]:
    """The offsets of each micro-batch, up to the end of the log."""
    batches: list[list[int]] = []

    def note(batch: DataFrame, _: int) -> None:
        batches.append(sorted(row.offset for row in batch.select("offset").collect()))

    posts = spark.readStream.format("hashtags").options(**options).load()
    query = posts.writeStream.foreachBatch(note).option("checkpointLocation", checkpoint).trigger(availableNow=True)
    query.start().awaitTermination()
    return {"batches": batches}


def main() -> None:
    spark = hashtags.spark.start("test")
    hashtags.spark.register(spark)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = (
                stream(spark, command["options"], command["checkpoint"])
                if command["checkpoint"]
                else read(spark, command["options"])
            )
        except PySparkException as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)  # noqa: T201 - the answer
    hashtags.spark.stop(spark)


if __name__ == "__main__":
    main()
