"""What became of posts after they were accepted: ingest's log of changes."""
