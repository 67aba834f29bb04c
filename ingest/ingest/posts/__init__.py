"""Posts: their hashtags and language, and the filter for wanted posts."""
