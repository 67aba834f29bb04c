"""Snapshots, and their way to the dashboard."""
