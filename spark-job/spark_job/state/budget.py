"""A snapshot's budget: what is cut from one that would be too large to be pushed, and in which order.

Labels and lists get shorter; keys, ranks and posts stay as they are. docs/protocol.md ("Budget") says it to readers.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

#: Without panes and without curves, which are as long as the window has panes.
BODY_BYTES = 512 << 10
CURVES_BYTES = 1 << 20
PANES_BYTES = 2 << 20
PANE_BYTES = 256 << 10
STATUS_BYTES = 64 << 10
#: Ingest makes no longer labels; those of older logs are always shortened.
LABEL_BYTES = 640
LABEL_CHARACTERS = 64
SOURCES = 20
#: Most tags of a ranking and of a facet, step by step, until the snapshot fits.
STEPS = ((50, 20), (50, 10), (50, 5), (20, 5), (20, 3), (10, 2), (5, 1), (3, 1), (1, 1), (1, 0))
PANE_STEPS = ((50, 20), (20, 20), (10, 10), (5, 5), (3, 3), (1, 1), (1, 0), (0, 0))
#: An object of ingest's status has fewer fields than this, and they are needed.
STATUS_FIELDS = 30
#: Most characters of a text and most entries of a list of ingest's status, step by step.
STATUS_STEPS = ((500, 200), (200, 50), (100, 10), (20, 3))

Json = dict[str, Any]


class _Cut:
    """How much was cut: each shortened text, each tag and each entry that was left out."""

    def __init__(self, count: int) -> None:
        self.count = count

    def label(self, label: str) -> str:
        self.count += 1
        return label[: LABEL_CHARACTERS - 1] + "…"

    def top(self, tags: Sequence[Json], most: int) -> list[Json]:
        self.count += max(0, len(tags) - most)
        return [*tags[:most]]


def fit(snapshot: Json, share: float = 1.0, most_panes: int = 60) -> Json:
    """`snapshot` within `share` of the budget; the same if it fits. `health.cut` says how much was cut."""
    cut = _Cut(snapshot.get("health", {}).get("cut", 0))
    body = snapshot | {"panes": []}
    body = _with_labels(body, cut, LABEL_BYTES)
    body = _with_few_sources(body, cut)
    body = _with_short_status(body, cut)
    if not _fits(body, share):
        body = _with_labels(body, cut, LABEL_CHARACTERS)
    for step in STEPS[1:]:
        if _fits(body, share):
            break
        body = _with_tops(body, cut, *step)
    panes = _fit_panes(snapshot["panes"], cut, share, most_panes)
    return body | {"panes": panes, "health": body.get("health", {}) | {"cut": cut.count}}


def _fits(body: Json, share: float) -> bool:
    size = _size(body)
    if size <= BODY_BYTES * share:
        return True
    curves = sum(_size(tag.get("panes")) for top in _tops(body) for tag in top)
    return size - curves <= BODY_BYTES * share and curves <= CURVES_BYTES * share


def _size(value: object) -> int:
    return len(msgspec.json.encode(value))


def _rankings(body: Json) -> list[str]:
    return [name for name in ("window", "total", "batch") if body.get(name) is not None]


def _tops(body: Json) -> list[list[Json]]:
    facets = [facet["top"] for values in body.get("facets", {}).values() for facet in values.values()]
    return [*(body[name]["top"] for name in _rankings(body)), *facets]


def _with(body: Json, ranking: Any, facet: Any) -> Json:
    """`body` with `ranking` of each ranking's top, and `facet` of each facet's."""
    changed = {name: body[name] | {"top": ranking(body[name]["top"])} for name in _rankings(body)}
    facets = {
        kind: {name: found | {"top": facet(found["top"])} for name, found in values.items()}
        for kind, values in body.get("facets", {}).items()
    }
    return body | changed | {"facets": facets}


def _with_labels(body: Json, cut: _Cut, most_bytes: int) -> Json:
    def short(top: Sequence[Json]) -> list[Json]:
        return _short_labels(top, cut, most_bytes)

    return _with(body, short, short) if any(_is_long(tag, most_bytes) for top in _tops(body) for tag in top) else body


def _short_labels(top: Sequence[Json], cut: _Cut, most_bytes: int) -> list[Json]:
    return [tag | {"label": cut.label(tag["label"])} if _is_long(tag, most_bytes) else tag for tag in top]


def _is_long(tag: Json, most_bytes: int) -> bool:
    label = tag["label"]
    return len(label) > LABEL_CHARACTERS and len(label.encode(errors="replace")) > most_bytes


def _with_tops(body: Json, cut: _Cut, of_ranking: int, of_facet: int) -> Json:
    return _with(body, lambda top: cut.top(top, of_ranking), lambda top: cut.top(top, of_facet))


def _with_few_sources(body: Json, cut: _Cut) -> Json:
    """The sources with most posts: each has a facet."""
    found, named = body.get("facets", {}).get("source", {}), body.get("total", {}).get("sources", [])
    cut.count += max(0, len(found) - SOURCES) + max(0, len(named) - SOURCES)
    if len(found) > SOURCES:
        leading = sorted(found.items(), key=lambda one: (-one[1]["posts"], one[0]))[:SOURCES]
        body = body | {"facets": body["facets"] | {"source": dict(leading)}}
    return body | {"total": body["total"] | {"sources": named[:SOURCES]}} if len(named) > SOURCES else body


def _with_short_status(body: Json, cut: _Cut) -> Json:
    ingest = body.get("health", {}).get("ingest") or {}
    status = ingest.get("status")
    for step in STATUS_STEPS:
        if status is None or _size(status) <= STATUS_BYTES:
            break
        status = _short(status, cut, *step)
    if status is ingest.get("status"):
        return body
    return body | {"health": body["health"] | {"ingest": ingest | {"status": status}}}


def _short(value: Any, cut: _Cut, characters: int, entries: int) -> Any:
    """`value` of JSON with shorter texts, lists and objects, all the way down."""
    if isinstance(value, str) and len(value) > characters:
        cut.count += 1
        return value[: characters - 1] + "…"
    if isinstance(value, list):
        cut.count += max(0, len(value) - entries)
        return [_short(entry, cut, characters, entries) for entry in value[:entries]]
    if isinstance(value, dict):
        entries_kept = max(entries, STATUS_FIELDS)
        cut.count += max(0, len(value) - entries_kept)
        kept = [*value.items()][:entries_kept]
        return {name[:characters]: _short(entry, cut, characters, entries) for name, entry in kept}
    return value


def _fit_panes(panes: Sequence[Json], cut: _Cut, share: float, most: int) -> list[Json]:
    """The oldest panes that fit, one at least: each must get through, so that those behind it do."""
    fitting: list[Json] = []
    left = PANES_BYTES * share
    for pane in panes[:most]:
        fitted, size = _fit_pane(pane, cut, PANE_BYTES * share)
        if fitting and size > left:
            break
        fitting.append(fitted)
        left -= size
    return fitting


def _fit_pane(pane: Json, cut: _Cut, most_bytes: float) -> tuple[Json, int]:
    pane = _pane_with(pane, lambda top, _: _short_labels(top, cut, LABEL_BYTES))
    size = _size(pane)
    if size > most_bytes:
        pane = _pane_with(pane, lambda top, _: _short_labels(top, cut, LABEL_CHARACTERS))
    for step in PANE_STEPS[1:]:
        size = _size(pane)
        if size <= most_bytes:
            break
        pane = _pane_with(pane, lambda top, place, step=step: cut.top(top, step[place]))
    return pane, size


def _pane_with(pane: Json, change: Any) -> Json:
    """`pane` with a change of its top, whose place is 0, and of that of its window, whose place is 1."""
    window = pane.get("window")
    if window is not None:
        window = window | {"top": change(window["top"], 1)}
    return pane | {"top": change(pane.get("top", []), 0), "window": window}
