"""Counts hashtags per micro-batch on Spark, merges them into windows and totals, and pushes snapshots."""

__version__ = "1.0.0"
