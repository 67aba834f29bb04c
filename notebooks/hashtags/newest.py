"""The views of the newest snapshot, as `GET /api/snapshot` has it: longer lists than the live connection sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hashtags import fields
from hashtags.errors import StreamError
from hashtags.leader import parse_leaders
from hashtags.snapshot import Snapshot
from hashtags.view import BY

if TYPE_CHECKING:
    from hashtags.fields import Json
    from hashtags.view import View


def parse_newest(data: Json, view: View) -> Snapshot:
    """A view of the newest snapshot.

    Raises:
        StreamError: The snapshot has no such source or language.

    """
    window = fields.field(data, "window")
    counted, start_name = _counted(data, view), {"total": "since_ms", "batch": "at_ms"}.get(view.ranking, "from_ms")
    start = fields.time(window if view.ranking == "window" else counted, start_name)
    found = fields.objects(counted, "top" if view.by == "posts" else f"by_{BY[view.by]}")
    return Snapshot(
        view=view,
        start=start,
        to=start if view.ranking == "batch" else fields.time(window, "to_ms"),
        posts=fields.integer(counted, "posts"),
        people=fields.optional_integer(counted, "authors"),
        leaders=parse_leaders(found, before_known=_is_before_known(data, view)),
        order=(fields.integer(data, "epoch"), fields.integer(data, "seq")),
        raw=data,
    )


def _counted(data: Json, view: View) -> Json:
    """The part of the snapshot that has the list."""
    kind, name = ("source", view.source) if view.source is not None else ("lang", view.lang)
    if name is not None:
        facets = fields.field(fields.field(data, "facets"), kind)
        if name not in facets:
            what = "source" if kind == "source" else "language"
            there = f"there is {', '.join(sorted(facets))}" if facets else "there is none yet"
            raise StreamError(f"The window has no list of the {what} {name!r}; {there}.")
        return fields.mapping(facets[name], name)
    if view.ranking == "batch" and data.get("batch") is None:
        raise StreamError("There is no micro-batch yet.")
    return fields.field(data, view.ranking)


def _is_before_known(data: Json, view: View) -> bool:
    """Whether the time before was counted completely. Against a part of it, all hashtags would seem to grow."""
    if view.ranking == "batch" or data.get("coverage") is None:
        return view.ranking == "batch"
    coverage = fields.field(data, "coverage")
    if view.ranking == "window":
        return coverage.get("before") is True
    to_ms, pane_ms = (
        fields.integer(fields.field(data, "window"), "to_ms"),
        round(fields.number(data, "pane_seconds") * 1000),
    )
    return fields.integer(coverage, "from_ms") < to_ms - to_ms % pane_ms
