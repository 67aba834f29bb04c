"""`make bench`: how fast the project is, compared with the usual ways, with the same posts in the same run."""
