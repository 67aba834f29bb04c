"""How a line of X's stream is decoded."""

import json

import pytest

from ingest.posts.post import SourcePost
from ingest.sources.common.json_line import FormatError
from ingest.sources.x import post as x_post
from ingest.sources.x.post import ProblemError

POST = {
    "id": "159",
    "text": "a #cut te…",
    "author_id": "42",
    "created_at": "2026-11-20T12:00:00.000Z",
    "lang": "pt",
    "edit_history_tweet_ids": ["159"],
    "entities": {"hashtags": [{"start": 2, "end": 6, "tag": "Whole"}, {"start": 8, "end": 9, "tag": "ワールド"}]},
}


def read(line: object) -> SourcePost:
    return x_post.read(line if isinstance(line, bytes) else json.dumps(line).encode())


def test_a_post_is_read_as_x_has_it() -> None:
    assert read({"data": POST, "matching_rules": [{"id": "1", "tag": "hashtags-live"}]}) == SourcePost(
        id="x:159",
        text="a #cut te…",
        source="x",
        labels=["Whole", "ワールド"],
        lang="pt",
        author="42",
        url="https://x.com/i/status/159",
        created_at="2026-11-20T12:00:00.000Z",
    )


@pytest.mark.parametrize("entities", [None, {}, {"hashtags": None}, {"hashtags": []}, {"mentions": []}])
def test_a_post_without_hashtag_entities_has_no_tags(entities: object) -> None:
    post = read({"data": {"id": "1", "text": "#not", "entities": entities}})
    assert post.labels == []
    assert post.lang == "und"


NOTE = {
    "id": "1",
    "text": "begins … https://t.co/x",
    "entities": {"urls": []},
    "note_tweet": {"text": "begins … #alpha #beta", "entities": {"hashtags": [{"tag": "alpha"}, {"tag": "beta"}]}},
}


def test_a_long_post_has_its_whole_text_and_all_tags() -> None:
    post = read({"data": NOTE})
    assert (post.text, post.labels) == ("begins … #alpha #beta", ["alpha", "beta"])


@pytest.mark.parametrize("note", [None, {}, {"text": "the whole #Whole text"}, {"text": None, "entities": None}])
def test_a_long_post_without_its_own_entities_has_those_of_the_cut_text(note: object) -> None:
    post = read({"data": POST | {"note_tweet": note}})
    assert post.labels == ["Whole", "ワールド"]
    assert post.text == ((note or {}).get("text") or POST["text"])  # type: ignore[attr-defined]


def test_a_retweet_has_the_text_and_the_tags_of_the_original_post() -> None:
    retweet = {
        "id": "7",
        "text": "RT @somebody: begi…",
        "lang": "en",
        "author_id": "8",
        "referenced_tweets": [{"type": "quoted", "id": "2"}, {"type": "retweeted", "id": "1"}],
    }
    quoted = {"id": "2", "text": "#no", "entities": {"hashtags": [{"tag": "no"}]}}
    post = read({"data": retweet, "includes": {"tweets": [quoted, NOTE]}})
    assert (post.id, post.author, post.lang) == ("x:7", "8", "en")
    assert (post.text, post.labels) == ("begins … #alpha #beta", ["alpha", "beta"])
    alone = read({"data": retweet, "includes": {"tweets": [quoted]}})
    assert (alone.text, alone.labels) == ("RT @somebody: begi…", [])


def test_a_quote_and_a_reply_have_their_own_tags() -> None:
    for kind in ("quoted", "replied_to"):
        post = read({"data": POST | {"referenced_tweets": [{"type": kind, "id": "1"}]}, "includes": {"tweets": [NOTE]}})
        assert post.labels == ["Whole", "ワールド"]


def test_a_post_with_errors_in_the_same_line_is_a_post() -> None:
    assert read({"data": POST, "errors": ["whatever"]}).id == "x:159"


def test_a_text_that_was_cut_within_an_emoji_is_fixed() -> None:
    assert read(rb'{"data":{"id":"1","text":"cut \ud83d"}}').text == "cut \ufffd"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            {"errors": [{"title": "operational-disconnect", "detail": "For reasons."}]},
            "operational-disconnect, For reasons",
        ),
        ({"title": "ConnectionException", "detail": "Too\nmany."}, "ConnectionException, Too many"),
        ({"errors": [{"message": "Over capacity", "code": 130}]}, "Over capacity"),
        ({"title": "x" * 1000}, "x" * 200),
    ],
)
def test_a_problem_is_distinguished_from_a_post(line: object, problem: str) -> None:
    with pytest.raises(ProblemError) as error:
        read(line)
    assert (str(error.value), error.value.problem) == ("message of an error", problem)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{nonsense", "not JSON"),
        (b'{"data":{"id":"1","text":"\xff"}}', "not UTF-8"),
        (b'{"data":{"id":"1","text":"a","other":"\xc3("}}', "not UTF-8"),
        (b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "wrong shape"),
        (b'{"other":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (b"[]", "wrong shape"),
        (b"17", "wrong shape"),
        (b"{}", "wrong shape"),
        (b'{"data":null}', "wrong shape"),
        (b'{"data":[]}', "wrong shape"),
        (b'{"data":{"text":"no id"}}', "wrong shape"),
        (b'{"errors":["odd"]}', "wrong shape"),
        (b'{"data":{"id":"1"}}', "no text"),
        (b'{"data":{"id":"1","text":"' + b"x" * 2**20 + b'"}}', "longer than 1 MiB"),
    ],
)
def test_a_line_that_is_not_a_post_has_a_reason(line: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as error:
        read(line)
    assert str(error.value) == reason
