"""The lesson: one micro-batch, stage by stage, as a class sees it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.support import feeder
from tests.dashboard.support.accessibility import SETUPS, SMALL_CONTROLS, violations
from tests.dashboard.support.lesson import LessonAnswers, trace
from tests.dashboard.support.page_content import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

    Visit = Callable[..., Page]
STAGES = 6


def open_lesson(
    visit: Visit, shown: dict[str, Any] | None, error: str | None = None, query: str = "?lesson", **options: Any
) -> tuple[Page, LessonAnswers]:
    """A page with the lesson. It is paused at the first stage."""
    page = visit(**{"reduced_motion": "reduce", **options})
    answers = LessonAnswers(page, shown, error)
    page.goto(page.url + query)
    return page, answers


def counted(dashboard: Dashboard, offset: int, **changes: Any) -> None:
    """Push a snapshot that has counted the posts up to `offset`."""
    now_ms = int(time.time() * 1000)
    dashboard.push({"WorldCup": 3}, epoch=trace()["epoch"], health=feeder.health(now_ms, offset=offset), **changes)


def test_a_micro_batch_is_shown_stage_by_stage_with_the_keyboard(dashboard: Dashboard, visit: Visit) -> None:
    shown = trace()
    counted(dashboard, shown["end_offset"])
    page, answers = open_lesson(visit, shown)
    name, facts = page.locator("#lesson-stage-name"), page.locator("#lesson-facts")
    drawing = page.locator("#lesson-drawing")
    expect(name).to_have_text("Posts come in")
    expect(page.locator("#lesson-batch")).to_contain_text("Micro-batch 1,234: 312 posts · offsets 45,210 to 45,521")
    expect(page.locator("#lesson-place")).to_have_text("Runs in: ingest")
    expect(facts).to_contain_text("40 of 312 posts shown")
    expect(drawing.locator(".lesson-accepted h4")).to_have_text("Accepted: 312 posts")
    expect(drawing.locator(".lesson-dropped h4")).to_have_text("Dropped: 16 posts")
    duplicate = drawing.locator(".lesson-dropped li").nth(1)
    expect(duplicate.locator("s")).to_have_text("Kick-off in ten minutes! #WorldCup")
    expect(duplicate.locator(".lesson-reason")).to_have_text("duplicate A post with this id is in the log already.")
    expect(drawing.locator(".lesson-dropped [lang=en]")).to_have_text("not UTF-8")
    # A screen reader says the stage.
    expect(page.locator("#summary")).to_have_text(re.compile("^Stage 1 of 6: Posts come in. Ingest accepts"))

    page.keyboard.press("ArrowRight")
    expect(name).to_have_text("Hashtags")
    first = drawing.locator("li").first
    expect(first.locator("mark")).to_have_text(["#WORLDCUP", "#WorldCup"])
    expect(first.locator(".lesson-keys")).to_have_text("worldcup")

    page.keyboard.press("ArrowRight")
    expect(page.locator("#lesson-place")).to_have_text("Runs in: executors 1, 2")
    expect(drawing.locator(".lesson-executor h4")).to_have_text(["executor 1 worker-a", "executor 2 worker-b"])
    expect(drawing.locator(".lesson-executor li").first).to_contain_text("103 posts · offsets 45,210 to 45,312")
    expect(drawing.locator(".counts tbody tr").first).to_have_text("#WorldCup10")

    page.keyboard.press("ArrowRight")
    expect(drawing.locator(".sums tbody tr").first).to_have_text("#WorldCup8+ 9= 17")
    expect(facts).to_contain_text("Besides, 2 counts belong to panes that have closed.")

    page.keyboard.press("ArrowRight")
    expect(drawing.locator(".lesson-window .lesson-column")).to_have_count(30)
    expect(drawing.locator(".lesson-column.left .lesson-value")).to_have_text("19")
    expect(drawing.locator(".lesson-equation dd")).to_have_text(["564", "+ 10", "− 19", "= 555"])

    page.keyboard.press("ArrowRight")
    expect(drawing.locator(".tops tbody th").last).to_have_text("10#VAR")
    expect(drawing.locator(".tops .lesson-move").last).to_have_text("NEW")
    expect(facts).to_contain_text("push (driver): 9 ms")

    # The micro-batch stays, although newer ones exist, until the lesson begins again.
    counted(dashboard, shown["end_offset"] + 700)
    expect(page.locator(".lesson-newer")).to_have_text("Newer micro-batches exist: 700 posts counted since.")
    first_offset = shown["end_offset"] + 300
    newer = trace(batch_id=1_236, first_offset=first_offset, end_offset=first_offset + 400, posts=400, left_pane=None)
    newer["tags"] = [{**tag, "left": 0, "window_before": tag["window_before"] - tag["left"]} for tag in newer["tags"]]
    answers.body["trace"] = newer
    expect(page.locator("#lesson-batch")).to_contain_text("Micro-batch 1,234")
    page.get_by_role("button", name="Newest micro-batch").click()
    expect(name).to_have_text("Posts come in")
    expect(page.locator("#lesson-batch")).to_contain_text("Micro-batch 1,236: 400 posts")
    expect(page.locator(".lesson-newer")).to_have_text("")

    # No pane has left with this one.
    page.locator("#lesson-map button", has_text="Window").click()
    expect(drawing.locator(".lesson-column.next small")).to_have_text("leaves next")
    expect(drawing.locator(".lesson-equation dd")).to_have_text(["545", "+ 10", "− 0", "= 555"])


def test_the_stages_play_by_themselves_until_the_viewer_takes_over(visit: Visit) -> None:
    page = visit(reduced_motion="no-preference")
    answers = LessonAnswers(page, trace())
    page.clock.install()
    page.goto(f"{page.url}?lesson")
    name, pause = page.locator("#lesson-stage-name"), page.locator("[data-action=pause]")
    expect(name).to_have_text("Posts come in")
    expect(pause).to_have_text("Pause")
    page.clock.pause_at(page.evaluate("Date.now()") + 1_000)
    page.clock.run_for(12_000)
    expect(name).to_have_text("Hashtags")
    for _ in range(2):
        page.keyboard.press("+")
    expect(page.locator(".lesson-speed")).to_have_text("4×")
    expect(page.locator("[data-action=faster]")).to_be_disabled()
    page.clock.run_for(3_000)
    expect(name).to_have_text("Count")
    page.keyboard.press("-")
    expect(page.locator(".lesson-speed")).to_have_text("2×")
    page.keyboard.press(" ")
    expect(pause).to_have_text("Play")
    # A paused lesson stays where it is, and costs the job nothing.
    # A request that was sent before the pause has come when a later one has its response.
    page.evaluate("fetch('/healthz').then((response) => response.text())")
    requests = answers.requests
    page.clock.run_for(60_000)
    expect(name).to_have_text("Count")
    assert answers.requests == requests
    # Space on a button is a click on the button, and no second action.
    pause.focus()
    page.keyboard.press(" ")
    expect(pause).to_have_text("Pause")
    # Who opens "Why?" gets the time to read.
    page.keyboard.press("w")
    expect(page.locator("#lesson-why-text")).to_contain_text("Only the counts travel to the driver")
    expect(pause).to_have_text("Play")


def test_without_a_micro_batch_a_sentence_says_why(visit: Visit) -> None:
    page, answers = open_lesson(visit, None, locale="es")
    message = page.locator("#lesson-message")
    expect(message).to_contain_text("Todavía no hay ningún microlote.")
    expect(page.locator("#lesson-controls")).to_be_hidden()
    answers.body["error"] = "The job has no trace: it is older than this dashboard."
    expect(message.locator("[lang=en]")).to_have_text("The job has no trace: it is older than this dashboard.")
    answers.body.update(trace=trace(posts=0, posts_shown=[], dropped=[], tasks=[], stages=[], tags=[]), error=None)
    expect(message).to_be_hidden()
    for stage in range(STAGES):
        if stage:
            page.keyboard.press("ArrowRight")
        expect(page.locator("#lesson-stage-number")).to_have_text(str(stage + 1))
        expect(page.locator("#lesson-drawing")).to_have_text(re.compile(r"\w+ \w+"))
    # Behind the last stage is the newest micro-batch.
    answers.status = 503
    answers.body["error"] = "The job can't be reached."
    page.locator("[data-action=next]").click()
    expect(message).to_have_text("No hay un microlote más reciente: The job can't be reached.")


def test_texts_that_must_not_be_shown_are_not_there_and_hostile_ones_are_text(visit: Visit) -> None:
    hostile = "<img src=https://elsewhere.example/x.png onerror=alert(1)> #WorldCup"
    shown = trace()
    tags = [{"key": "worldcup", "label": "WorldCup"}]
    shown["posts_shown"] = [{**shown["posts_shown"][0], "text": text, "tags": tags} for text in (hostile, None)]
    page, _ = open_lesson(visit, shown)
    rows = page.locator("#lesson-drawing .lesson-accepted li")
    expect(rows.first).to_contain_text(hostile)
    expect(rows.last).to_contain_text("The text is not shown.")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#lesson-drawing mark")).to_have_text(["#WorldCup"])
    expect(page.locator("#lesson-drawing .lesson-keys").last).to_have_text("worldcup")
    assert page.locator("#lesson-drawing img").count() == 0


def test_a_post_of_a_topic_is_named_by_its_partition_and_its_offset(visit: Visit) -> None:
    shown = trace()
    of_spool, other = shown["posts_shown"][:2]
    shown["posts_shown"] = [of_spool, other | {"partition": 2, "offset": 1_017}]
    page, _ = open_lesson(visit, shown)
    expect(page.locator("#lesson-drawing .lesson-accepted .lesson-offset")).to_have_text(["45,210", "2:1,017"])


def test_the_help_leads_to_the_lesson_and_the_lesson_back(dashboard: Dashboard, visit: Visit) -> None:
    dashboard.push({"WorldCup": 3})
    page = visit("?locale=en")
    LessonAnswers(page, trace())
    page.locator("#help-open").click()
    page.get_by_role("link", name="How it works").click()
    expect(page.locator("#lesson-stage-name")).to_have_text("Posts come in")
    assert page.url == f"{dashboard.url}/?locale=en&lesson"
    expect(page).to_have_title("How it works · Live hashtags")
    expect(page.locator("#window-sources")).to_be_visible()
    for part in ("#board", "#rising", "#strip .facts", ".timebar", "#ranking", "#bell"):
        expect(page.locator(part).first).to_be_hidden()
    page.locator("#help-open").click()
    expect(page.locator("#help .lesson-only")).to_contain_text("The previous or next stage.")
    page.keyboard.press("Escape")
    # A problem of the pipeline is seen here too.
    dashboard.push({"WorldCup": 3}, health=feeder.health(int(time.time() * 1000), query_error="Out of disk"))
    expect(page.locator("#banner-title")).to_be_visible()
    page.get_by_role("link", name="Back to the live page").click()
    expect(page.locator("#rows .tag").first).to_be_visible()
    assert page.url == f"{dashboard.url}/?locale=en"


@pytest.mark.parametrize("setup", SETUPS)
def test_axe_finds_nothing_in_any_stage(visit: Visit, setup: str) -> None:
    page, _ = open_lesson(visit, trace(), **SETUPS[setup])
    found, small = {}, {}
    for stage in range(1, STAGES + 1):
        expect(page.locator("#lesson-stage-number")).to_have_text(str(stage))
        page.keyboard.press("w")
        found[stage] = violations(page)
        small[stage] = page.evaluate(SMALL_CONTROLS) if SETUPS[setup].get("has_touch") else []
        page.keyboard.press("ArrowRight")
    assert found == {stage: [] for stage in found}
    assert small == {stage: [] for stage in small}


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 800), (390, 844)])
def test_a_stage_fits_the_screen_and_its_sentence_can_be_read_from_the_last_row(
    visit: Visit, width: int, height: int
) -> None:
    page, _ = open_lesson(visit, trace(), viewport={"width": width, "height": height})
    for stage in range(1, STAGES + 1):
        expect(page.locator("#lesson-stage-number")).to_have_text(str(stage))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, stage
        if width > height:
            assert page.evaluate("document.documentElement.scrollHeight") <= height, stage
        page.keyboard.press("ArrowRight")
    # On a projector a line of the sentence is at least 1/40 of the picture's height.
    size_px = page.evaluate("parseFloat(getComputedStyle(document.getElementById('lesson-sentence')).fontSize)")
    assert size_px >= max(18, height / 40 if width > height else 0)
    wait_until(page, "() => document.getElementById('lesson-controls').getBoundingClientRect().bottom <= innerHeight")
