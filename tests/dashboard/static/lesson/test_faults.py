"""What if?: the buttons of the lesson that disturb the running services, and what a class reads of the outcome."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.support.accessibility import SETUPS, SMALL_CONTROLS, violations
from tests.dashboard.support.lesson import LessonAnswers, trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    Visit = Callable[..., Page]
NUMBER = 1_795_176_000_000
NONE = {"allowed": True, "latest": None}


def fault(state: str, name: str = "stop-spark", **changes: Any) -> dict[str, Any]:
    """The faults of an answer, with this newest one."""
    latest = {
        "number": NUMBER, "fault": name, "began_ms": NUMBER, "ended_ms": None, "state": state, "accepted": 512,
        "counted": 3, "lost": 0, "pane_counted": None, "pane_recounted": None, "connections": None, "duplicates": 0,
        "sent": [], "error": None,
    }  # fmt: skip
    return {"allowed": True, "latest": {**latest, **changes}}


def right(name: str, **changes: Any) -> dict[str, Any]:
    numbers = {"accepted": 5200, "counted": 5200, "pane_counted": 310, "pane_recounted": 310}
    return fault("right", name, **{"ended_ms": NUMBER + 10_000, **numbers, **changes})


class Lesson:
    """A page with the lesson, and what it posts. `begins`: the answer to that."""

    def __init__(self, visit: Visit, faults: dict[str, Any], query: str = "?lesson", **options: Any) -> None:
        self.page = visit(**{"reduced_motion": "reduce", **options})
        self.answers = LessonAnswers(self.page, trace())
        self.answers.body["faults"] = faults
        self.posted: list[Any] = []
        self.begins: tuple[int, dict[str, Any]] = (202, {"number": NUMBER})
        self.page.route("**/api/lesson/faults", self._begin)
        self.page.goto(self.page.url + query)
        self.open = self.page.locator("#lesson-faults > button")
        self.said = self.page.locator("#lesson-faults > p")

    def _begin(self, route: Route) -> None:
        self.posted.append(route.request.post_data_json)
        status, body = self.begins
        route.fulfill(status=status, json=body)

    def button(self, name: str) -> Any:
        return self.page.locator("#lesson-what-if").get_by_role("button", name=name)


def test_where_faults_are_not_allowed_nothing_is_visible(visit: Visit) -> None:
    lesson = Lesson(visit, {"allowed": False, "latest": None})
    expect(lesson.page.locator("#lesson-stage-name")).to_be_visible()
    expect(lesson.page.locator("#lesson-faults")).to_be_hidden()


def test_a_fault_is_begun_with_the_keyboard_and_its_outcome_is_one_sentence(visit: Visit) -> None:
    lesson = Lesson(visit, NONE)
    page, said = lesson.page, lesson.said
    expect(lesson.open).to_have_text("What if?")
    lesson.open.press("Enter")
    expect(page.locator("#lesson-what-if li")).to_have_count(5)
    expect(page.locator("#lesson-what-if li").first).to_contain_text("Spark's Java stands still")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#lesson-what-if")).to_be_hidden()
    expect(said).to_have_text("Stop Spark for 10 seconds: it begins.")
    assert lesson.posted == [{"fault": "stop-spark"}]
    # The lesson is paused, and requests the state of the fault all the same.
    lesson.answers.body["faults"] = fault("running")
    now = "Spark stands still, so nothing is counted and the log grows."
    expect(said).to_have_text(f"Stop Spark for 10 seconds: {now} 512 posts accepted since it began, 3 counted.")
    # Numbers change without being spoken.
    expect(said.get_by_role("status")).to_have_text(f"Stop Spark for 10 seconds: {now}")
    lesson.open.click()
    for button in page.locator("#lesson-what-if button").all():
        expect(button).to_have_attribute("aria-disabled", "true")
    lesson.button("Cut the connections").press("Enter")
    assert lesson.posted == [{"fault": "stop-spark"}]
    page.keyboard.press("Escape")
    lesson.answers.body["faults"] = fault("checking", accepted=900, counted=850)
    expect(said).to_contain_text("The job waits until all posts are counted and the pane is closed. 900 posts accepted")
    lesson.answers.body["faults"] = right("stop-spark")
    expect(said).to_have_text(
        "Stop Spark for 10 seconds: Spark went on where it had stopped, and all posts were in the log. "
        "5,200 posts accepted, 5,200 counted, none lost; the panes of this time, counted again from the log, have the "
        "same 310."
    )
    lesson.open.click()
    expect(lesson.button("Cut the connections")).not_to_have_attribute("aria-disabled", "true")


def test_each_outcome_says_why_the_counts_are_right(visit: Visit) -> None:
    sent = [{"id": "demo:1", "created_at": "1970-01-01T00:00:00Z", "at_ms": NUMBER}]
    lesson = Lesson(visit, right("kill-python"))
    for faults, text in (
        (right("kill-python"), "Spark started another process, which read the same offsets of the log."),
        (right("cut-socket", connections=4), "Connections that were closed: 4. Spark connected again"),
        (right("same-post", sent=sent, duplicates=1), r"came first at \d\d:\d\d:\d\d, and dropped the second one"),
        (right("wrong-clock", sent=sent), r"which received them at \d\d:\d\d:\d\d, so no other pane has changed"),
        (
            fault("wrong", "cut-socket", lost=4, pane_counted=310, pane_recounted=312),
            "512 posts accepted, 3 counted, 4 lost. The panes of this time have 310; counted again.*, they have 312.",
        ),
    ):
        lesson.answers.body["faults"] = {**faults, "latest": {**faults["latest"], "number": NUMBER + 1}}
        lesson.page.reload()
        expect(lesson.said).to_have_text(re.compile(text))


def test_what_is_refused_and_what_fails_is_said_in_the_words_of_the_server(visit: Visit) -> None:
    lesson = Lesson(visit, NONE, "?lesson&locale=es")
    lesson.begins = 409, {"error": "another fault is not over yet"}
    lesson.open.click()
    lesson.button("Detener Spark 10 segundos").click()
    expect(lesson.said).to_have_text("Detener Spark 10 segundos: no hay resultado: another fault is not over yet")
    expect(lesson.said.locator("[lang=en]")).to_have_text("another fault is not over yet")
    error = "no Python worker of Spark runs on this machine"
    lesson.answers.body["faults"] = fault("failed", "kill-python", error=error)
    lesson.begins = 202, {"number": NUMBER}
    lesson.open.click()
    lesson.button("Matar un proceso de Python").click()
    expect(lesson.said.locator("[lang=en]")).to_have_text(error)


# The dark theme has the same rules, and colours that the lesson has elsewhere.
@pytest.mark.parametrize("setup", ["light, English", "phone, light, Spanish"])
def test_axe_finds_nothing(visit: Visit, setup: str) -> None:
    lesson = Lesson(visit, right("stop-spark"), **SETUPS[setup])
    expect(lesson.said).to_have_text(re.compile("310"))
    found = violations(lesson.page)
    lesson.open.click()
    expect(lesson.page.locator("#lesson-what-if")).to_be_visible()
    found += violations(lesson.page)
    assert found == []
    if SETUPS[setup].get("has_touch"):
        assert lesson.page.evaluate(SMALL_CONTROLS) == []
