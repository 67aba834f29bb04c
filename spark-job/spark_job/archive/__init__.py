"""Writes each closed hour as a Parquet file, and answers from these files."""
