"""Ingest's log as a data source of Spark, and what the notebooks with Spark share.

    import hashtags.spark

    spark = hashtags.spark.start("my query")
    hashtags.spark.register(spark)
    posts = spark.readStream.format("hashtags").option("host", "localhost").option("port", 9009).load()
    ...
    hashtags.spark.stop(spark)

It needs pyspark 4 and pyarrow: `pip install 'hashtags[spark]'`.
"""

from hashtags.spark.bars import Bars
from hashtags.spark.log import Log, LogError
from hashtags.spark.relay import Relay
from hashtags.spark.session import start, stop
from hashtags.spark.source import register

__all__ = ["Bars", "Log", "LogError", "Relay", "register", "start", "stop"]
