"""Print the leading hashtags of a day of the archive, with Spark. Needs `pip install pyspark` and Java 17.

python archive_spark.py ARCHIVE_DIR 2026-11-30
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

folder, day = sys.argv[1:]
spark = SparkSession.builder.appName("leading hashtags").getOrCreate()
leading = (
    spark.read.parquet(folder)
    .where(f.col("date") == day)
    .groupBy("tag")
    .agg(f.first("label").alias("label"), f.sum("posts").alias("posts"), f.sum("taken_back").alias("taken_back"))
    .orderBy(f.desc("posts"), "tag")
    .limit(5)
)
for tag in leading.collect():
    print(f"#{tag.label}: {tag.posts} posts, {tag.taken_back} of them deleted")
spark.stop()
