"""Stage 1: the sources, one module or folder each. `base` is their interface, `common` is shared code.

To add a source, write its class, and add a line to `SOURCES`.
"""

import importlib

from ingest.sources.base import Source

#: The values that `SOURCE` may have, and the class of each. A class is imported when it is used: the library of `x`
#: takes 0.3 s to import, and only `SOURCE=x` pays for it.
SOURCES = {
    "demo": "ingest.sources.demo.source:Demo",
    "replay": "ingest.sources.replay.source:Replay",
    "x": "ingest.sources.x.source:X",
    "bluesky": "ingest.sources.bluesky.source:Bluesky",
    "mastodon": "ingest.sources.mastodon.source:Mastodon",
}


def source_class(name: str) -> type[Source]:
    """Return the class of the source of this name."""
    module, _, class_name = SOURCES[name].partition(":")
    found: type[Source] = getattr(importlib.import_module(module), class_name)
    return found
