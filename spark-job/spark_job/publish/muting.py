"""Leave muted tags out of lists that were made before these tags were muted."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from spark_job.mute.mute_list import MuteList
from spark_job.panel_schema import Pairs, Together
from spark_job.rising_schema import HeldBack, Rising, RisingTag, Topic
from spark_job.snapshot_schema import Facet, FacetLeader, Leader, Named, Pane, Snapshot, Window, WindowLeader

Tag = TypeVar("Tag", Named, RisingTag, HeldBack)
AnyLeader = TypeVar("AnyLeader", Leader, WindowLeader, FacetLeader)


def of_rising(rising: Rising | None, muted: MuteList) -> Rising | None:
    """The list of rising tags without the muted ones."""
    if rising is None or not muted:
        return rising
    topics = [_shown(topic.tags, muted) for topic in rising.topics]
    return replace(
        rising,
        topics=[Topic(tags=tags) for tags in topics if tags],
        held_back=_shown(rising.held_back, muted),
    )


def of_pane(pane: Pane, muted: MuteList) -> Pane:
    """A closed pane without the muted tags."""
    if not muted:
        return pane
    window = pane.window
    if window is not None:
        by_authors = UNSET if window.by_authors is UNSET else _shown(window.by_authors, muted)
        window = replace(window, top=_shown(window.top, muted), by_authors=by_authors)
    rising = of_rising(pane.rising, muted) if isinstance(pane.rising, Rising) else pane.rising
    return replace(pane, top=_shown(pane.top, muted), window=window, rising=rising)


def of_together(together: Together | None, muted: MuteList) -> Together | None:
    """Pairs and topics without the muted tags. A topic of which one tag is left is none."""
    if together is None or not muted:
        return together
    return Together(_pairs(together.pairs, muted), _topics(together.topics, muted))


def of_snapshot(snapshot: Snapshot, muted: MuteList) -> Snapshot:
    """A snapshot without the muted tags. Those behind them move up. Closed panes and samples stay as they are."""
    if not muted:
        return snapshot
    facets, batch = snapshot.facets, snapshot.batch
    return replace(
        snapshot,
        window=_of_window(snapshot.window, muted),
        total=replace(snapshot.total, top=_ranked(snapshot.total.top, muted)),
        batch=batch and replace(batch, top=_ranked(batch.top, muted)),
        facets=replace(
            facets,
            source={name: _of_facet(facet, muted) for name, facet in facets.source.items()},
            lang={name: _of_facet(facet, muted) for name, facet in facets.lang.items()},
        ),
        rising=of_rising(snapshot.rising, muted) if isinstance(snapshot.rising, Rising) else snapshot.rising,
        pairs=UNSET if snapshot.pairs is UNSET else _pairs(snapshot.pairs, muted),
    )


def _of_window(window: Window, muted: MuteList) -> Window:
    top, by_authors = _ranked(window.top, muted), _by_authors(window.by_authors, muted)
    topics = UNSET if window.topics is UNSET else _topics(window.topics, muted)
    return replace(window, top=top, by_authors=by_authors, topics=topics)


def _of_facet(facet: Facet, muted: MuteList) -> Facet:
    return replace(facet, top=_ranked(facet.top, muted), by_authors=_by_authors(facet.by_authors, muted))


def _by_authors(tags: Sequence[AnyLeader] | UnsetType, muted: MuteList) -> list[AnyLeader] | UnsetType:
    return UNSET if tags is UNSET else _ranked(tags, muted)


def _ranked(tags: Sequence[AnyLeader], muted: MuteList) -> list[AnyLeader]:
    shown = (tag for tag in tags if not muted.hides(tag.key))
    return [replace(tag, rank=rank) for rank, tag in enumerate(shown, 1)]


def _shown(tags: Sequence[Tag], muted: MuteList) -> list[Tag]:
    return [tag for tag in tags if not muted.hides(tag.key)]


def _pairs(pairs: Pairs, muted: MuteList) -> Pairs:
    hides = muted.hides
    shown = {key: [one for one in others if not hides(one[0])] for key, others in pairs.of.items() if not hides(key)}
    return replace(pairs, of={key: others for key, others in shown.items() if others})


def _topics(topics: Sequence[Sequence[str]], muted: MuteList) -> list[list[str]]:
    shown = ([key for key in topic if not muted.hides(key)] for topic in topics)
    return [keys for keys in shown if len(keys) > 1]
