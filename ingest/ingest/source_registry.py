"""The registry of sources: the values of `SOURCE`, and how each source is made from the settings.

To add a source, write its module in `ingest/sources/`, add a line to `_MAKERS`, and write its tests. If the source
has settings of its own, add them to `ingest/settings.py`.
"""

import logging
import secrets
from collections.abc import Callable
from threading import Event
from typing import NamedTuple

from ingest.settings import Settings
from ingest.sources.base import Source
from ingest.sources.bluesky.source import Bluesky
from ingest.sources.demo.source import Demo
from ingest.sources.replay.source import Replay

logger = logging.getLogger(__name__)


class Context(NamedTuple):
    """What every source needs besides its settings: the clocks, and the event that tells it to stop."""

    wall_ms: Callable[[], int]
    monotonic_seconds: Callable[[], float]
    stop: Event


def make(name: str, settings: Settings, context: Context) -> Source:
    """Return a new source of this name."""
    return _MAKERS[name](settings, context)


def _demo(settings: Settings, context: Context) -> Source:
    seed = settings.demo_seed
    if seed is None:
        seed = secrets.randbits(32)
        logger.info("demo: DEMO_SEED=%d", seed)
    return Demo(
        settings.demo_rate,
        seed,
        wall_ms=context.wall_ms,
        monotonic_seconds=context.monotonic_seconds,
        stop=context.stop,
    )


def _replay(settings: Settings, context: Context) -> Source:
    return Replay(
        settings.replay_file,
        settings.replay_speed,
        monotonic_seconds=context.monotonic_seconds,
        stop=context.stop,
    )


def _x(settings: Settings, context: Context) -> Source:
    from ingest.sources.x.source import X  # noqa: PLC0415 - tweepy takes 0.3 s to import: only SOURCE=x pays for it

    return X(
        settings.x_token(),
        terms=settings.terms(),
        languages=settings.languages,
        rules=settings.x_rules,
        retweets=settings.x_retweets,
        daily_limit=settings.x_daily_limit,
        monthly_limit=settings.x_monthly_limit,
        price_per_post_usd=settings.x_price_per_post,
        wall_ms=context.wall_ms,
        stop=context.stop,
    )


def _bluesky(settings: Settings, context: Context) -> Source:
    return Bluesky(
        settings.bluesky_hosts,
        wall_ms=context.wall_ms,
        monotonic_seconds=context.monotonic_seconds,
        stop=context.stop,
    )


def _mastodon(settings: Settings, context: Context) -> Source:
    from ingest.sources.mastodon.source import Mastodon  # noqa: PLC0415 - for the same reason: it imports requests

    return Mastodon(
        settings.mastodon_url,
        settings.mastodon_token(),
        wall_ms=context.wall_ms,
        monotonic_seconds=context.monotonic_seconds,
        stop=context.stop,
    )


_MAKERS: dict[str, Callable[[Settings, Context], Source]] = {
    "demo": _demo,
    "replay": _replay,
    "x": _x,
    "bluesky": _bluesky,
    "mastodon": _mastodon,
}
