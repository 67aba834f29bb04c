"""Numbers that say why a tag is on the list."""

from dataclasses import dataclass

import duckdb

from spark_job.rising.baseline import Past

LEADING = """
WITH posts AS (
  SELECT source, lang, sum(posts)::BIGINT AS posts FROM rising_window JOIN rising_facets USING (facet)
  WHERE hash = ? GROUP BY source, lang)
SELECT (SELECT (arg_max(source, (posts, source)), max(posts)) FROM (SELECT source, sum(posts) AS posts FROM posts GROUP BY 1)),
  (SELECT (arg_max(lang, (posts, lang)), max(posts)) FROM (SELECT lang, sum(posts) AS posts FROM posts GROUP BY 1)),
  (SELECT sum(posts) FROM posts)
"""


@dataclass(frozen=True)
class Reasons:
    """The leading source and language of a tag with their parts of its posts, and its past."""

    source: str
    source_part: float
    lang: str
    lang_part: float
    earlier: Past


def reasons_of(db: duckdb.DuckDBPyConnection, tag: int, earlier: Past) -> Reasons:
    """Return the reasons of a tag of the window, by its hash."""
    (((source, of_source), (lang, of_lang), posts),) = db.execute(LEADING, [tag]).fetchall()
    return Reasons(source, of_source / posts, lang, of_lang / posts, earlier)
