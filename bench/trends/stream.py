"""A made-up stream: habits of days and weeks, in several languages, by heavy-tailed authors, with planted events.

A seed determines every post. DuckDB makes the posts of a day with one statement, because a day has three million.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import duckdb
import pyarrow as pa

from bench.trends.events import Burst, Disturbance
from spark_job.rising.facts import VOICES_ARROW, PaneFacts

PANE_MS = 10_000
WINDOW_MS = 300_000
#: Panes of the days before the marked one, which are learned only.
LEARN_PANE_MS = 60_000
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
#: The first day is a Monday.
START_MS = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp() * 1000)
TAGS = 20_000
#: The part of the posts with a hashtag, and of these with a second one.
TAGGED, TAGGED_TWICE = 0.7, 0.2
#: The part of the posts with too little text to compare.
SHORT = 0.1

#: Source -> its part of the posts.
SOURCES = {"bluesky": 0.7, "mastodon": 0.3}
#: Language -> its part of the posts, its busiest hour (UTC), and its part of a weekend's posts.
LANGUAGES = {
    "en": (0.40, 20.0, 0.8),
    "es": (0.18, 22.0, 0.9),
    "ja": (0.16, 12.0, 1.1),
    "pt": (0.12, 23.0, 0.9),
    "de": (0.08, 18.0, 0.7),
    "und": (0.06, 17.0, 1.0),
}
SMALL_LANGUAGE = 0.02
_SWING = 0.6
_COLUMNS = pa.schema(
    [
        ("at_ms", pa.int64()),
        ("source", pa.string()),
        ("lang", pa.string()),
        ("key", pa.string()),
        ("author", pa.uint64()),
        ("text", pa.uint64()),
        ("id", pa.uint64()),
    ]
)
_SPAN = "at_ms - at_ms % $pane AS pane_ms FROM posts WHERE at_ms >= $begin AND at_ms < $end"
_VOICES = f"""
SELECT pane_ms, source, lang, key, author, text, count(*) AS posts FROM (SELECT *, {_SPAN} AND key IS NOT NULL)
GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - constants

#: A tag's rate wanders by a seventh from hour to hour, and every seventh tag has a time of day.
_HABIT = """
CASE WHEN tag % 7 = 3
  THEN 0.3 + 0.7 * pow(cos(pi() * ((at_ms % 86400000) / 86400000.0 - (tag % 24) / 24.0)), 8) ELSE 1 END
"""


@dataclass(frozen=True)
class Traffic:
    """What the stream is like.

    Attributes:
        seed: Determines every post.
        posts_per_second: The mean over a weekday.
        languages: How many languages there are. Those beyond `LANGUAGES` have a small part each.

    """

    seed: int
    posts_per_second: float = 40.0
    languages: int = len(LANGUAGES)

    def parts(self) -> dict[str, tuple[float, float, float]]:
        """Return the languages as in `LANGUAGES`. Their parts of the posts add up to 1."""
        found = dict(list(LANGUAGES.items())[: self.languages])
        for number in range(len(LANGUAGES), self.languages):
            found[f"x{number}"] = (SMALL_LANGUAGE, number * 5 % 24, 1.0)
        total = sum(part for part, _, _ in found.values())
        return {lang: (part / total, peak, weekend) for lang, (part, peak, weekend) in found.items()}


def day(db: duckdb.DuckDBPyConnection, traffic: Traffic, number: int, disturbances: Sequence[Disturbance] = ()) -> None:
    """Make the table `posts` of a day: at_ms, source, lang, key (null: no hashtag), author, text.

    Args:
        db: Where the table is made.
        traffic: Seed and pace.
        number: The day, from 0 on.
        disturbances: What happens to the stream as a whole, such as a source that is away.

    """
    db.execute("CREATE OR REPLACE TABLE facet_rates (pane_ms BIGINT, source VARCHAR, lang VARCHAR, rate DOUBLE)")
    db.execute(
        "CREATE OR REPLACE TABLE disturbances (from_ms BIGINT, to_ms BIGINT, source VARCHAR, lang VARCHAR, f DOUBLE)"
    )
    for one in disturbances:
        db.execute("INSERT INTO disturbances VALUES (?, ?, ?, ?, ?)", [*one.span_ms, one.source, one.lang, one.factor])
    begin_ms = START_MS + number * DAY_MS
    weekend = number % 7 >= 5
    facets = [
        (source, lang, of_source * share * traffic.posts_per_second * (of_weekend if weekend else 1.0), peak)
        for source, of_source in SOURCES.items()
        for lang, (share, peak, of_weekend) in traffic.parts().items()
    ]
    db.execute("CREATE OR REPLACE TABLE facets (source VARCHAR, lang VARCHAR, rate DOUBLE, peak DOUBLE)")
    db.executemany("INSERT INTO facets VALUES (?, ?, ?, ?)", facets)
    db.execute(
        f"""
        INSERT INTO facet_rates
        SELECT range, source, lang, rate * {PANE_MS / 1000}
          * (1 + {_SWING} * cos(2 * pi() * ((range - {begin_ms}) / 3600000.0 - peak) / 24))
        FROM range({begin_ms}, {begin_ms + DAY_MS}, {PANE_MS}), facets
        """  # noqa: S608 - numbers of this module
    )
    _add_new_sources(db, disturbances, traffic)
    db.execute(_posts(traffic.seed))


