"""The source `mastodon`."""
