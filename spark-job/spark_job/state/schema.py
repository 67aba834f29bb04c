"""The tables of the state file, and the migrations of older formats."""

from spark_job.alerts.outbox import SCHEMA as ALERT_OUTBOX
from spark_job.alerts.stored_state import SCHEMA as ALERT_STATE
from spark_job.executor.posts import MAX_KEY_BYTES
from spark_job.state.author_key import SCHEMA as AUTHOR_KEY
from spark_job.state.coverage import SCHEMA as UNCOUNTED
from spark_job.state.open_hours import SCHEMA as OPEN_HOURS
from spark_job.state.positions import SCHEMA as POSITIONS
from spark_job.state.rising_lists import SCHEMA as RISING_LISTS
from spark_job.state.tag_uses import SCHEMA as TAG_USES
from spark_job.state.taken_back import SCHEMA as TAKEN_BACK

#: Format 1 had no `meta` table and no `skipped` posts, format 2 no uses of tags, format 3 no deleted posts, format 4 no
#: alerts, format 5 no hours of an archive, and format 6 no positions in a topic. A change takes the next number.
FORMAT = 7

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS progress (
  epoch BIGINT, log VARCHAR, next_offset BIGINT, since_ms BIGINT, reason VARCHAR, posts BIGINT, lost BIGINT,
  last_at_ms BIGINT, closed_until_ms BIGINT, pane_ms BIGINT, dropped_tags BIGINT, dropped_posts BIGINT, skipped BIGINT,
  next_change BIGINT, from_offset BIGINT, late BIGINT);
CREATE TABLE IF NOT EXISTS starts (n BIGINT);
CREATE TABLE IF NOT EXISTS total_sources (source VARCHAR);
CREATE TABLE IF NOT EXISTS open_counts (
  pane_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, label VARCHAR, posts BIGINT, first_at_ms BIGINT,
  hash UBIGINT);
CREATE TABLE IF NOT EXISTS pane_counts (
  pane_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, label VARCHAR, posts BIGINT, hash UBIGINT);
CREATE TABLE IF NOT EXISTS totals (key VARCHAR, label VARCHAR, posts BIGINT, first_seen_ms BIGINT, hash UBIGINT);
CREATE TABLE IF NOT EXISTS closed_panes (
  epoch BIGINT, from_ms BIGINT, to_ms BIGINT, posts BIGINT, top VARCHAR, ended_window VARCHAR,
  rising VARCHAR);
"""
    + UNCOUNTED
    + TAG_USES
    + TAKEN_BACK
    + RISING_LISTS
    + ALERT_STATE
    + ALERT_OUTBOX
    + OPEN_HOURS
    + POSITIONS
    + AUTHOR_KEY
)

#: A DuckDB file without any of these tables is not a state file of the job.
OWN_TABLES = {"progress", "starts", "open_counts", "pane_counts", "totals", "closed_panes"}
META = "CREATE TABLE IF NOT EXISTS meta (format BIGINT)"
#: Format 1 accepted hashtags of any length. A single one could fill a snapshot.
MIGRATIONS = {
    1: (
        "ALTER TABLE closed_panes ADD COLUMN IF NOT EXISTS ended_window VARCHAR",
        "ALTER TABLE progress ADD COLUMN IF NOT EXISTS skipped BIGINT DEFAULT 0",
        f"CREATE TEMP TABLE too_long AS SELECT posts FROM totals WHERE strlen(key) > {MAX_KEY_BYTES}",  # noqa: S608
        "UPDATE progress SET dropped_tags = dropped_tags + (SELECT count(*) FROM too_long)",
        "UPDATE progress SET dropped_posts = dropped_posts + (SELECT coalesce(sum(posts), 0) FROM too_long)",
        "DROP TABLE too_long",
        f"DELETE FROM totals WHERE strlen(key) > {MAX_KEY_BYTES}",  # noqa: S608
        f"DELETE FROM open_counts WHERE strlen(key) > {MAX_KEY_BYTES}",  # noqa: S608
        f"DELETE FROM pane_counts WHERE strlen(key) > {MAX_KEY_BYTES}",  # noqa: S608
    ),
    # The new tables are made with the schema, and are empty. Those of the detector are made by the detector.
    2: ("ALTER TABLE closed_panes ADD COLUMN IF NOT EXISTS rising VARCHAR",),
    3: (
        "ALTER TABLE progress ADD COLUMN IF NOT EXISTS next_change BIGINT DEFAULT 0",
        "ALTER TABLE progress ADD COLUMN IF NOT EXISTS from_offset BIGINT DEFAULT 0",
    ),
    4: (),
    5: (),
    6: ("ALTER TABLE progress ADD COLUMN IF NOT EXISTS late BIGINT DEFAULT 0",),
}
