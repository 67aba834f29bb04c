"""The one thing that Spark computes: hashtag counts of a micro-batch."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody writes it


def count_tags(posts: DataFrame, pane_ms: int) -> DataFrame:
    """Count posts per pane, source, language, tag and spelling; one shuffle, Spark's built-in functions only.

    `posts`: offset, at_ms, lang, source, tags (array of key and label). A row of the result with a null key counts
    the posts themselves, with tags or without. Columns: pane_ms, source, lang, key, label, posts, first_offset,
    last_offset, first_at_ms, last_at_ms.
    """
    no_tag = F.lit(None).cast("struct<key: string, label: string>")
    tags = F.coalesce(F.col("tags"), F.array().cast("array<struct<key: string, label: string>>"))
    tagged = posts.select(
        (F.col("at_ms") - F.col("at_ms") % pane_ms).alias("pane_ms"),
        "source",
        "lang",
        "offset",
        "at_ms",
        F.explode(F.concat(F.array(no_tag), tags)).alias("tag"),
    )
    return tagged.groupBy(
        "pane_ms", "source", "lang", F.col("tag.key").alias("key"), F.col("tag.label").alias("label")
    ).agg(
        F.count(F.lit(1)).alias("posts"),
        F.min("offset").alias("first_offset"),
        F.max("offset").alias("last_offset"),
        F.min("at_ms").alias("first_at_ms"),
        F.max("at_ms").alias("last_at_ms"),
    )
