"""What a line of X's stream means."""

import json

import pytest

from ingest.post import SourcePost
from ingest.sources import x_post
from ingest.sources.json_line import FormatError
from ingest.sources.x_post import ProblemError

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
        "x:159",
        "a #cut te…",
        "x",
        ["Whole", "ワールド"],
        "pt",
        "42",
        "https://x.com/i/status/159",
        "2026-11-20T12:00:00.000Z",
    )


@pytest.mark.parametrize("entities", [None, {}, {"hashtags": None}, {"hashtags": []}, {"mentions": []}])
def test_a_post_without_hashtag_entities_has_no_tags(entities: object) -> None:
    post = read({"data": {"id": "1", "text": "#not", "entities": entities}})
    assert post.labels == []
    assert post.lang == "und"


def test_errors_beside_a_post_leave_it_a_post() -> None:
    assert read({"data": POST, "errors": ["whatever"]}).id == "x:159"


def test_a_text_cut_within_an_emoji_is_mended() -> None:
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
def test_a_problem_is_told_from_a_post(line: object, problem: str) -> None:
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
def test_a_line_that_is_no_post_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as error:
        read(line)
    assert str(error.value) == reason
