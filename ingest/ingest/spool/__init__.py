"""Stage 3: the spool, the log of accepted posts on disk."""
