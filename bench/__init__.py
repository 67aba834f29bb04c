"""`make bench`: how fast it is, beside the classic ways, with the same posts in the same run."""
