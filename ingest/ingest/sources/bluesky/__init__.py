"""The source `bluesky`."""
