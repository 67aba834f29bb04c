"""Numbers that say why a tag is on the list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from spark_job.rising.window import list_of

_LEADING = """
WITH posts AS (
  SELECT hash, source, lang, sum(posts)::BIGINT AS posts FROM rising_window JOIN rising_facets USING (facet)
  WHERE hash IN (SELECT unnest($tags::UBIGINT[])) GROUP BY hash, source, lang),
sources AS (
  SELECT hash, arg_max(source, (posts, source)) AS source, max(posts) AS posts, sum(posts) AS total
  FROM (SELECT hash, source, sum(posts) AS posts FROM posts GROUP BY hash, source) GROUP BY hash),
langs AS (
  SELECT hash, arg_max(lang, (posts, lang)) AS lang, max(posts) AS posts
  FROM (SELECT hash, lang, sum(posts) AS posts FROM posts GROUP BY hash, lang) GROUP BY hash)
SELECT hash, source, s.posts / total, lang, l.posts / total FROM sources s JOIN langs l USING (hash)
"""
_PANES = """
SELECT hash, pane_ms, count(DISTINCT author) FROM rising_window
WHERE hash IN (SELECT unnest($tags::UBIGINT[])) AND facet IN (SELECT unnest($facets::SMALLINT[]))
GROUP BY hash, pane_ms
"""


@dataclass(frozen=True)
class Leading:
    """The leading source and language of a tag in the window, with their parts of its posts."""

    source: str
    source_part: float
    lang: str
    lang_part: float


def leading(db: duckdb.DuckDBPyConnection, tags: Sequence[int]) -> dict[int, Leading]:
    """Return the leading source and language of tags of the window, by their hashes."""
    if not tags:
        return {}
    return {tag: Leading(*rest) for tag, *rest in db.execute(_LEADING, {"tags": list_of(tags)}).fetchall()}


def authors_of_panes(
    db: duckdb.DuckDBPyConnection, tags: Sequence[int], facets: Iterable[int], panes: range
) -> dict[int, list[int]]:
    """Return the different authors of tags in each pane of the window, by their hashes.

    Args:
        db: The state.
        tags: The hashes of the tags.
        facets: Only posts of these facets are counted.
        panes: The beginnings of the panes, in ms since 1970.

    """
    if not tags:
        return {}
    wanted = {"tags": list_of(tags), "facets": list_of(facets)}
    found = {(tag, pane_ms): authors for tag, pane_ms, authors in db.execute(_PANES, wanted).fetchall()}
    return {tag: [found.get((tag, pane_ms), 0) for pane_ms in panes] for tag in tags}
