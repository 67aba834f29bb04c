"""The source `demo`."""
