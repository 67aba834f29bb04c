"""The source `replay`."""
