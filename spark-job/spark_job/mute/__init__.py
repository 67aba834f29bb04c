"""Which hashtags are muted: no list shows them."""
