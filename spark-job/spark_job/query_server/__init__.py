"""Answers questions about single hashtags over HTTP, beside the snapshots."""
