"""The size limit of a snapshot: what is cut from one that is too large to push, and in which order.

Labels and lists become shorter. Keys, ranks and posts stay. docs/protocol.md ("Budget") describes it.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from spark_job.publish import rising_budget
from spark_job.publish.cut import LABEL_CHARACTERS, AnyTag, Cut, Tag, is_long
from spark_job.publish.samples_budget import shorter
from spark_job.rising_schema import Rising
from spark_job.snapshot_schema import MAX_PANES, Facet, Facets, Health, Pane, Snapshot, Window, WindowLeader
from spark_job.state.closed_panes import PANES_BYTES

#: The limit without closed panes and curves.
BODY_BYTES = 832 << 10
CURVES_BYTES = 1 << 20
PANE_BYTES = 256 << 10
STATUS_BYTES = 64 << 10
#: Ingest makes no longer labels. Longer ones of older logs are always cut.
LABEL_BYTES = 640
SOURCES = 20
#: The most tags of a ranking and of a facet, and of a closed pane and its window. The next step is taken while the
#: snapshot does not fit.
STEPS = ((50, 20), (50, 10), (50, 5), (20, 5), (20, 3), (10, 2), (5, 1), (3, 1), (1, 1), (1, 0))
PANE_STEPS = ((50, 40), (50, 20), (20, 20), (10, 10), (5, 5), (3, 3), (1, 1), (1, 0), (0, 0))
#: Objects of ingest's status have fewer fields than this. All of them stay.
STATUS_FIELDS = 30
#: The most characters of a text and entries of a list of ingest's status, step by step.
STATUS_STEPS = ((500, 200), (200, 50), (100, 10), (20, 3))


class _Change(Protocol):
    """Changes a `top` list."""

    def __call__(self, top: Sequence[Tag], /) -> list[Tag]: ...


def fit(snapshot: Snapshot, share: float = 1.0, most_panes: int = MAX_PANES) -> Snapshot:
    """Cut `snapshot` to the size limit. `health.cut` says how much was cut.

    Args:
        snapshot: The snapshot.
        share: The part of the size limit that it may use.
        most_panes: The most closed panes.

    """
    cut = Cut(snapshot.health.cut)
    beside = sum(_size(part) for part in (snapshot.samples, snapshot.pairs, snapshot.alerts, snapshot.alert_rules))
    # A snapshot that was refused for its content has fewer samples, and no pairs. Without samples, the dashboard can't
    # know which posts were deleted, and forgets all of them.
    samples = snapshot.samples if share == 1.0 or snapshot.samples is UNSET else shorter(snapshot.samples, share)
    pairs = snapshot.pairs if share == 1.0 else UNSET
    alerts = snapshot.alerts if share == 1.0 or snapshot.alerts is UNSET else snapshot.alerts[:most_panes]
    body = replace(snapshot, panes=[], samples=UNSET, pairs=UNSET, alerts=UNSET, alert_rules=UNSET)
    body = _with_labels(body, cut, LABEL_BYTES)
    body = _with_few_sources(body, cut)
    body = replace(body, health=_with_short_status(body.health, cut))
    if not _fits(body, share):
        body = _with_labels(body, cut, LABEL_CHARACTERS)
    for step, of_rising in [*zip(STEPS, rising_budget.STEPS, strict=True)][1:]:
        if _fits(body, share):
            break
        body = _with_tops(body, cut, *step)
        if isinstance(body.rising, Rising):
            body = replace(body, rising=rising_budget.shorter(body.rising, cut, *of_rising))
    panes = _fit_panes(snapshot.panes, cut, PANES_BYTES * share - beside, share, most_panes)
    body = replace(body, panes=panes, samples=samples, pairs=pairs, health=replace(body.health, cut=cut.count))
    return replace(body, alerts=alerts or UNSET, alert_rules=snapshot.alert_rules)


def _fits(body: Snapshot, share: float) -> bool:
    size = _size(body)
    if size <= BODY_BYTES * share:
        return True
    curves = sum(_size(tag.panes) for top in _tops(body) for tag in top if isinstance(tag, WindowLeader))
    if isinstance(body.rising, Rising):
        curves += sum(_size(tag.panes) for tag in rising_budget.tags_of(body.rising))
    return size - curves <= BODY_BYTES * share and curves <= CURVES_BYTES * share


def _size(value: object) -> int:
    return 0 if value is UNSET else len(msgspec.json.encode(value))


def _tops(body: Snapshot) -> list[Sequence[AnyTag]]:
    windows: list[Window | Facet] = [
        body.window,
        *body.facets.source.values(),
        *body.facets.lang.values(),
    ]
    by_authors = [window.by_authors for window in windows if window.by_authors is not UNSET]
    batch = [body.batch.top] if body.batch is not None else []
    return [*(window.top for window in windows), *by_authors, body.total.top, *batch]


def _with(body: Snapshot, ranking: _Change, facet: _Change) -> Snapshot:
    """Apply `ranking` to the lists of each ranking, and `facet` to those of each facet."""

    def changed(facets: dict[str, Facet]) -> dict[str, Facet]:
        return {
            name: replace(found, top=facet(found.top), by_authors=_changed(found.by_authors, facet))
            for name, found in facets.items()
        }

    return replace(
        body,
        window=replace(body.window, top=ranking(body.window.top), by_authors=_changed(body.window.by_authors, ranking)),
        total=replace(body.total, top=ranking(body.total.top)),
        batch=None if body.batch is None else replace(body.batch, top=ranking(body.batch.top)),
        facets=Facets(source=changed(body.facets.source), lang=changed(body.facets.lang)),
    )


def _changed(top: list[Tag] | UnsetType, change: _Change) -> list[Tag] | UnsetType:
    return UNSET if top is UNSET else change(top)


def _with_labels(body: Snapshot, cut: Cut, most_bytes: int) -> Snapshot:
    def short(top: Sequence[Tag], /) -> list[Tag]:
        return cut.labels(top, most_bytes)

    if isinstance(body.rising, Rising):
        body = replace(body, rising=rising_budget.with_labels(body.rising, cut, most_bytes))
    return _with(body, short, short) if any(is_long(tag, most_bytes) for top in _tops(body) for tag in top) else body


def _with_tops(body: Snapshot, cut: Cut, of_ranking: int, of_facet: int) -> Snapshot:
    def ranking(top: Sequence[Tag], /) -> list[Tag]:
        return cut.first(top, of_ranking)

    def facet(top: Sequence[Tag], /) -> list[Tag]:
        return cut.first(top, of_facet)

    return _with(body, ranking, facet)


def _with_few_sources(body: Snapshot, cut: Cut) -> Snapshot:
    """Keep the sources with the most posts."""
    found, named = body.facets.source, body.total.sources
    cut.count += max(0, len(found) - SOURCES) + max(0, len(named) - SOURCES)
    if len(found) > SOURCES:
        leading = sorted(found.items(), key=lambda one: (-one[1].posts, one[0]))[:SOURCES]
        body = replace(body, facets=replace(body.facets, source=dict(leading)))
    return replace(body, total=replace(body.total, sources=named[:SOURCES])) if len(named) > SOURCES else body


def _with_short_status(health: Health, cut: Cut) -> Health:
    status = health.ingest.status
    for step in STATUS_STEPS:
        if status is None or _size(status) <= STATUS_BYTES:
            break
        status = _short(status, cut, *step)
    return replace(health, ingest=replace(health.ingest, status=status))


def _short(value: Any, cut: Cut, characters: int, entries: int) -> Any:
    """A JSON value with shorter texts, lists and objects at all levels."""
    if isinstance(value, str) and len(value) > characters:
        cut.count += 1
        return value[: characters - 1] + "…"
    if isinstance(value, list):
        cut.count += max(0, len(value) - entries)
        return [_short(entry, cut, characters, entries) for entry in value[:entries]]
    if isinstance(value, dict):
        fields = max(entries, STATUS_FIELDS)
        cut.count += max(0, len(value) - fields)
        shorter = [*value.items()][:fields]
        return {name[:characters]: _short(entry, cut, characters, entries) for name, entry in shorter}
    return value


def _fit_panes(panes: Sequence[Pane], cut: Cut, left: float, share: float, most: int) -> list[Pane]:
    """The oldest panes that fit, but at least one: a pane that is never sent would block the ones after it."""
    fitting: list[Pane] = []
    for pane in panes[:most]:
        fitted, size = _fit_pane(pane, cut, PANE_BYTES * share)
        if fitting and size > left:
            break
        fitting.append(fitted)
        left -= size
    return fitting


def _fit_pane(pane: Pane, cut: Cut, most_bytes: float) -> tuple[Pane, int]:
    pane = _with_pane_labels(pane, cut, LABEL_BYTES)
    size = _size(pane)
    if size > most_bytes:
        pane = _with_pane_labels(pane, cut, LABEL_CHARACTERS)
    for step, of_rising in [*zip(PANE_STEPS, rising_budget.PANE_STEPS, strict=True)][1:]:
        size = _size(pane)
        if size <= most_bytes:
            break
        pane = _with_pane_tops(pane, cut, *step)
        if isinstance(pane.rising, Rising):
            pane = replace(pane, rising=rising_budget.shorter(pane.rising, cut, *of_rising))
    return pane, size


def _with_pane_labels(pane: Pane, cut: Cut, most_bytes: int) -> Pane:
    window = pane.window
    top = cut.labels(pane.top, most_bytes)
    if isinstance(pane.rising, Rising):
        pane = replace(pane, rising=rising_budget.with_labels(pane.rising, cut, most_bytes))
    return replace(pane, top=top, window=window and replace(window, top=cut.labels(window.top, most_bytes)))


def _with_pane_tops(pane: Pane, cut: Cut, of_pane: int, of_window: int) -> Pane:
    window = pane.window
    top = cut.first(pane.top, of_pane)
    return replace(pane, top=top, window=window and replace(window, top=cut.first(window.top, of_window)))
