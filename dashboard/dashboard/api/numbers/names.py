"""The names of numbers, and the number of each name at a moment."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dashboard.api.numbers.moment import Moment
    from dashboard.job.tags import CountedTag
    from dashboard.snapshots.health_schema import Source

Unit = Literal[
    "posts", "people", "tags", "topics", "rank", "ranks", "part", "times", "voices", "texts", "posts per second", "ms",
    "time", "pieces",
]  # fmt: skip
Value = int | float
#: Whether a number is one of a tag: it needs a key, may have one, or has none.
Tagged = Literal["must", "may", "never"]


class Number(NamedTuple):
    """A number: its unit, whether it is one of a tag, and its value; None where it is not known."""

    unit: Unit
    tagged: Tagged
    value: Callable[[Moment], Value | None]


def _of_view_or_tag(name: str) -> Callable[[Moment], Value | None]:
    """A field that the view and each tag have."""

    def value(moment: Moment) -> Value | None:
        if moment.key is None:
            found: Value | None = getattr(moment.event, name)
        else:
            found = getattr(moment.leader, name, None)
        return found

    return value


def _in_whole_window(moment: Moment) -> CountedTag | None:
    """The tag as the job found it: with the posts of all sources and languages. None in the view of one of them."""
    view = moment.event.view
    return moment.counted if view.source is None and view.lang is None else None


def _posts(moment: Moment) -> Value | None:
    if moment.key is None or moment.leader is not None:
        return _of_view_or_tag("posts")(moment)
    counted = _in_whole_window(moment)
    return counted.window_posts if counted else None


def _taken_back(moment: Moment) -> int | None:
    event, leader = moment.event, moment.leader
    if moment.key is not None and moment.rising_tag and event.view.ranking == "rising":
        listed = moment.rising_tag.taken_back
        return None if listed is UNSET else listed
    if event.taken_back is None or moment.key is None:
        return event.taken_back
    if leader is None:
        return None
    # A tag without deleted posts does not name them.
    return 0 if leader.taken_back is UNSET else leader.taken_back


def _taken_back_part(moment: Moment) -> Value | None:
    listed = moment.rising_tag if moment.event.view.ranking == "rising" else None
    posts = listed.posts if listed and moment.key is not None else _posts(moment)
    return _part(_taken_back(moment), posts)


def _rank(moment: Moment) -> Value | None:
    if moment.leader is not None:
        return moment.leader.rank
    # The job ranks by posts.
    counted = _in_whole_window(moment) if moment.event.view.by == "posts" else None
    return counted.window_rank if counted else None


def _rank_change(moment: Moment) -> Value | None:
    leader = moment.leader
    return None if leader is None or leader.previous_rank is None else leader.previous_rank - leader.rank


def _change(moment: Moment) -> Value | None:
    leader = moment.leader
    return leader.posts / leader.posts_before - 1 if leader and leader.posts_before else None


def _share(moment: Moment) -> Value | None:
    if moment.event.view.by == "authors":
        return _part(_of_view_or_tag("authors")(moment), moment.event.authors)
    part = _part(_posts(moment), moment.event.posts)
    # The job may have counted a tag that leads nowhere a moment later than the snapshot.
    return min(1.0, part) if part is not None and moment.leader is None else part


def _part(some: Value | None, whole: Value | None) -> Value | None:
    return some / whole if some is not None and whole else None


def _total_posts(moment: Moment) -> Value | None:
    if moment.snapshot is None:
        return None
    total = moment.snapshot.total
    if moment.key is None:
        return total.posts
    found = next((leader.posts for leader in total.top if leader.key == moment.key), None)
    return found if found is not None or moment.counted is None else moment.counted.total_posts


def _first_seen(moment: Moment) -> Value | None:
    if moment.leader is not None:
        return moment.leader.first_seen_ms
    return moment.counted.first_seen_ms if moment.counted else None


def _pair_posts(moment: Moment) -> Value | None:
    pairs = moment.snapshot.pairs if moment.snapshot else None
    others = pairs.of.get(moment.key or "", []) if pairs else []
    return next((posts for key, _, posts in others if key == moment.other), None)


def _rising(name: str) -> Callable[[Moment], Value | None]:
    return lambda moment: getattr(moment.rising_tag, name, None)


def _held(name: str) -> Callable[[Moment], Value | None]:
    return lambda moment: getattr(moment.held_back, name, None)


def _of_event(path: str) -> Callable[[Moment], Value | None]:
    """A field of the event, of which a part may be missing."""
    *parts, name = path.split(".")

    def value(moment: Moment) -> Value | None:
        part = attrgetter(".".join(parts))(moment.event) if parts else moment.event
        found: Value | None = getattr(part, name, None)
        return found

    return value


def _of_inputs(count: Callable[[Source], int]) -> Callable[[Moment], Value | None]:
    """A sum over ingest's sources, or the number of one of them."""

    def value(moment: Moment) -> Value | None:
        health = moment.event.health
        sources = [] if health is None else health.ingest.sources
        counts = [count(source) for source in sources if moment.input in {None, source.name}]
        return sum(counts) if counts else None

    return value


