"""The rules of the source x: at the start, and while it streams."""

import threading
from collections.abc import Callable

import pytest
from tests.ingest.servers import x_responses
from tests.ingest.servers.x_responses import Answer, line
from tests.ingest.servers.x_server import RULES, STREAM, Wire, XServer
from tests.ingest.sources.x.client import InThread, Open, collect, ids, sends, wait_for

from ingest.posts import filter as post_filter


def two_posts(changed: threading.Event) -> Callable[[Wire], None]:
    """A stream with a post, and with another one when `changed` is set; it stays open."""

    def turn(wire: Wire) -> None:
        wire.send(line(1))
        changed.wait(20)
        wire.send(line(2))
        wire.silence()

    return turn


def test_rules_are_set_before_the_stream_is_opened_and_foreign_rules_stay(
    x_api: XServer, open_x: Open, caplog: pytest.LogCaptureFixture
) -> None:
    x_api.has("stale", "hashtags-live")
    x_api.has("kept -is:retweet", "hashtags-live")
    x_api.has("theirs", "another tool")
    x_api.turns.append(sends())
    x = open_x("kept,dogs", rules="kept -is:retweet;;dogs -is:retweet")
    collect(x)
    assert sorted(x_api.values()) == ["dogs -is:retweet", "kept -is:retweet"]
    assert x_api.values("another tool") == ["theirs"]
    assert x_api.requests == [f"GET {RULES}", f"POST {RULES}", f"POST {RULES}", f"GET {STREAM}"]
    assert [list(body) for body in x_api.posted] == [["add"], ["delete"]]
    assert x.facts()["rules"] == 2
    assert x.facts()["rules_of_others"] == 1
    assert "the app has 1 foreign rules" in caplog.text


def test_correct_rules_are_not_changed(x_api: XServer, open_x: Open) -> None:
    x_api.has("cats -is:retweet", "hashtags-live")
    x_api.turns.append(sends())
    collect(open_x())
    assert x_api.requests == [f"GET {RULES}", f"GET {STREAM}"]


def test_a_rule_that_another_program_has_set_is_not_added(x_api: XServer, open_x: Open) -> None:
    x_api.has("cats -is:retweet", "another tool")
    x_api.turns.append(sends(line(1)))
    items, _ = collect(open_x())
    assert ids(items) == [1]
    assert x_api.posted == []


def test_a_rule_that_another_program_adds_at_the_same_moment_is_not_an_error(x_api: XServer, open_x: Open) -> None:
    x_api.has("cats -is:retweet", "another tool")
    x_api.rules_answers.append(Answer(200, {"meta": {"result_count": 0}}))
    x_api.turns.append(sends(line(1)))
    items, _ = collect(open_x())
    assert ids(items) == [1]


def test_many_rules_are_sent_in_batches(x_api: XServer, open_x: Open) -> None:
    x_api.turns.append(sends())
    collect(open_x(rules="\n".join(f"rule{number}" for number in range(250))))
    assert [len(body["add"]) for body in x_api.posted] == [100, 100, 50]


def test_old_rules_are_deleted_first_only_if_there_is_no_space_for_both(x_api: XServer, open_x: Open) -> None:
    for number in range(950):
        x_api.has(f"old{number}", "hashtags-live")
    x_api.turns.append(sends())
    collect(open_x(rules="\n".join(f"new{number}" for number in range(80))))
    assert [len(body["add"]) if "add" in body else -len(body["delete"]["ids"]) for body in x_api.posted] == [
        50,
        *[-100] * 9,
        -50,
        30,
    ]
    assert len(x_api.rules) == 80


def test_new_terms_change_the_rules_without_a_new_connection(
    x_api: XServer, open_x: Open, x_stop: threading.Event
) -> None:
    changed = threading.Event()
    x_api.turns.append(two_posts(changed))
    x = open_x()
    work = InThread(x)
    wait_for(lambda: len(work.items) == 1)
    x.set_terms(post_filter.parse("dogs,#Birds"), ["en", "es"])
    assert x_api.values() == ["(dogs OR #Birds) (lang:en OR lang:es) -is:retweet"]
    assert [list(body) for body in x_api.posted] == [["add"], ["add"], ["delete"]]
    changed.set()
    wait_for(lambda: len(work.items) == 2)
    x_stop.set()
    work.join()
    assert x_api.requests.count(f"GET {STREAM}") == 1


@pytest.mark.parametrize(
    ("track", "answer", "sentence", "later"),
    [
        (
            "dogs",
            x_responses.UNAVAILABLE,
            "the new rules are set at the next connection: X answered 503 Service Unavailable",
            "dogs -is:retweet",
        ),
        (
            "-dogs",
            None,
            (
                "the old rules stay: SOURCE=x needs TRACK, with a term that is not excluded, or X_RULES: "
                "X bills each post"
            ),
            "cats -is:retweet",
        ),
        (
            "dogs",
            Answer(403, {"title": "No"}),
            "the old rules stay: X answered 403 No",
            "cats -is:retweet",
        ),
    ],
)
def test_a_failed_change_is_reported_and_the_stream_continues(
    x_api: XServer,
    open_x: Open,
    x_stop: threading.Event,
    caplog: pytest.LogCaptureFixture,
    track: str,
    answer: Answer | None,
    sentence: str,
    later: str,
) -> None:
    changed = threading.Event()
    x_api.turns.append(two_posts(changed))
    x = open_x()
    work = InThread(x)
    wait_for(lambda: len(work.items) == 1)
    if answer:
        x_api.rules_answers.append(answer)
    x.set_terms(post_filter.parse(track), [])
    assert x.facts()["rules_error"] == sentence
    assert sentence in caplog.text
    assert x_api.values() == ["cats -is:retweet"]
    changed.set()
    wait_for(lambda: len(work.items) == 2)
    x_stop.set()
    work.join()
    collect(x)
    assert x_api.values() == [later]


def test_without_a_connection_new_terms_are_set_at_the_next_one(x_api: XServer, open_x: Open) -> None:
    x = open_x()
    x.set_terms(post_filter.parse("dogs"), [])
    assert x_api.requests == []
    x_api.turns.append(sends())
    collect(x)
    assert x_api.values() == ["dogs -is:retweet"]
