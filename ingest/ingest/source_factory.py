"""A source as the settings want it."""

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


class Tools(NamedTuple):
    """What a source gets from its surroundings: the wall clock, another one that nobody sets, and when to stop."""

    now_ms: Callable[[], int]
    monotonic: Callable[[], float]
    stop: Event


def source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the source of this name."""
    return _MAKERS[name](settings, tools)


def _demo(settings: Settings, tools: Tools) -> Source:
    seed = settings.demo_seed
    if seed is None:
        seed = secrets.randbits(32)
        logger.info("demo: DEMO_SEED=%d", seed)
    return Demo(settings.demo_rate, seed, now_ms=tools.now_ms, monotonic=tools.monotonic, stop=tools.stop)


def _replay(settings: Settings, tools: Tools) -> Source:
    return Replay(settings.replay_file, settings.replay_speed, monotonic=tools.monotonic, stop=tools.stop)


def _x(settings: Settings, tools: Tools) -> Source:
    from ingest.sources.x.source import X  # noqa: PLC0415 - tweepy takes a third of a second, which others needn't wait

    return X(
        settings.x_token(),
        terms=settings.terms(),
        languages=settings.languages,
        rules=settings.x_rules,
        retweets=settings.x_retweets,
        daily_limit=settings.x_daily_limit,
        monthly_limit=settings.x_monthly_limit,
        price_per_post_usd=settings.x_price_per_post,
        now_ms=tools.now_ms,
        stop=tools.stop,
    )


def _bluesky(settings: Settings, tools: Tools) -> Source:
    return Bluesky(settings.bluesky_hosts, now_ms=tools.now_ms, monotonic=tools.monotonic, stop=tools.stop)


def _mastodon(settings: Settings, tools: Tools) -> Source:
    from ingest.sources.mastodon.source import Mastodon  # noqa: PLC0415 - as above, for its HTTP client

    return Mastodon(
        settings.mastodon_url,
        settings.mastodon_token(),
        now_ms=tools.now_ms,
        monotonic=tools.monotonic,
        stop=tools.stop,
    )


_MAKERS: dict[str, Callable[[Settings, Tools], Source]] = {
    "demo": _demo,
    "replay": _replay,
    "x": _x,
    "bluesky": _bluesky,
    "mastodon": _mastodon,
}