NUMBERS: Mapping[str, Number] = {
    "posts": Number("posts", "may", _posts),
    "posts_before": Number("posts", "may", _of_view_or_tag("posts_before")),
    "authors": Number("people", "may", _of_view_or_tag("authors")),
    "taken_back": Number("posts", "may", _taken_back),
    "taken_back_part": Number("part", "may", _taken_back_part),
    "rank": Number("rank", "must", _rank),
    "rank_change": Number("ranks", "must", _rank_change),
    "change": Number("part", "must", _change),
    "share": Number("part", "must", _share),
    "total_posts": Number("posts", "may", _total_posts),
    "first_seen_ms": Number("time", "must", _first_seen),
    "pair_posts": Number("posts", "must", _pair_posts),
    "rising_times": Number("times", "must", _rising("times")),
    "rising_authors": Number("people", "must", _rising("authors")),
    "rising_voices": Number("voices", "must", _rising("voices")),
    "rising_expected": Number("voices", "must", _rising("expected")),
    "rising_posts": Number("posts", "must", _rising("posts")),
    "rising_copies": Number("part", "must", _rising("copies")),
    "rising_lang_part": Number("part", "must", _rising("lang_part")),
    "rising_source_part": Number("part", "must", _rising("source_part")),
    "rising_peak_voices": Number("voices", "must", _rising("peak_voices")),
    "held_posts": Number("posts", "must", _held("posts")),
    "held_authors": Number("people", "must", _held("authors")),
    "held_texts": Number("texts", "must", _held("texts")),
    "rising_topics": Number("topics", "never", _of_event("rising_topics")),
    "posts_per_second": Number("posts per second", "never", _of_event("health.posts_per_second")),
    "newest_at_ms": Number("time", "never", _of_event("health.newest_at_ms")),
    "lag_posts": Number("posts", "never", _of_event("health.lag_posts")),
    "lag_ms": Number("ms", "never", _of_event("health.lag_ms")),
    "batch_ms": Number("ms", "never", _of_event("health.batch_ms")),
    "lost": Number("posts", "never", _of_event("health.lost")),
    "skipped": Number("posts", "never", _of_event("health.skipped")),
    "cut": Number("pieces", "never", _of_event("health.cut")),
    "total_tags": Number("tags", "never", _of_event("total.tags")),
    "dropped_tags": Number("tags", "never", _of_event("total.dropped_tags")),
    "dropped_posts": Number("posts", "never", _of_event("total.dropped_posts")),
    "accepted": Number("posts", "never", _of_inputs(lambda source: source.accepted)),
    "filtered": Number("posts", "never", _of_inputs(lambda source: source.filtered)),
    "duplicate": Number("posts", "never", _of_inputs(lambda source: source.duplicate)),
    "malformed": Number("posts", "never", _of_inputs(lambda source: sum(source.malformed.values()))),
    "muted_tags": Number("tags", "never", _of_event("muted.tags")),
    "muted_hidden": Number("tags", "never", _of_event("muted.hidden")),
}
