"""Rules are evaluated for each pane that closes, in the transaction that closes it: panes of 10 s, a window of 30 s."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.alert_job import AlertJob as Job
from tests.spark_job.support.alerts import rule, said
from tests.spark_job.support.fake_ingest import post

from spark_job.alerts.engine import AlertState, evaluate
from spark_job.alerts.facts import EndedPane, TagFacts
from spark_job.alerts.pane_reader import PaneReader
from spark_job.alerts.rule import WHOLE, Scope
from spark_job.mute.mute_list import MuteList


@pytest.fixture
def job(path: Path) -> Iterator[Job]:
    job = Job(path)
    yield job
    job.state.close()


def test_a_tag_that_enters_has_its_numbers_and_its_people(job: Job) -> None:
    job.rules = (rule(name="top", when="enters", tag="rain", top=1),)
    job.pane(0, "sun", "sun", "Rain")
    job.count(*[post(["Rain"], T + PANE_MS + 1, author=author) for author in (1, 1, 2)])
    job.pane(2)
    (alert,) = job.waiting()
    progress = job.state.progress()
    assert progress is not None
    assert said(alert) == {
        "id": f"{progress.epoch}/{T + PANE_MS}/top/rain",
        "rule": "top",
        "when": "enters",
        "at_ms": T + 2 * PANE_MS,
        "key": "rain",
        "label": "Rain",
        "rank": 1,
        "posts": 4,
        "authors": 3,
        "window_seconds": 30,
        "top": 1,
    }


def test_without_rules_nothing_is_read(job: Job) -> None:
    with patch.object(PaneReader, "begin", side_effect=AssertionError), patch.object(PaneReader, "read"):
        for number in range(3):
            job.pane(number, "sun")
    assert job.waiting() == []


def test_the_window_before_is_known_when_it_was_counted(job: Job) -> None:
    job.rules = (rule(when="multiplies", times=4),)
    for number in range(6):
        job.pane(number, *["sun"] * 3)
    for number in range(6, 9):
        job.pane(number, *["sun"] * 12)
    job.pane(9)
    (alert,) = job.waiting()
    assert (alert.key, alert.posts, alert.posts_before, alert.times) == ("sun", 36, 9, 4.0)


def test_rules_of_a_language_and_a_source_count_only_their_posts(job: Job) -> None:
    job.rules = (
        rule(name="es", when="passes", posts=3, lang="es"),
        rule(name="x", when="passes", posts=3, source="x"),
        rule(name="all", when="passes", posts=6),
    )
    job.pane(0, "sun", author=1)
    job.pane(1, "sun", "sun", "rain", "rain", lang="es", author=2)
    job.pane(1, "rain", lang="es", author=3)
    job.pane(1, "rain", lang="en", author=4)
    job.pane(2, "sun", "sun", "sun", source="x", author=5)
    job.pane(3)
    assert sorted((alert.rule, str(alert.key), alert.posts, alert.authors) for alert in job.waiting()) == [
        ("all", "sun", 6, 3),
        ("es", "rain", 3, 2),
        ("x", "sun", 3, 1),
    ]


def test_a_tag_that_leaves_with_its_last_post_fires_in_the_pane_in_which_it_is_gone(job: Job) -> None:
    job.rules = (rule(when="leaves", tag="sun", top=3),)
    job.pane(0, "rain")
    job.pane(1, "sun")
    job.pane(400)
    assert job.fired() == [("sun", 4)]


def test_a_muted_tag_never_fires_and_what_waits_is_dropped(job: Job) -> None:
    job.rules = (rule(name="p", when="passes", posts=2), rule(name="l", when="leaves", top=5, tag="sun"))
    job.pane(0, "sun")
    job.pane(1, "sun", "rain", "rain", "crypto", "crypto")
    job.pane(2)
    assert {key for key, _ in job.fired()} == {"sun", "rain", "crypto"}
    muted = MuteList(("rain", "sun"), ("crypt*",))
    job.state.mute(muted)
    job.state.alerts.outbox.drop_muted(muted)
    for number in range(3, 12):
        job.pane(number, "cryptonews", "cryptonews", "sun")
    assert job.waiting() == []


def test_an_error_in_the_transaction_leaves_no_alert_and_the_next_try_has_it_once(job: Job) -> None:
    job.rules = (rule(when="passes", posts=2),)
    job.pane(0, "sun")
    job.pane(1, "rain", "rain")
    broken = patch("spark_job.state.pane_closer.write_people", side_effect=duckdb.Error("disk full"))
    with broken, pytest.raises(duckdb.Error):
        job.pane(2)
    assert job.waiting() == []
    job.pane(2)
    job.pane(3)
    assert job.fired() == [("rain", 1)]


def test_a_restart_repeats_nothing_and_forgets_nothing(job: Job) -> None:
    job.rules = (rule(when="passes", posts=3, for_panes=2),)
    job.pane(0, "sun")
    job.pane(1, "rain", "rain", "rain")
    job.pane(2)
    job.restart()
    job.pane(3)
    (waiting,) = job.ids()
    job.restart()
    assert job.ids() == [waiting]
    job.state.alerts.outbox.acknowledge([waiting])
    job.restart()
    for number in range(4, 8):
        job.pane(number)
    assert job.waiting() == []


def test_an_epoch_begins_with_what_is_there(job: Job) -> None:
    job.rules = (rule(when="passes", posts=2),)
    job.pane(0, "sun")
    job.pane(1, "rain", "rain")
    job.pane(2)
    before = job.ids()
    job.state.begin_epoch("log-b", 0, T + 1000, "another log")
    for number in range(2):
        job.pane(number, "rain", "rain", "sun", "sun")
    job.pane(2, "hail", "hail")
    job.pane(3)
    progress = job.state.progress()
    assert progress is not None
    assert job.ids() == [*before, f"{progress.epoch}/{T + 2 * PANE_MS}/r/hail"]


PLACES = (
    rule(name="enters", when="enters", top=1, cooldown_seconds=0),
    rule(name="leaves", when="leaves", top=1, cooldown_seconds=0),
)


def test_an_outage_of_ingest_ends_and_begins_nothing(job: Job) -> None:
    job.rules = (*PLACES, rule(name="passes", when="passes", posts=6, cooldown_seconds=0))

    def steady(*panes: int) -> None:
        for number in panes:
            job.pane(number, *["sun"] * 3, "rain")

    steady(*range(6))
    assert [alert.id for alert in job.waiting() if alert.rule != "passes"] == []
    job.state.alerts.outbox.acknowledge(job.ids())
    # Longer than the window: nobody counted in panes 6 to 10.
    job.state.note_gap(T + 6 * PANE_MS, T + 11 * PANE_MS)
    # The first posts after it are others, so that they lead for a pane.
    job.pane(11, "hail", "hail", "hail", "hail", "sun")
    steady(*range(12, 20))
    assert job.waiting() == []
    job.pane(20, *["hail"] * 20)
    job.pane(21)
    assert sorted((alert.rule, alert.key) for alert in job.waiting()) == [
        ("enters", "hail"),
        ("leaves", "sun"),
        ("passes", "hail"),
    ]


def test_what_ended_in_a_quiet_time_after_an_outage_is_told_when_that_is_sure(job: Job) -> None:
    job.rules = (rule(name="leaves", when="leaves", top=1),)
    job.pane(0, "sun")
    job.pane(1, "sun")
    job.state.note_gap(T + 2 * PANE_MS, T + 6 * PANE_MS)
    # Counting goes on with pane 6, and the first window without a gap ends with pane 8.
    job.pane(400, "rain")
    assert job.fired() == [("sun", 8)]


def test_a_steady_tag_of_the_epoch_before_is_no_news_in_the_next_one(job: Job) -> None:
    job.rules = (rule(name="passes", when="passes", posts=6, cooldown_seconds=0), *PLACES)
    job.pane(0, *["sun"] * 9)
    for number in range(1, 4):
        job.pane(number, *["sun"] * 3)
    assert job.waiting() == []
    job.state.begin_epoch("log-b", 0, T + 1000, "another log", counted_from_ms=T + 4 * PANE_MS)
    # The window fills again: sun passes 6 posts in its second pane, and rain leads for one pane.
    job.pane(4, *["sun"] * 3, *["rain"] * 4)
    for number in range(5, 12):
        job.pane(number, *["sun"] * 3)
    assert job.waiting() == []
    job.pane(12, *["hail"] * 20)
    job.pane(13)
    assert sorted((alert.rule, alert.key) for alert in job.waiting()) == [
        ("enters", "hail"),
        ("leaves", "sun"),
        ("passes", "hail"),
    ]


def test_the_outbox_is_bounded_and_says_how_many_were_dropped(job: Job) -> None:
    job.rules = (rule(when="passes", posts=1),)
    job.state.alerts.outbox._most = 30
    job.pane(0)
    for number in range(1, 5):
        job.pane(number, *[f"t{number}-{tag}" for tag in range(20)])
    job.pane(5)
    assert len(job.waiting()) == 30
    assert job.state.alerts.outbox.dropped() == 50
    assert {pane for _, pane in job.fired()} == {3, 4}
    job.restart()
    assert job.state.alerts.outbox.dropped() == 50


def test_one_snapshot_has_at_most_a_hundred_alerts_and_128_kib_of_them(job: Job) -> None:
    job.rules = (rule(when="passes", posts=1),)
    job.pane(0)
    job.pane(1, *[f"t{tag}" for tag in range(90)])
    job.pane(2, *["é" * 1500 + str(tag) for tag in range(90)])
    job.pane(3)
    oldest = job.state.alerts.outbox.oldest()
    assert [len(oldest), oldest[0].at_ms] == [100, T + 2 * PANE_MS]
    job.state.alerts.outbox.acknowledge([alert.id for alert in oldest[:90]])
    assert 1 < len(job.state.alerts.outbox.oldest()) < 30


@pytest.mark.parametrize(("has_rule", "lists"), [(False, 5), (True, 20)])
def test_for_a_rule_that_rises_each_pane_of_a_backlog_has_its_list(job: Job, has_rule: bool, lists: int) -> None:
    job.rules = (rule(when="rises"),) if has_rule else ()
    job.count(*[post(["sun"], T + number * PANE_MS + 1) for number in range(21)])
    assert job.state.db.execute("SELECT count(rising), count(*) FROM closed_panes").fetchall() == [(lists, 20)]


TAGS = [f"t{number}" for number in range(12)]
RULES = (
    rule(name="enters", when="enters", top=2, cooldown_seconds=0),
    rule(name="leaves", when="leaves", top=3, cooldown_seconds=50),
    rule(name="passes", when="passes", posts=25, cooldown_seconds=30),
    rule(name="pattern", when="passes", posts=12, tag="t1*", for_panes=2, cooldown_seconds=0),
    rule(name="times", when="multiplies", times=1.5, cooldown_seconds=0),
    rule(name="es", when="enters", top=1, lang="es", cooldown_seconds=0),
    rule(name="x", when="passes", posts=15, source="x", cooldown_seconds=0),
)


def varied(seed: int) -> list[dict[str, Any]]:
    """Posts of forty panes, in which tags come and go, and some panes have none."""
    dice = random.Random(seed)
    posts = []
    for pane in range(40):
        leading = dice.sample(TAGS, 4)
        for number in range(0 if dice.random() < 0.1 else dice.randrange(40)):
            tags = [dice.choice(leading)] if dice.random() < 0.7 else dice.sample(TAGS, 2)
            at_ms = T + pane * PANE_MS + number * 200
            posts.append(post(tags, at_ms, lang=dice.choice(["en", "es"]), source=dice.choice(["x", "demo"])))
    return posts


def recounted(posts: Sequence[dict[str, Any]], epoch: int, panes: int) -> list[str]:
    """The ids of the alerts by a recount of all posts for each pane."""
    state: AlertState = {}
    found: list[str] = []
    begin = (posts[0]["at_ms"] - T) // PANE_MS
    for pane in range(begin, panes):
        scopes: dict[Scope, dict[str, TagFacts]] = {}
        for scope in (WHOLE, ("lang", "es"), ("source", "x")):
            first = T + (pane - 2) * PANE_MS
            fitting = [one for one in posts if scope == WHOLE or one[scope[0]] == scope[1]]
            now, before = (
                Counter(
                    tag["key"] for one in fitting if start <= one["at_ms"] < start + WINDOW_MS for tag in one["tags"]
                )
                for start in (first, first - WINDOW_MS)
            )
            ranked = sorted(now.items(), key=lambda one: (-one[1], one[0]))
            scopes[scope] = {
                key: TagFacts(key=key, label=key, posts=count, rank=rank, posts_before=before[key])
                for rank, (key, count) in enumerate(ranked, 1)
            }
        at_ms = T + (pane + 1) * PANE_MS
        facts = EndedPane(
            epoch=epoch,
            from_ms=at_ms - PANE_MS,
            at_ms=at_ms,
            window_seconds=30,
            scopes=scopes,
            is_before_known=at_ms - 2 * WINDOW_MS >= T - WINDOW_MS,
        )
        alerts, state = evaluate(RULES, state, facts)
        found += [alert.id for alert in alerts]
    return sorted(found)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("most", [15, 200, 5000])
def test_each_crossing_is_that_of_a_recount_however_many_panes_close_at_once(path: Path, seed: int, most: int) -> None:
    posts, dice = varied(seed), random.Random(seed * most)
    job = Job(path, *RULES)
    progress = job.state.progress()
    assert progress is not None
    begin = 0
    while begin < len(posts):
        end = begin + dice.randrange(1, most)
        job.count(*posts[begin:end])
        begin = end
        if dice.random() < 0.1:
            job.restart()
    job.pane(50)
    fired = sorted(job.ids())
    job.state.close()
    assert len(fired) > 25
    assert fired == recounted(posts, progress.epoch, 50)
