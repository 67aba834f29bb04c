"""Sample posts of the leading hashtags. They are in memory only, and are never logged."""
