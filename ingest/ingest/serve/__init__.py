"""The two TCP ports."""
