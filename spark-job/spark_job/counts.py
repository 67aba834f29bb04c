"""What Spark computes: hashtag counts of a micro-batch."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody writes it


def count_tags(slices: DataFrame) -> DataFrame:
    """Add the counts of all slices of a micro-batch up; one shuffle, Spark's built-in functions only.

    `slices` and the result have the columns of `slice_counts.COUNTS_DDL`: posts per pane, source, language, tag and
    spelling, and which offsets and times they cover. A row with a null key counts the posts themselves, with tags or
    without.
    """
    return slices.groupBy("pane_ms", "source", "lang", "key", "label").agg(
        F.sum("posts").alias("posts"),
        F.min("first_offset").alias("first_offset"),
        F.max("last_offset").alias("last_offset"),
        F.min("first_at_ms").alias("first_at_ms"),
        F.max("last_at_ms").alias("last_at_ms"),
    )
