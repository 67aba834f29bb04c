"""Counts hashtags per micro-batch on Spark, merges them into windows and totals, and pushes snapshots."""
