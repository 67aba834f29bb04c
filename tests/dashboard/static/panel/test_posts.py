"""The panel of a hashtag has the newest posts, as text, and the hashtags that are in the same posts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from tests.dashboard.support.accessibility import violations
from tests.dashboard.support.held_requests import HeldRequests
from tests.dashboard.support.page_content import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.support.sample_stream import SampleStream

HOSTILE = "<img src=https://elsewhere.example/x.png onerror=alert(1)> #WorldCup and #東京\n<script>alert(1)</script>"


def post(number: int, text: str, *labels: str, **changes: Any) -> dict[str, Any]:
    tags = [{"key": label.casefold(), "label": label} for label in labels]
    own = {"offset": number, "id": f"bluesky:{number}", "at_ms": int(time.time() * 1000), "created_at": None}
    link = f"https://bsky.app/profile/someone/post/{number}"
    return {**own, "text": text, "source": "bluesky", "lang": "en", "url": link, "tags": tags, **changes}


class Posts:
    """Answers the page's requests for posts with `posts`, or with why there are none."""

    def __init__(self, page: Page, *posts: dict[str, Any]) -> None:
        self.posts = list(posts)
        self.why_none: str | None = None
        page.route(
            "**/api/tags/*/posts",
            lambda route: route.fulfill(json={"key": "x", "posts": self.posts, "why_none": self.why_none}),
        )


def restart_with_a_clock(page: Page) -> None:
    """Load the page again, with a clock that the test can pause."""
    page.clock.install()
    page.reload()


def pause_the_clock(page: Page) -> None:
    """From now on only `page.clock.run_for` moves the page's clock, however slow the machine is."""
    # A time of before the call would be refused.
    page.clock.pause_at(page.evaluate("Date.now()") / 1_000 + 10)


def after_all_requests(page: Page) -> None:
    """Requests and responses are handled in their order: wait until those of before are."""
    page.evaluate("fetch('/healthz').then((response) => response.text())")


def test_posts_are_text_with_links_to_panels_and_a_deleted_one_disappears(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    restart_with_a_clock(page)
    answers = Posts(
        page,
        post(1, HOSTILE, "WorldCup", "東京"),
        post(2, "No link #WorldCup", "WorldCup", url="javascript:alert(1)", source="demo"),
    )
    page.evaluate("location.hash = '#/tag/worldcup'")
    texts = page.locator("#tag-posts-list .post-text")
    expect(texts).to_have_text([HOSTILE, "No link #WorldCup"], use_inner_text=True)
    assert page.locator("#tag-posts-list :is(img, script)").count() == 0
    original = page.locator("#tag-posts-list .post-facts a")
    expect(original).to_have_count(1)
    expect(original).to_have_text("View on bluesky")
    expect(original).to_have_attribute("href", "https://bsky.app/profile/someone/post/1")
    expect(original).to_have_attribute("rel", "noopener nofollow")
    expect(page.locator("#tag-posts-list .post-facts").nth(1)).to_contain_text("demo")
    assert violations(page) == []
    # A post that its author deletes disappears without an action of the viewer.
    pause_the_clock(page)
    after_all_requests(page)
    answers.posts.pop(0)
    page.clock.run_for(4_000)
    expect(texts).to_have_text(["No link #WorldCup"])
    page.clock.resume()
    answers.posts.insert(0, post(3, "Another #東京", "東京"))
    page.locator("#tag-posts-list a", has_text="#東京").click()
    expect(page.locator("#panel-title")).to_have_text("#東京")
    answers.posts.clear()
    # The log may have no post of the hashtag, or can't be read: the sentence is true of both.
    none_now = "No post can be shown now. Posts of leading hashtags follow within seconds, if the log can be read."
    for why, sentence in {"off": "This dashboard shows no posts.", "none yet": none_now}.items():
        answers.why_none = why
        expect(page.locator("#tag-posts-note")).to_have_text(sentence)


def answer_at_a_known_time(page: Page, answers: Posts) -> None:
    """Pause the page's clock, and wait for an answer of the last three seconds of it."""
    texts = page.locator("#tag-posts-list .post-text")
    expect(texts).to_have_count(len(answers.posts))
    pause_the_clock(page)
    after_all_requests(page)
    answers.posts[0]["text"] = "Known now #WorldCup"
    page.clock.run_for(3_000)
    expect(texts.first).to_have_text("Known now #WorldCup")
    after_all_requests(page)


def test_posts_disappear_when_nobody_knows_whether_they_were_deleted(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("#/tag/worldcup")
    answers = Posts(page, post(1, "Still here? #WorldCup", "WorldCup"))
    restart_with_a_clock(page)
    answer_at_a_known_time(page, answers)
    page.unroute("**/api/tags/*/posts")
    page.route("**/api/tags/*/posts", lambda route: route.abort())
    page.clock.run_for(5_000)
    after_all_requests(page)
    assert page.locator("#tag-posts-list .post").count() == 1
    page.clock.run_for(7_000)
    expect(page.locator("#tag-posts-note")).to_have_text("The dashboard does not respond.")
    assert page.locator("#tag-posts-list .post").count() == 0


def test_posts_disappear_although_a_request_hangs_and_an_old_response_brings_none_back(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("#/tag/worldcup")
    texts, note = page.locator("#tag-posts-list .post-text"), page.locator("#tag-posts-note")
    answers = Posts(page, post(1, "Still here? #WorldCup", "WorldCup"), post(2, "Second #WorldCup", "WorldCup"))
    restart_with_a_clock(page)
    answer_at_a_known_time(page, answers)
    page.unroute("**/api/tags/*/posts")
    hanging = HeldRequests(page, "**/api/tags/*/posts").routes
    page.clock.run_for(5_000)
    assert page.locator("#tag-posts-list .post").count() == 2
    page.clock.run_for(7_000)
    expect(note).to_have_text("The dashboard does not respond.")
    assert page.locator("#tag-posts-list .post").count() == 0
    after_all_requests(page)
    # The newest request is answered before the one that came before it.
    newest, older = hanging[-1], hanging[-2]
    deleted = answers.posts.pop(0)
    newest.fulfill(json={"key": "x", "posts": answers.posts, "why_none": None})
    expect(texts).to_have_text(["Second #WorldCup"])
    older.fulfill(json={"key": "x", "posts": [deleted, *answers.posts], "why_none": None})
    after_all_requests(page)
    expect(texts).to_have_text(["Second #WorldCup"])


def test_the_tags_of_the_same_posts_are_links_with_counts(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(locale="es")
    long = "Long" * 20
    pairs = [{"key": label.casefold(), "label": label, "posts": posts} for label, posts in (("東京", 88), (long, 7))]
    at_ms = int(time.time() * 1000) // 10_000 * 10_000

    def with_pairs(route: Any) -> None:
        facts = route.fetch().json()
        route.fulfill(json={**facts, "pairs": {"at_ms": at_ms, "is_exact": True, "tags": pairs}})

    page.route("**/api/tags/worldcup", with_pairs)
    page.evaluate("location.hash = '#/tag/worldcup'")
    expect(page.locator("#often-with li")).to_have_text(["#東京 88", f"#{long} 7"])
    expect(page.locator("#often-with-note")).to_contain_text("publicaciones en la ventana a la")
    wait_until(
        page, "() => document.getElementById('panel').scrollWidth <= document.getElementById('panel').clientWidth"
    )
    page.locator("#often-with a").first.click()
    expect(page.locator("#panel-title")).to_have_text("#東京")
    # A tag that is in no post together with another one has no empty list.
    expect(page.locator("#often-with-box")).to_be_hidden()
