"""The made-up stream: is it what it is said to be?"""

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
from bench.trends.events import Burst, Disturbance
from bench.trends.plan import plan

from bench.trends import stream

SMALL = stream.Traffic(seed=3, posts_per_second=0.5)


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        stream.day(db, SMALL, 0)
        yield db


def test_it_has_the_posts_of_a_day(db: duckdb.DuckDBPyConnection) -> None:
    ((posts,),) = db.execute("SELECT count(DISTINCT id) FROM posts").fetchall()
    assert posts == pytest.approx(0.5 * 86_400, rel=0.08)


def test_a_seed_determines_every_post(db: duckdb.DuckDBPyConnection) -> None:
    digest = "SELECT bit_xor(hash(at_ms, source, lang, key, author, text)) FROM posts"
    with duckdb.connect() as again:
        stream.day(again, SMALL, 0)
        assert again.execute(digest).fetchall() == db.execute(digest).fetchall()
        stream.day(again, stream.Traffic(seed=4, posts_per_second=0.5), 0)
        assert again.execute(digest).fetchall() != db.execute(digest).fetchall()


def test_no_hashtag_stops_or_starts_by_itself() -> None:
    """Draws that depend on each other once made a tag come in some hours only."""
    with duckdb.connect() as db:
        stream.day(db, stream.Traffic(seed=3, posts_per_second=5.0), 0)
        hours = db.execute(
            "SELECT key, list(posts) FROM ("
            " SELECT key, at_ms // 7200000, count(*) AS posts FROM posts WHERE key IS NOT NULL GROUP BY ALL)"
            " GROUP BY key HAVING sum(posts) > 1200"
        ).fetchall()
    assert len(hours) > 10
    assert all(len(posts) == 12 and max(posts) < 12 * min(posts) for _, posts in hours)


def test_a_source_that_is_away_has_no_posts_not_even_of_bursts() -> None:
    begin_ms = stream.START_MS + 3_600_000
    away = Disturbance("away", (begin_ms, begin_ms + 600_000), 0.0, source="bluesky")
    with duckdb.connect() as db:
        stream.day(db, SMALL, 0, [away])
        stream.add_bursts(db, [Burst("sudden", True, ("new",), begin_ms, begin_ms + 600_000, 200)], 1)
        rows = db.execute(
            "SELECT source, count(*) FROM posts WHERE at_ms >= ? AND at_ms < ? GROUP BY 1",
            [begin_ms, begin_ms + 600_000],
        ).fetchall()
    assert [source for source, _ in rows] == ["mastodon"]


def test_panes_have_all_posts_with_tags(db: duckdb.DuckDBPyConnection) -> None:
    panes = list(stream.panes(db, 0, 600_000))
    assert [pane.until_ms for pane in panes] == list(
        range(stream.START_MS + 600_000, stream.START_MS + 86_400_001, 600_000)
    )
    ((tagged,),) = db.execute("SELECT count(*) FROM posts WHERE key IS NOT NULL").fetchall()
    assert sum(sum(pane.voices.column("posts").to_pylist()) for pane in panes) == tagged


def test_a_part_of_the_posts_of_a_burst_has_too_little_text() -> None:
    burst = Burst("pictures", True, ("pictures",), 0, 60_000, 1000, short=0.4)
    assert sum(text is None for *_, text, _ in burst.posts(1)) == pytest.approx(400, rel=0.1)


@pytest.mark.parametrize("traffic", [SMALL, stream.Traffic(1), stream.Traffic(2, 200, 14), stream.Traffic(2, 40, 3)])
def test_each_kind_is_planted_in_the_marked_day(traffic: stream.Traffic) -> None:
    planned = plan(traffic, 8)
    kinds = Counter(rise.kind for rise in planned.true_rises())
    rises = {"sudden", "known", "gradual", "short", "small", "leader", "language", "pair", "again", "pictures"}
    assert set(kinds) == rises
    false = {burst.kind for bursts in planned.bursts.values() for burst in bursts if not burst.true}
    assert false == {"few", "one", "copies", "chat", "hijack", "feed", "daily", "weekly", "wordless"}
    assert sum(part for part, _, _ in traffic.parts().values()) == pytest.approx(1)
