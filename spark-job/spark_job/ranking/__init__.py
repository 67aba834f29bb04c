"""Which hashtags lead."""