def _add_new_sources(db: duckdb.DuckDBPyConnection, disturbances: Sequence[Disturbance], traffic: Traffic) -> None:
    """A source that has no habits here begins with its first disturbance."""
    for one in disturbances:
        if one.source is not None and one.source not in SOURCES:
            db.execute(
                "INSERT INTO facet_rates SELECT range, ?, ?, ? FROM range(?, ?, ?)",
                [
                    one.source,
                    one.lang or "en",
                    one.factor * traffic.posts_per_second * PANE_MS / 1000,
                    *one.span_ms,
                    PANE_MS,
                ],
            )


def _draws(seed: int) -> Callable[[str], str]:
    """Return a function that gives the SQL of another uniform number from 0 to 1, for each number `of`.

    A constant of each draw is mixed into `of` before it is hashed. To hash several arguments together would not do: two
    draws of the same row would depend on each other.
    """
    rng = Random(seed)  # noqa: S311 - no secret

    def draw(of: str) -> str:
        return f"((hash(xor(({of})::UBIGINT, {rng.getrandbits(64)}::UBIGINT)) >> 11)::DOUBLE / (1::BIGINT << 53))"

    return draw


def _posts(seed: int) -> str:
    draw = _draws(seed)
    facet, place = "hash(pane_ms, source, lang)", "hash(id, place)"
    return f"""
    CREATE OR REPLACE TABLE posts AS
    WITH rates AS (
      SELECT pane_ms, r.source, r.lang, rate * coalesce(
        (SELECT product(f) FROM disturbances d WHERE pane_ms >= from_ms AND pane_ms < to_ms
          AND (d.source IS NULL OR d.source = r.source) AND (d.lang IS NULL OR d.lang = r.lang)), 1) AS rate
      FROM facet_rates r),
    counts AS (
      SELECT pane_ms, source, lang,
        floor(rate + sqrt(rate) * ({draw(facet)} - 0.5) * 2 + {draw(facet)})::BIGINT AS posts
      FROM rates),
    single AS (SELECT pane_ms, source, lang, unnest(range(greatest(0, posts))) AS number FROM counts),
    ids AS (SELECT *, hash(hash(pane_ms, source, lang) + number::HUGEINT) AS id FROM single),
    written AS (
      SELECT pane_ms + floor({draw("id")} * {PANE_MS})::BIGINT AS at_ms, source, lang, id,
        hash(lang, source, floor(60000 * pow({draw("id")}, 2.5))) AS author,
        CASE WHEN {draw("id")} < {SHORT} THEN NULL ELSE hash(id, 'text') END AS text,
        CASE WHEN {draw("id")} >= {TAGGED} THEN 0 WHEN {draw("id")} < {TAGGED_TWICE} THEN 2 ELSE 1 END AS tags
      FROM ids),
    tagged AS (
      SELECT *, floor(exp({draw(place)} * ln({TAGS} + 1)))::BIGINT AS rank
      FROM written, range(2) places(place) WHERE place < tags),
    homed AS (
      SELECT *, rank * 6
        + CASE WHEN {draw(place)} < 0.8 THEN hash(lang) % 6 ELSE floor({draw(place)} * 6) END::BIGINT AS tag
      FROM tagged)
    SELECT at_ms, source, lang,
      CASE WHEN {draw(place)} < (0.5 + 0.5 * {draw("hash(tag * 100000 + at_ms // 3600000)")}) * ({_HABIT})
        THEN 't' || (tag % {TAGS}) END AS key,
      author, text, id
    FROM homed
    UNION ALL SELECT at_ms, source, lang, NULL, author, text, id FROM written WHERE tags = 0
    ORDER BY at_ms
    """  # noqa: S608 - numbers of this module


def add_bursts(db: duckdb.DuckDBPyConnection, bursts: Sequence[Burst], seed: int) -> None:
    """Add the posts of planted bursts to the table `posts`, but none while their source is away."""
    rows = [row for number, burst in enumerate(bursts) for row in burst.posts(seed * 100_003 + number)]
    if not rows:
        return
    added = pa.table(dict(zip(_COLUMNS.names, zip(*rows, strict=True), strict=True)), schema=_COLUMNS)
    db.register("added", added)
    db.execute(
        "CREATE OR REPLACE TABLE posts AS FROM posts UNION ALL SELECT a.* FROM added a ANTI JOIN disturbances d"
        " ON at_ms >= from_ms AND at_ms < to_ms AND f = 0 AND (d.source IS NULL OR d.source = a.source) ORDER BY at_ms"
    )
    db.unregister("added")


def panes(db: duckdb.DuckDBPyConnection, number: int, pane_ms: int = PANE_MS) -> Iterator[PaneFacts]:
    """Yield the facts of the panes of a day, in order."""
    begin_ms = START_MS + number * DAY_MS
    for hour_ms in range(begin_ms, begin_ms + DAY_MS, HOUR_MS):
        span = {"begin": hour_ms, "end": hour_ms + HOUR_MS, "pane": pane_ms}
        voices = _by_pane(db.execute(_VOICES, span).to_arrow_table(), VOICES_ARROW)
        for at_ms in range(hour_ms, hour_ms + HOUR_MS, pane_ms):
            yield PaneFacts(at_ms + pane_ms, voices.get(at_ms, VOICES_ARROW.empty_table()))


def _by_pane(rows: pa.Table, schema: pa.Schema) -> dict[int, pa.Table]:
    """Cut a table, which is sorted by its first column `pane_ms`, into the tables of the panes."""
    counts = rows.column("pane_ms").value_counts().to_pylist()
    table = rows.drop_columns("pane_ms").cast(schema)
    found: dict[int, pa.Table] = {}
    at = 0
    for count in counts:
        found[count["values"]] = table.slice(at, count["counts"])
        at += count["counts"]
    return found
