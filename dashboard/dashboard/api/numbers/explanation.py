"""How a number was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from dashboard.api.numbers.names import NUMBERS, Unit
from dashboard.snapshots import fields as f
from dashboard.snapshots.event import View
from dashboard.snapshots.fields import Count, TimeMs, milliseconds
from dashboard.snapshots.mute_schema import Muted
from dashboard.snapshots.views import REPLAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.api.numbers.moment import Moment
    from dashboard.api.numbers.names import Value
    from dashboard.snapshots.health_schema import Source
    from dashboard.snapshots.schema import ShownSnapshot


class Explanation(Struct, frozen=True, kw_only=True):
    """A number of the page, and how it was made."""

    of: Annotated[str, Meta(description="The name of the number.")]
    value: Annotated[int | float, Meta(description="The number.")]
    unit: Annotated[Unit, Meta(description="What the number counts or measures.")]
    view: Annotated[View, Meta(description="The view of which it is a number.")]
    key: Annotated[str | None, Meta(description="The key of the tag of which it is a number. Null: of all posts.")]
    label: Annotated[str | None, Meta(description="The spelling of that tag, where it is known.")]
    from_ms: Annotated[TimeMs, Meta(description="From when on posts were counted for it.")]
    to_ms: Annotated[TimeMs, Meta(description="Up to when posts were counted for it.")]
    counted_from_ms: Annotated[
        TimeMs, Meta(description="Where counting begins in that time. It is `from_ms` if nothing is missing there.")
    ]
    missing_ms: f.MissingMs
    source: Annotated[str | None, Meta(description="Only posts of this source were counted. Null: of all sources.")]
    lang: Annotated[str | None, Meta(description="Only posts in this language were counted. Null: in all languages.")]
    sources: f.SourceNames
    terms: Annotated[list[str], Meta(description="The terms in force now. Empty: every post was accepted.")]
    languages: Annotated[list[str], Meta(description="The languages in force now. Empty: all.")]
    order: Annotated[
        Literal["posts", "authors", "score"] | None,
        Meta(
            description="By what tags are ordered: posts, then key; people, then posts, then key; or how surprising a "
            "rise is. Null for a number that needs no order."
        ),
    ]
    counted_until_offset: Annotated[
        Count | None, Meta(description="Up to which offset of the log posts were counted. Null in the past.")
    ]
    lag_posts: Annotated[Count | None, Meta(description="Accepted posts that were not counted yet. Null in the past.")]
    lost: Annotated[Count | None, Meta(description="Posts of the epoch that were not counted. Null in the past.")]
    skipped: Annotated[Count | None, Meta(description="The lost posts that could not be read. Null in the past.")]
    dropped_tags: Annotated[Count | None, Meta(description="Rare tags that the totals dropped. Null in the past.")]
    dropped_posts: Annotated[Count | None, Meta(description="The posts of these tags. Null in the past.")]
    muted: Annotated[Muted | None, Meta(description="How many tags are muted. Null where that is not known.")]
    is_estimate: Annotated[
        bool, Meta(description="Whether it is an estimate, from a sample of the people or from some of the pairs.")
    ]
    pane_from_ms: Annotated[
        TimeMs | None,
        Meta(description="The start of the newest closed pane of this time, which can be recounted. Null without one."),
    ]
    curl: Annotated[str, Meta(description="A command that prints exactly this number.")]


def explanation(of: str, value: Value, moment: Moment, curl: str) -> Explanation:
    """How a number was made.

    Args:
        of: The name of the number.
        value: The number.
        moment: The view and the tag of which it is a number.
        curl: The command that prints it.

    """
    event, snapshot = moment.event, moment.snapshot
    from_ms, to_ms = _span(of, moment)
    health, total = event.health, event.total
    return Explanation(
        of=of,
        value=value,
        unit=NUMBERS[of].unit,
        view=event.view,
        key=moment.key,
        label=_label(moment),
        from_ms=from_ms,
        to_ms=to_ms,
        counted_from_ms=min(to_ms, max(from_ms, event.coverage.from_ms)) if _is_of_window(of, moment) else from_ms,
        missing_ms=event.coverage.missing_ms,
        source=event.view.source,
        lang=event.view.lang,
        sources=event.sources,
        terms=_each_once(term for source in _inputs(moment) for term in source.terms),
        languages=_each_once(code for source in _inputs(moment) for code in source.languages),
        order=_order(of, moment),
        counted_until_offset=health.offset if health else None,
        lag_posts=health.lag_posts if health else None,
        lost=health.lost if health else None,
        skipped=health.skipped if health else None,
        dropped_tags=total.dropped_tags if total else None,
        dropped_posts=total.dropped_posts if total else None,
        muted=event.muted,
        is_estimate=_is_estimate(of, moment.key, snapshot),
        pane_from_ms=_pane_from_ms(moment),
        curl=curl,
    )


def _span(of: str, moment: Moment) -> tuple[int, int]:
    """The time whose posts were counted for a number."""
    event, snapshot = moment.event, moment.snapshot
    length_ms = milliseconds(event.window_seconds)
    if snapshot is not None and of == "pair_posts" and snapshot.pairs is not None:
        return max(0, snapshot.pairs.at_ms - length_ms), snapshot.pairs.at_ms
    if moment.rising is not None and of.startswith(("rising_", "held_")):
        return max(0, moment.rising.at_ms - length_ms), moment.rising.at_ms
    if snapshot is not None and (of == "total_posts" or of == "total_tags" or of.startswith("dropped_")):
        return snapshot.total.since_ms, snapshot.window.to_ms
    if of == "posts_before" and _is_of_window(of, moment):
        return max(0, event.from_ms - length_ms), event.from_ms
    return event.from_ms, event.to_ms


def _is_of_window(of: str, moment: Moment) -> bool:
    return moment.event.view.ranking in {"window", "rising"} and not of.startswith(("total_", "dropped_"))


def _label(moment: Moment) -> str | None:
    known = (moment.leader, moment.rising_tag, moment.held_back, moment.counted)
    return next((tag.label for tag in known if tag), None)


def _inputs(moment: Moment) -> list[Source]:
    """Ingest's sources whose posts are in the view."""
    health, source = moment.event.health, moment.event.view.source
    inputs = health.ingest.sources if health else []
    # A file has posts of any source.
    return [one for one in inputs if source in {None, one.name} or one.name == REPLAY]


def _each_once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _order(of: str, moment: Moment) -> Literal["posts", "authors", "score"] | None:
    if of.startswith("rising_") and moment.key is not None:
        return "score"
    if of not in {"rank", "rank_change"}:
        return None
    return moment.event.view.by


def _is_estimate(of: str, key: str | None, snapshot: ShownSnapshot | None) -> bool:
    """Whether a number comes from a sample: a pane had too many people, or too many pairs. The job says so."""
    if snapshot is None:
        return False
    if of == "pair_posts":
        return snapshot.pairs is not None and not snapshot.pairs.is_exact
    if NUMBERS[of].unit not in {"people", "voices"} or of.startswith("held_"):
        return False
    sampled = snapshot.window.sampled
    return sampled is not None and (sampled.authors if key is None else sampled.tags) > 1


def _pane_from_ms(moment: Moment) -> int | None:
    """The start of the newest closed pane of the window."""
    event, length_ms = moment.event, milliseconds(moment.event.pane_seconds)
    if event.view.ranking == "batch":
        return None
    from_ms = (event.to_ms // length_ms - 1) * length_ms
    return from_ms if from_ms >= event.from_ms else None
