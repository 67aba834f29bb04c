"""From the sources to the spool."""
