"""Which sample posts a snapshot has that was refused for its content."""

import msgspec
from msgspec import UNSET, UnsetType

from spark_job.panel_schema import SamplePost, Samples

#: The most bytes of the samples of a whole snapshot. Those of a smaller one have the same share of it.
SAMPLES_BYTES = 512 << 10
#: A snapshot with a smaller share has no samples: they may be why it was refused.
LEAST_SHARE = 0.25


def shorter(samples: Samples, share: float) -> Samples | UnsetType:
    """The samples of the most important tags, which come first, as far as they fit."""
    if share < LEAST_SHARE:
        return UNSET
    posts: list[SamplePost] = []
    places: dict[int, int] = {}
    of: dict[str, list[int]] = {}
    size = 0
    for key, held in samples.of.items():
        new = [place for place in held if place not in places]
        size += sum(len(msgspec.json.encode(samples.posts[place])) + 1 for place in new)
        size += len(msgspec.json.encode(key)) + 64
        if size > SAMPLES_BYTES * share:
            break
        for place in new:
            places[place] = len(posts)
            posts.append(samples.posts[place])
        of[key] = [places[place] for place in held]
    return Samples(posts=posts, of=of)
