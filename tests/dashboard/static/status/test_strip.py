"""The status strip, in a real browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.support import feeder

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TEN_TAGS = {f"tag{number}": 100 - 10 * number for number in range(10)}


def expect_state(page: Page, name: str, sentence: str) -> None:
    expect(page.locator("#state-name")).to_have_text(name)
    expect(page.locator("#state-sentence")).to_have_text(sentence)


def now_ms() -> int:
    return int(time.time() * 1000)


def test_the_strip_has_state_sources_rates_and_losses(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    at_ms = now_ms()
    sources = [feeder.source(terms=["football", "cup"], languages=["en"], malformed={"not UTF-8": 2, "too long": 1})]
    health = feeder.health(at_ms, sources, lag_posts=30, lag_ms=1500, lost=1200, skipped=3, newest_at_ms=at_ms - 3000)
    dashboard.push(TEN_TAGS, at_ms, health=health)
    expect_state(page, "Live", "Posts are counted as they arrive.")
    expect(page.locator("#fact-source")).to_have_text("demo: football, cup (en)")
    expect(page.locator("#fact-inputs")).to_have_text("demo: 1,234 accepted, 17 filtered out, 3 malformed")
    expect(page.locator("#fact-rate")).to_have_text("50.2")
    expect(page.locator("#fact-lag")).to_have_text("30 posts, 1 s")
    expect(page.locator("#fact-batch")).to_have_text("140 ms")
    expect(page.locator("#fact-dropped")).to_have_text("0")
    expect(page.locator("#fact-lost")).to_have_text("1,200 (unreadable: 3)")
    expect(page.locator("#fact-malformed")).to_have_text("2 not UTF-8, 1 too long")
    # The age grows without another snapshot. A busy machine may skip some seconds.
    newest = page.locator("#fact-newest")
    expect(newest).to_have_text(re.compile(r"^\d+ s ago$"))
    shown = str(newest.text_content())
    expect(newest).not_to_have_text(shown)
    assert int(str(newest.text_content()).split()[0]) > int(shown.split(maxsplit=1)[0]) >= 3


def test_the_strip_has_left_out_entries_and_refused_acknowledgements(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    at_ms = now_ms()
    dashboard.push(TEN_TAGS, at_ms)
    expect(page.locator("#fact-source")).to_have_text("demo: football")
    for fact in ("#fact-cut", "#fact-trouble"):
        expect(page.locator(fact)).to_be_hidden()
    health = feeder.health(at_ms, cut=1234)
    health["ingest"]["error"] = "ingest refused ACK: ACK needs a proof by PUSH_TOKEN"
    dashboard.push(TEN_TAGS, at_ms, health=health)
    expect(page.locator("#fact-cut")).to_have_text("1,234 long names and rare entries, to keep updates small")
    expect(page.locator("#fact-trouble")).to_have_text("ingest refused ACK: ACK needs a proof by PUSH_TOKEN.")


def test_the_strip_has_notices_of_spool_and_history(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    at_ms = now_ms()
    dashboard.push(TEN_TAGS, at_ms)
    expect(page.locator("#fact-source")).to_have_text("demo: football")
    for fact in ("#fact-spool", "#fact-history"):
        expect(page.locator(fact)).to_be_hidden()
    health = feeder.health(at_ms)
    health["ingest"]["status"]["notice"] = "the spool, which ended at post 7, is missing: a new spool was created"
    (dashboard.folder / "history" / "history.sqlite").unlink()
    dashboard.push(TEN_TAGS, at_ms, health=health, panes=[feeder.pane(at_ms - 10_000)])
    expect(page.locator("#fact-spool")).to_have_text(
        "the spool, which ended at post 7, is missing: a new spool was created"
    )
    expect(page.locator("#fact-history")).to_have_text(
        "the history was removed while it was in use: a new one was begun"
    )


def test_the_heading_has_the_times_of_the_window(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(timezone_id="UTC")
    dashboard.push(TEN_TAGS, 1_795_176_307_000)
    expect(page.locator("#window-name")).to_have_text("Last 5 minutes")
    # The times of a window of five minutes have no seconds; the zone is displayed once.
    expect(page.locator("#window-range")).to_have_text(re.compile("12:00 – .*12:05$"))
    expect(page.locator("#window-zone")).to_have_text("UTC")
    expect(page.locator("#window-posts")).to_have_text("550 posts")


REFUSED = "401 Unauthorized: the key is wrong"


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({"newest_at_ms": None, "accepted": 0, "filtered": 0}, "Quiet", "Counting is running. No posts yet."),
        ({"newest_at_ms": None, "filtered": 0}, "Quiet", "Counting is running. No posts counted yet."),
        (
            {"newest_at_ms": None, "accepted": 0, "filtered": 1051, "terms": [], "languages": ["english"]},
            "Quiet",
            "Counting is running. 1,051 posts arrived, but none passed the filter (languages: english).",
        ),
        (
            {"newest_at_ms": None, "accepted": 0, "filtered": 9, "languages": ["en", "es"]},
            "Quiet",
            "Counting is running. 9 posts arrived, but none passed the filter (terms: football; languages: en, es).",
        ),
        (
            {"newest_at_ms": None, "accepted": 0, "filtered": 0, "duplicate": 7},
            "Quiet",
            "Counting is running. 7 posts arrived, but none was new.",
        ),
        (
            {"newest_at_ms": None, "accepted": 0, "filtered": 0, "malformed": {"not UTF-8": 1}},
            "Quiet",
            "Counting is running. 1 post arrived, but none was well-formed: not UTF-8.",
        ),
        (
            {"newest_at_ms": None, "accepted": 0, "filtered": 2, "duplicate": 3, "malformed": {"no text": 4}},
            "Quiet",
            (
                "Counting is running. 9 posts arrived, but none was counted: "
                "2 filtered out (terms: football), 3 duplicate and 4 malformed."
            ),
        ),
        (
            {"state": "finished", "accepted": 0, "filtered": 50, "terms": [], "languages": ["de"]},
            "Finished",
            "The source has ended. 50 posts arrived, but none passed the filter (languages: de).",
        ),
        (
            {"lag_ms": 12_000, "lag_posts": 3000},
            "Behind",
            "Counting is 12 s behind. Not counted yet: 3,000 posts.",
        ),
        (
            {"query_error": "Java heap space"},
            "Counting stopped",
            "Counting failed and is restarting: Java heap space.",
        ),
        ({"state": "refused", "error": REFUSED}, "Rejected by source", f"demo rejected the connection: {REFUSED}."),
        (
            {"state": "retrying", "error": "Connection reset."},
            "Source unreachable",
            "Can't reach demo; retrying. Connection reset.",
        ),
        (
            {"state": "paused", "error": "the daily limit is reached"},
            "Source paused",
            "demo is paused: the daily limit is reached.",
        ),
        ({"state": "waiting"}, "Starting", "Waiting for demo to start."),
        ({"state": "finished"}, "Finished", "The source has ended. Counted: 1,234 posts."),
        (
            {"state": "finished", "error": "gone by", "facts": {"why_finished": "f was played to its end before"}},
            "Finished",
            "The source has ended. Counted: 1,234 posts. f was played to its end before.",
        ),
    ],
)
def test_each_state_has_its_own_title_and_sentence(
    dashboard: Dashboard, visit: Callable[..., Page], changes: dict[str, Any], name: str, sentence: str
) -> None:
    page = visit()
    of_source = {name: value for name, value in changes.items() if name in feeder.source() and name != "lag_ms"}
    of_health = {name: value for name, value in changes.items() if name not in of_source}
    health = feeder.health(now_ms(), [feeder.source(**of_source)], **of_health)
    dashboard.push(TEN_TAGS, health=health)
    expect_state(page, name, sentence)


def test_each_source_has_its_state_and_its_bill(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(timezone_id="UTC")
    at_ms = now_ms()
    midnight_ms = (at_ms // 86_400_000 + 1) * 86_400_000
    bill = {"billed_today": 1000, "cost_today_usd": 5.0, "rules": 1}
    paused = feeder.source(
        name="x", state="paused", until_ms=midnight_ms, error="X_DAILY_LIMIT is reached: 1,000 posts", facts=bill
    )
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [paused]))
    expect_state(page, "Source paused", "x is paused until 00:00: X_DAILY_LIMIT is reached: 1,000 posts.")
    expect(page.locator("#fact-billed")).to_have_text("1,000 posts, $5.00")
    expect(page.locator("#fact-trouble")).to_be_hidden()
    month = {"billed_month": 12_345, "cost_month_usd": 61.73, "monthly_limit": 2_000_000}
    meter = {"meter_posts": 12_400, "meter_counted": 12_345, "meter_period": "month"}
    for facts, suffix in (
        (month, ""),
        (month | meter | {"meter_posts": 12_345}, ""),
        (month | meter, "; X counted 12,400 posts this month, ingest counted 12,345"),
        (
            month | meter | {"meter_period": "cycle"},
            "; X counted 12,400 posts in its billing cycle, ingest counted 12,345 this month",
        ),
    ):
        dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [paused | {"facts": bill | facts}]))
        expect(page.locator("#fact-billed")).to_have_text(
            f"1,000 posts, $5.00; this month 12,345 of 2,000,000 posts, $61.73{suffix}"
        )
    refused = feeder.source(name="mastodon", terms=[], state="refused", error=REFUSED)
    health = feeder.health(at_ms, [feeder.source(), paused, refused])
    health["ingest"]["status"]["track_error"] = "terms, line 1: the term '-' is empty"
    dashboard.push(TEN_TAGS, at_ms, health=health)
    expect_state(page, "Live", "Posts are counted as they arrive.")
    expect(page.locator("#fact-source")).to_have_text(
        "demo: football · x: football – paused until 00:00 · mastodon: all posts – rejected"
    )
    for closed, name in (("local", "local"), ("remote", "remote")):
        half = feeder.source(name="mastodon", terms=[], facts={"closed_feed": closed})
        dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [half]))
        expect(page.locator("#fact-source")).to_have_text(
            f"mastodon: all posts (its server offers no live feed of {name} posts)"
        )
    made_up = feeder.source(facts={"past_until_ms": now_ms()})
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [made_up]))
    expect(page.locator("#fact-source")).to_have_text(
        re.compile(r"^demo: football \(those before \d\d:\d\d were made up at the start\)$")
    )
    dashboard.push(TEN_TAGS, at_ms, health=health)
    expect(page.locator("#fact-trouble")).to_have_text(f"mastodon rejected the connection: {REFUSED}.")
    expect(page.locator("#fact-track")).to_have_text("terms, line 1: the term '-' is empty")


def test_missing_fields_and_unknown_source_states_cause_no_error(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    at_ms = now_ms()
    older = {name: value for name, value in feeder.source(state="asleep").items() if name not in {"until_ms", "facts"}}
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [older, feeder.source()]))
    expect_state(page, "Live", "Posts are counted as they arrive.")
    expect(page.locator("#fact-source")).to_have_text("demo: football – asleep · demo: football")
    expect(page.locator("#fact-billed")).to_be_hidden()
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [older]))
    expect(page.locator("#fact-source")).to_have_text("demo: football – asleep")
    expect_state(page, "Live", "Posts are counted as they arrive.")


def test_dropped_posts_are_displayed_while_no_post_is_counted(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(timezone_id="UTC")
    at_ms = now_ms()
    clock = time.strftime("%H:%M:%S", time.gmtime((at_ms - 60_000) // 1000))
    for filtered in (500, 517):
        sources = [feeder.source(filtered=filtered, terms=[], languages=["de"])]
        dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, sources, newest_at_ms=at_ms - 60_000))
    sentence = "17 posts arrived, but none passed the filter (languages: de)."
    expect_state(page, "Quiet", f"Counting is running. No posts counted since {clock}. {sentence}")
    # A page that is opened later does not know when the posts were dropped.
    other = visit(timezone_id="UTC")
    expect_state(other, "Quiet", f"Counting is running. No posts counted since {clock}.")


@pytest.mark.parametrize("off_ms", [15_000, -15_000, 3_600_000, -3_600_000])
@pytest.mark.parametrize("whose", ["job", "ingest", "browser"])
def test_a_wrong_clock_does_not_change_the_state(
    dashboard: Dashboard, visit: Callable[..., Page], whose: str, off_ms: int
) -> None:
    page = visit(timezone_id="UTC")
    if whose == "browser":
        page.add_init_script(f"const real = Date.now; Date.now = () => real() - {off_ms};")
        page.reload()
    at_ms = now_ms()
    job_ms = at_ms + (off_ms if whose == "job" else 0)
    ingest_ms = at_ms + (off_ms if whose == "ingest" else 0)
    health = feeder.health(ingest_ms, newest_at_ms=ingest_ms - 3000)
    health["ingest"]["since_ms"] = job_ms - 60_000
    dashboard.push(TEN_TAGS, ingest_ms, health=health, produced_at_ms=job_ms)
    expect_state(page, "Live", "Posts are counted as they arrive.")
    expect(page.locator("#fact-newest")).to_have_text(re.compile("^([3-9]|1[0-2]) s ago$"))
    # Now by the same clocks: what began a minute ago is not older because of the time that the page has needed.
    later_ms = now_ms() - at_ms
    job_ms, ingest_ms = job_ms + later_ms, ingest_ms + later_ms
    away = {"reachable": False, "since_ms": job_ms - 60_000, "error": "refused", "status": health["ingest"]["status"]}
    dashboard.push(TEN_TAGS, ingest_ms, health={**health, "ingest": away}, produced_at_ms=job_ms)
    expect(page.locator("#state-name")).to_have_text("Ingest unreachable")
    expect(page.locator("#state-for")).to_have_text(re.compile(r"^for 1 min( \d s)?$"))


def test_states_say_when_they_began(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(timezone_id="UTC")
    expect_state(page, "Starting", "Waiting for the first batch. Spark takes about ten seconds to start.")
    at_ms = now_ms()
    clock = time.strftime("%H:%M:%S", time.gmtime((at_ms - 60_000) // 1000))
    silent = [feeder.source(filtered=0)]
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, silent, newest_at_ms=at_ms - 60_000))
    expect_state(page, "Quiet", f"Counting is running. No posts since {clock}.")
    expect(page.locator("#state-for")).to_contain_text("for 1 min")
    # A snapshot that comes three seconds after it was made is one of another clock.
    at_ms = now_ms()
    clock = time.strftime("%H:%M:%S", time.gmtime((at_ms - 60_000) // 1000))
    away = {"reachable": False, "since_ms": at_ms - 60_000, "error": "Connection refused", "status": None}
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, ingest=away))
    expect_state(
        page, "Ingest unreachable", f"The Spark job has been unable to reach ingest since {clock}. Connection refused."
    )
    at_ms = now_ms()
    clock = time.strftime("%H:%M:%S", time.gmtime(at_ms // 1000))
    dashboard.push(TEN_TAGS, at_ms)
    expect(page.locator("#state-name")).to_have_text("Live")
    expect(page.locator("#state-name")).to_have_text("Counting stopped", timeout=30_000)
    expect_state(page, "Counting stopped", f"No update since {clock}. Check the Spark job.")
    assert page.evaluate("document.body.classList.contains('stale')")
