"""The source `x`."""
