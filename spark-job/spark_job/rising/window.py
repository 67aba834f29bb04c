"""The voices of the window: who used which hashtag, with which text.

A voice is a person with something to say: a tag has as many voices as it has different authors, or different texts if
those are fewer. So neither one account with many posts nor many accounts with one text make a tag rise.
"""

import duckdb

from spark_job.rising.facts import PaneFacts
from spark_job.state.sql import HASH

SCHEMA = """
CREATE TABLE IF NOT EXISTS rising_facets (facet SMALLINT, source VARCHAR, lang VARCHAR);
CREATE TABLE IF NOT EXISTS rising_window (
  pane_ms BIGINT, facet SMALLINT, hash UBIGINT, key VARCHAR, author UBIGINT, text UBIGINT, posts BIGINT);
CREATE TABLE IF NOT EXISTS rising_posts (pane_ms BIGINT, facet SMALLINT, posts BIGINT);
"""

ADD_FACETS = """
INSERT INTO rising_facets
SELECT (SELECT coalesce(max(facet), 0) FROM rising_facets) + row_number() OVER (ORDER BY source, lang), source, lang
FROM (SELECT source, lang FROM pane_posts EXCEPT SELECT source, lang FROM rising_facets)
"""
#: A post without an author is a voice of its own, and so is a text with too little to compare. `row` makes them
#: different from all others; the pane's time makes them different from those of other panes.
ADD_VOICES = f"""
INSERT INTO rising_window
SELECT $pane, facet, {HASH}, key, coalesce(author, hash($pane, number)), coalesce(text, hash($pane, number, 1)), posts
FROM (SELECT *, row_number() OVER () AS number FROM pane_voices) JOIN rising_facets USING (source, lang)
"""  # noqa: S608 - put together from constants
ADD_POSTS = """
INSERT INTO rising_posts SELECT $pane, facet, posts FROM pane_posts JOIN rising_facets USING (source, lang)
"""


def add_pane(db: duckdb.DuckDBPyConnection, facts: PaneFacts, pane_ms: int, window_ms: int) -> None:
    """Add a pane to the window, and forget the hashes of the panes that have left it.

    Args:
        db: The state.
        facts: The facts of the pane.
        pane_ms: Length of a pane.
        window_ms: Length of the window.

    """
    begin = {"pane": facts.until_ms - pane_ms}
    db.register("pane_voices", facts.voices)
    db.register("pane_posts", facts.posts)
    try:
        db.execute(ADD_FACETS)
        db.execute(ADD_VOICES, begin)
        db.execute(ADD_POSTS, begin)
    finally:
        db.unregister("pane_voices")
        db.unregister("pane_posts")
    for table in ("rising_window", "rising_posts"):
        db.execute(f"DELETE FROM {table} WHERE pane_ms < ?", [facts.until_ms - window_ms])  # noqa: S608 - names above
