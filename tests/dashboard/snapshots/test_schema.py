from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import held_back, rising, rising_tag, sample, with_authors
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import post

from dashboard.snapshots.latest import Latest
from dashboard.snapshots.parse import SnapshotError, parse_snapshot, public_body

AT_MS = 1_795_176_007_000


def body(**changes: Any) -> bytes:
    return json.dumps(feeder.snapshot({"WorldCup": 310, "東京": 120}, AT_MS, **changes)).encode()


def changed(path: str, value: Any) -> bytes:
    return with_value(json.loads(body()), path, value)


def with_value(whole: Any, path: str, value: Any) -> bytes:
    *parents, last = path.split(".")
    inner = whole
    for name in parents:
        inner = inner[int(name)] if name.isdigit() else inner[name]
    inner[last] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (b"{", "The body is not JSON: Input data was truncated."),
        (b"\xff\xfe", "The body is not JSON: JSON is malformed: invalid character (byte 0)."),
        (b"[]", "The snapshot has not the agreed shape: Expected `object`, got `array`."),
        (b"{}", "The snapshot has not the agreed shape: Object missing required field `epoch`."),
        (
            changed("window.top.0.posts", "many"),
            "The snapshot has not the agreed shape: Expected `int`, got `str` - at `$.window.top[0].posts`.",
        ),
        (
            changed("health.lag_ms", -1),
            "The snapshot has not the agreed shape: Expected `int` >= 0 - at `$.health.lag_ms`.",
        ),
        (changed("window.top.1.rank", 3), "The snapshot's window has rank 3 in place 2."),
        (changed("window.top.1.posts", 311), "The snapshot's window is not sorted by posts at rank 2."),
        (changed("window.top.1.key", "worldcup"), "The snapshot's window has the same tag twice."),
        (changed("facets.lang.en.top.1.posts", 311), "The snapshot's facet 'en' is not sorted by posts at rank 2."),
        (changed("facets.source.demo.top.1.key", "worldcup"), "The snapshot's facet 'demo' has the same tag twice."),
        (changed("window.to_ms", 1), "The snapshot's window ends before it begins."),
        (
            changed("panes", [feeder.pane(400_000, window={"a": 1, "b": 2})]),
            "The snapshot's window of the pane from 400000 is not sorted by posts at rank 2.",
        ),
        (
            changed("panes", [{**feeder.pane(10_000), "window": {"from_ms": 10_001, "posts": 0, "top": []}}]),
            "The window of the pane from 10000 begins after it.",
        ),
        (
            changed("panes", [{**feeder.pane(10_000), "to_ms": 10_000}]),
            "The pane from 10000 ends before it begins.",
        ),
    ],
)
def test_what_is_not_a_snapshot_is_refused_with_a_sentence_that_says_where(bad: bytes, sentence: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        parse_snapshot(bad)
    assert str(caught.value) == sentence


def with_people(path: str, value: Any) -> bytes:
    """A snapshot of a job that counts authors, with another value at `path`."""
    whole = with_authors(feeder.snapshot({"WorldCup": 310, "東京": 120}, AT_MS, rising=sample(AT_MS)))
    pane = feeder.pane(400_000, window={"a": 9, "b": 8})
    pane["window"]["by_authors"] = [{**tag, "authors": 5} for tag in pane["window"]["top"]]
    whole["panes"] = [pane]
    return with_value(whole, path, value)


TWICE = rising(AT_MS, [rising_tag("Rain", AT_MS)], [rising_tag("Sun", AT_MS), rising_tag("rain", AT_MS)])


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("seq", 2, None),
        ("window.by_authors.1.rank", 3, "The snapshot's window by authors has rank 3 in place 2."),
        ("window.by_authors.1.authors", None, "The snapshot's window by authors has no authors at rank 2."),
        (
            "window.by_authors.1.authors",
            156,
            "The snapshot's window by authors is not sorted by authors and posts at rank 2.",
        ),
        ("window.by_authors.1.key", "worldcup", "The snapshot's window by authors has the same tag twice."),
        ("facets.lang.en.by_authors.0.rank", None, "The snapshot's facet 'demo' by authors has rank None in place 1."),
        (
            "panes.0.window.by_authors.0.posts",
            7,
            "The snapshot's window of the pane from 400000 by authors is not sorted by authors and posts at rank 2.",
        ),
        ("rising", TWICE, "The snapshot's list of rising tags has the same tag twice."),
        (
            "rising",
            rising(AT_MS, held=(held_back("a"), held_back("a"))),
            "The snapshot's list of rising tags, held back, has the same tag twice.",
        ),
        (
            "panes.0.rising",
            TWICE,
            "The snapshot's list of rising tags of the pane from 400000 has the same tag twice.",
        ),
        (
            "rising.topics.0.tags",
            [],
            "The snapshot has not the agreed shape: Expected `array` of length >= 1 - at `$.rising.topics[0].tags`.",
        ),
        (
            "rising.held_back.0.why",
            "spam",
            "The snapshot has not the agreed shape: Invalid enum value 'spam' - at `$.rising.held_back[0].why`.",
        ),
    ],
)
def test_the_order_by_authors_and_the_list_of_rising_tags_are_checked(
    path: str, value: Any, sentence: str | None
) -> None:
    found = None
    try:
        parse_snapshot(with_people(path, value))
    except SnapshotError as error:
        found = str(error)
    assert found == sentence


