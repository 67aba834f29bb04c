"""Code that runs on executors. It imports pyspark, pyarrow and the standard library only."""
