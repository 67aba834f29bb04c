"""Stage 2: run the sources, filter and deduplicate their posts, commit them to the spool."""
