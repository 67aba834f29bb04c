"""Where posts come from: one module a source."""

#: The values that `SOURCE` may have.
NAMES = ("demo", "replay", "x", "bluesky", "mastodon")
