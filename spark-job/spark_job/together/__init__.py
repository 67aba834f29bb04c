"""Which hashtags are together: in the same posts, and as one topic."""
