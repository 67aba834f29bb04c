"""What a line of a replay file means."""

import json

import pytest

from ingest.post import SourcePost
from ingest.sources import replay_format
from ingest.sources.json_line import FormatError
from ingest.sources.replay_format import Timed


def parse(line: object, number: int = 7) -> list[Timed | str]:
    raw = line if isinstance(line, bytes) else json.dumps(line).encode()
    return [str(each) if isinstance(each, FormatError) else each for each in replay_format.posts(raw, number)]


def test_a_text_is_enough() -> None:
    assert parse({"text": "just #text"}) == [Timed(SourcePost("replay:7", "just #text", "replay"), None)]


def test_a_post_of_ours_keeps_all_but_its_place_and_time() -> None:
    line = {
        "offset": 3,
        "id": "x:9",
        "at_ms": 1234,
        "created_at": "2026-11-20T12:00:00Z",
        "author": "42",
        "text": "hi #Tag",
        "tags": [{"key": "wrong", "label": "Tag"}],
        "lang": "en",
        "source": "x",
        "url": "https://example.org",
    }
    post = SourcePost("x:9", "hi #Tag", "x", ["Tag"], "en", "42", "https://example.org", "2026-11-20T12:00:00Z")
    assert parse(line) == [Timed(post, 1234)]


def test_an_empty_text_is_a_text_and_tags_alone_are_a_post() -> None:
    assert parse({"text": ""}) == [Timed(SourcePost("replay:7", "", "replay"), None)]
    assert parse({"tags": [{"label": "a"}]}) == [Timed(SourcePost("replay:7", "", "replay", ["a"]), None)]


def test_a_post_without_a_time_of_ours_is_paced_by_what_its_client_claimed() -> None:
    (timed,) = parse({"text": "", "created_at": "2026-11-20T12:00:00+01:00"})
    assert isinstance(timed, Timed)
    assert timed.at_ms == 1795172400000


def test_an_x_object_has_the_tags_of_its_entities_alone() -> None:
    post = {
        "id": "159",
        "text": "RT: a #cut te…",
        "author_id": "42",
        "created_at": "2026-11-20T12:00:00.000Z",
        "lang": "pt",
        "entities": {"hashtags": [{"start": 0, "end": 4, "tag": "Whole"}], "mentions": []},
        "source": "an app",
    }
    expected = SourcePost(
        "x:159",
        "RT: a #cut te…",
        "x",
        ["Whole"],
        "pt",
        "42",
        "https://x.com/i/status/159",
        "2026-11-20T12:00:00.000Z",
    )
    assert parse({"data": post, "includes": {"users": []}}) == [Timed(expected, 1795176000000)]


@pytest.mark.parametrize("entities", [None, {}, {"hashtags": None}, {"hashtags": []}, {"mentions": []}])
def test_an_x_object_without_hashtag_entities_has_no_tags(entities: object) -> None:
    (timed,) = parse({"data": {"id": "1", "text": "#not", "entities": entities}})
    assert isinstance(timed, Timed)
    assert timed.post.labels == []
    assert timed.post.lang == "und"


def test_a_page_is_put_in_order_and_a_bad_post_of_it_spoils_no_other() -> None:
    page = [
        {"id": "3", "text": "c", "created_at": "2026-11-20T12:00:02Z"},
        {"id": "2", "created_at": "2026-11-20T12:00:01Z"},
        {"text": "no id"},
        {"id": "1", "text": "a", "created_at": "2026-11-20T12:00:00Z"},
    ]
    parsed = parse({"data": page})
    assert [each if isinstance(each, str) else each.post.id for each in parsed] == [
        "no text",
        "wrong shape",
        "x:1",
        "x:3",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "\xff"}', "not UTF-8"),
        (b'{"other": "\xc3(", "text": "a"}', "not UTF-8"),
        (b"{nonsense", "not JSON"),
        (b'{"text": "a"', "not JSON"),
        (b'{"text": "\\ud83d"', "not JSON"),
        (b'{"deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b"[]", "wrong shape"),
        (b"17", "wrong shape"),
        (b'{"text": 17}', "wrong shape"),
        (b'{"text": "a", "tags": ["a"]}', "wrong shape"),
        (b'{"data": 17}', "wrong shape"),
        (b'{"data": null}', "wrong shape"),
        (b'{"data": {"text": "no id"}}', "wrong shape"),
        (b"{}", "no text"),
        (b'{"id": "1", "lang": "en"}', "no text"),
        (b'{"errors": [{"title": "Not Found"}]}', "no text"),
        (b'{"data": {"id": "1"}}', "no text"),
    ],
)
def test_a_line_that_is_no_post_says_why(line: bytes, reason: str) -> None:
    assert parse(line) == [reason]


def test_a_text_cut_within_an_emoji_is_mended() -> None:
    (timed,) = parse(rb'{"text": "cut \ud83d", "author": "\ud83d\ude00"}')
    assert isinstance(timed, Timed)
    assert timed.post.text == "cut \ufffd"
    assert timed.post.author == "😀"
