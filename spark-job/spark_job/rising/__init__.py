"""Which hashtags rise: more people use them than is usual for this time, and not by copies of one text."""
