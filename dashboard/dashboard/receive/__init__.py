"""Snapshots in: from the job, or from another dashboard."""