def test_a_newer_job_may_say_more_and_it_is_passed_on_untouched() -> None:
    pushed = body(moods=[{"key": "x", "score": 1.50}], panes=[feeder.pane(10_000)])
    parse_snapshot(pushed)
    assert json.loads(public_body(pushed)) == {k: v for k, v in json.loads(pushed).items() if k != "panes"}
    assert b'"score": 1.5}' in public_body(pushed)


def test_no_post_and_no_muted_tag_is_in_what_everybody_may_read() -> None:
    post = panel.post(7, AT_MS, "WorldCup", text="SECRET")
    pushed = body(samples=panel.samples(post), mute=panel.mute("hush", patterns=("sh*",), hidden=3, error="Line 2."))
    read = json.loads(public_body(pushed))
    assert read.keys() == json.loads(pushed).keys() - {"panes", "samples"}
    assert read["mute"] == {"tags": 2, "hidden": 3, "error": "Line 2."}
    latest = Latest()
    shown = latest.offer(parse_snapshot(pushed), pushed)
    assert shown is not None
    assert "SECRET" not in f"{shown}"


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        ({"posts": [], "of": {"worldcup": [0]}}, "The snapshot's samples name a post that is not among them."),
        (
            panel.samples(panel.post(7, AT_MS, "WorldCup", text="SECRET" * 200)),
            "The snapshot has not the agreed shape: Expected `str` of length <= 1000 - at `$.samples.posts[0].text`.",
        ),
    ],
)
def test_refused_samples_are_not_quoted(samples: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        parse_snapshot(body(samples=samples))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("order", "taken"),
    [((2, 1), True), ((1, 6), True), ((1, 5), False), ((1, 4), False), ((0, 9), False)],
)
def test_the_newest_is_the_one_with_the_greater_epoch_then_seq(order: tuple[int, int], taken: bool) -> None:
    latest = Latest()
    first = body(epoch=1, seq=5)
    assert latest.offer(parse_snapshot(first), first) is not None
    second = body(epoch=order[0], seq=order[1])
    assert (latest.offer(parse_snapshot(second), second) is not None) is taken
    assert latest.shown is not None
    assert latest.shown.order == (order if taken else (1, 5))


def test_what_the_job_makes_is_what_the_dashboard_takes(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for pane in range(4):
        rig.count(post(["WorldCup", "Rain"], T + pane * PANE_MS), post(["worldcup"], T + pane * PANE_MS + 1, lang="es"))
    made = rig.snapshot(T + 3 * PANE_MS + 1) | {"health": feeder.health(T)}
    rig.state.close()
    taken = parse_snapshot(json.dumps(made).encode())
    # Fields that the job does not send are null.
    unknown = {"authors": None, "by_authors": None, "taken_back": None}
    assert msgspec.to_builtins(taken.panes) == [
        {"rising": None, **pane, "window": {**unknown, **pane["window"]}} for pane in made["panes"]
    ]
    assert taken.panes[2].window is not None
    assert [(tag.label, tag.posts) for tag in taken.panes[2].window.top] == [("WorldCup", 6), ("Rain", 3)]
    assert (taken.total.dropped_tags, list(taken.facets.lang)) == (0, ["en", "es"])


def test_a_pane_of_an_older_job_has_no_window() -> None:
    pane = {name: value for name, value in feeder.pane(10_000).items() if name != "window"}
    assert parse_snapshot(body(panes=[pane])).panes[0].window is None
