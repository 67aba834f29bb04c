"""The rows of the table, one per file."""
