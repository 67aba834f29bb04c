"""How a line of a replay file is decoded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.posts.post import SourcePost
from ingest.sources.replay import format as replay_format
from ingest.sources.replay.timed import TimedChange, TimedPost


def parse(line: object, number: int = 7) -> list[TimedPost | str]:
    raw = line if isinstance(line, bytes) else json.dumps(line).encode()
    found = replay_format.posts(raw, number)
    assert not any(isinstance(each, TimedChange) for each in found)
    return [each if isinstance(each, TimedPost) else str(each) for each in found]


def test_a_text_is_enough_for_a_post() -> None:
    assert parse({"text": "just #text"}) == [
        TimedPost(SourcePost(id="replay:7", text="just #text", source="replay"), None)
    ]


def test_our_own_post_has_all_its_fields_except_offset_and_time() -> None:
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
    post = SourcePost(
        id="x:9",
        text="hi #Tag",
        source="x",
        labels=["Tag"],
        lang="en",
        author="42",
        url="https://example.org",
        created_at="2026-11-20T12:00:00Z",
    )
    assert parse(line) == [TimedPost(post, 1234)]


def test_an_empty_text_is_a_text_and_tags_alone_are_a_post() -> None:
    assert parse({"text": ""}) == [TimedPost(SourcePost(id="replay:7", text="", source="replay"), None)]
    assert parse({"tags": [{"label": "a"}]}) == [
        TimedPost(SourcePost(id="replay:7", text="", source="replay", labels=["a"]), None)
    ]


def test_a_post_without_at_ms_is_paced_by_its_created_at() -> None:
    (timed,) = parse({"text": "", "created_at": "2026-11-20T12:00:00+01:00"})
    assert isinstance(timed, TimedPost)
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
        id="x:159",
        text="RT: a #cut te…",
        source="x",
        labels=["Whole"],
        lang="pt",
        author="42",
        url="https://x.com/i/status/159",
        created_at="2026-11-20T12:00:00.000Z",
    )
    assert parse({"data": post, "includes": {"users": []}}) == [TimedPost(expected, 1795176000000)]


@pytest.mark.parametrize("entities", [None, {}, {"hashtags": None}, {"hashtags": []}, {"mentions": []}])
def test_an_x_object_without_hashtag_entities_has_no_tags(entities: object) -> None:
    (timed,) = parse({"data": {"id": "1", "text": "#not", "entities": entities}})
    assert isinstance(timed, TimedPost)
    assert timed.post.labels == []
    assert timed.post.lang == "und"


def test_a_page_is_sorted_and_an_invalid_post_does_not_affect_the_others() -> None:
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
def test_a_line_that_is_not_a_post_has_a_reason(line: bytes, reason: str) -> None:
    assert parse(line) == [reason]


def test_a_text_that_was_cut_within_an_emoji_is_fixed() -> None:
    (timed,) = parse(rb'{"text": "cut \ud83d", "author": "\ud83d\ude00"}')
    assert isinstance(timed, TimedPost)
    assert timed.post.text == "cut \ufffd"
    assert timed.post.author == "😀"


@pytest.mark.parametrize(
    "source", ["Twitter for iPhone", '<a href="https://example.org">App</a>', "X", "a b", "x" * 33, "é", "-x"]
)
def test_an_invalid_name_of_a_source_is_rejected(source: str) -> None:
    assert parse({"text": "a #tag", "source": source}) == [replay_format.NO_NAME]


@pytest.mark.parametrize("source", ["x", "bluesky", "my-archive_2"])
def test_a_post_of_ours_may_name_its_source(source: str) -> None:
    (timed,) = parse({"text": "a #tag", "source": source})
    assert isinstance(timed, TimedPost)
    assert timed.post.source == source


@pytest.mark.parametrize(
    "mark",
    [
        {"author": {"id": "1", "username": "made_up"}},
        {"author_id": "1"},
        {"conversation_id": "1"},
        {"edit_history_tweet_ids": ["1"]},
        {"public_metrics": {"like_count": 1}},
        {"entities": {"urls": []}},
        {"__twarc": {"version": "2"}},
        {"note_tweet": {"text": "whole", "entities": {"hashtags": [{"tag": "whole"}]}}},
        {"user": {"id_str": "1"}},
        {"id_str": "1"},
        {"full_text": "whole"},
    ],
)
def test_an_object_of_x_is_never_read_as_our_own_post(mark: dict[str, object]) -> None:
    line = {"id": "1", "text": "cut #te…", "source": "Twitter for iPhone", "lang": "en", **mark}
    (found,) = parse(line)
    assert isinstance(found, TimedPost)
    assert (found.post.id, found.post.source) == ("x:1", "x")


@pytest.mark.parametrize(
    "field", ["user", "account", "content", "kind", "limit", "meta", "entities", "tweet", "did", "delete"]
)
@pytest.mark.parametrize("value", ["alice", 5, None])
def test_our_own_post_may_have_other_fields(field: str, value: object) -> None:
    assert parse({"text": "a #tag", field: value}) == [
        TimedPost(SourcePost(id="replay:7", text="a #tag", source="replay"), None)
    ]


def test_an_array_on_a_line_is_several_posts() -> None:
    found = parse([{"text": "a"}, {"id": "1", "text": "b", "author_id": "2"}, 17, [], [{"text": "c"}]])
    assert [each if isinstance(each, str) else each.post.text for each in found] == [
        "a",
        "b",
        "wrong shape",
        "wrong shape",
        "wrong shape",
    ]


@pytest.mark.parametrize(
    ("fields", "at_ms"),
    [
        ({"at_ms": 5}, 5),
        ({"at_ms": -1}, None),
        ({"at_ms": 10**18}, None),
        ({"at_ms": 10**400}, None),
        ({"at_ms": -1, "created_at": "1970-01-01T00:00:01Z"}, 1000),
        ({"created_at": "9999-12-31T23:59:59Z"}, None),
        ({"created_at": "9999-12-31T23:59:59-23:59"}, None),
        ({"created_at": "0001-01-01T00:00:00+23:59"}, None),
        ({"created_at": "0000-01-01T00:00:00Z"}, None),
        ({"created_at": "-0001-01-01"}, None),
        ({"created_at": "1969-12-31T23:59:59Z"}, None),
        ({"created_at": "2026-11-20T12:00:00"}, 1795176000000),
        ({"created_at": "2026-11-20T12:00:00+01:00"}, 1795172400000),
        ({"created_at": "Fri Nov 20 12:00:00 +0000 2026"}, 1795176000000),
        ({"created_at": "Fri Nov 20 12:00:00 -0130 2026"}, 1795181400000),
        ({"created_at": "Fri Nov 31 12:00:00 +0000 2026"}, None),
        ({"created_at": "Fri Nov 20 12:00:00 +9999 2026"}, None),
        ({"created_at": "NaN"}, None),
        ({"created_at": "yesterday"}, None),
        ({"created_at": ""}, None),
        ({"created_at": "1" * 100_000}, None),
        ({"created_at": "\ud83d"}, None),
    ],
)
def test_an_impossible_time_is_ignored(fields: dict[str, object], at_ms: int | None) -> None:
    (timed,) = parse({"text": "", **fields})
    assert isinstance(timed, TimedPost)
    assert timed.at_ms == at_ms


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1.5", b'"5"'])
def test_a_time_of_the_wrong_type_makes_the_line_malformed(number: bytes) -> None:
    (reason,) = parse(b'{"text":"a","at_ms":' + number + b"}")
    assert reason in {"not JSON", "wrong shape"}


_TEXTS = st.one_of(st.none(), st.text(max_size=4), st.sampled_from(["replay", "x", "X y", "und", "1795176000000"]))
_TAGS = st.one_of(
    st.none(),
    st.lists(
        st.fixed_dictionaries({"label": st.text(max_size=3)}, optional={"key": _TEXTS, "other": st.none()}), max_size=3
    ),
)
_LINES = st.fixed_dictionaries(
    {},
    optional={
        "text": _TEXTS,
        "id": st.one_of(_TEXTS, st.integers(-1, 2**70)),
        "source": _TEXTS,
        "lang": _TEXTS,
        "author": _TEXTS,
        "url": _TEXTS,
        "created_at": st.one_of(_TEXTS, st.just("2026-11-28T12:00:00Z")),
        "tags": _TAGS,
        "at_ms": st.one_of(st.none(), st.integers(-1, 2**63), st.just(1795176000000), st.just("soon")),
        "offset": st.one_of(st.integers(0, 9), st.none()),
        "labels": st.one_of(st.none(), st.just(["a"])),
        "data": st.just({"id": "1"}),
    },
)


# Few lines: many are more data than Hypothesis makes for an example.
_BLOCKS = st.lists(
    st.one_of(_LINES.map(lambda line: json.dumps(line).encode()), st.binary(max_size=9), st.none()), max_size=5
)


@given(_BLOCKS)
def test_lines_that_are_plainly_ours_give_the_same_posts_together(lines: list[bytes | None]) -> None:
    found = replay_format.own_posts(lines, 7)
    assert len(found) == len(lines)
    for number, (line, post) in enumerate(zip(lines, found, strict=True), 7):
        if post is not None:
            assert line is not None
            fields = {name: getattr(post, name) for name in SourcePost.__struct_fields__}
            assert replay_format.posts(line, number) == [TimedPost(SourcePost(**fields), post.written_ms)]


def test_a_bad_line_does_not_end_a_block_of_plain_posts() -> None:
    line = b'{"text": "a", "tags": [{"key": "b", "label": "B"}], "source": "x", "id": 1}'
    found = replay_format.own_posts([line, b"{", None, b'{"text": "a"}', b"\xff", line], 1)
    assert [post and (post.id, post.source, post.labels) for post in found] == [
        ("1", "x", ["B"]),
        None,
        None,
        ("replay:4", "replay", None),
        None,
        ("1", "x", ["B"]),
    ]
