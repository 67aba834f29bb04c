"""Counts and offset in DuckDB."""
