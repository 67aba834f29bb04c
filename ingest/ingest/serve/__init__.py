"""Stage 4: the two TCP ports, one for the job (`log_protocol`), one for every reader (`tail`)."""
