"""Events of Jetstream, in both versions."""

import json
from typing import Any

import pytest
from tests.ingest.servers.jetstream_server import account, as_v2, event, noise

from ingest.posts.post import SourcePost
from ingest.sources.bluesky.event import JetstreamChange, JetstreamPost, Notice, read_v1, read_v2
from ingest.sources.common.json_line import FormatError


def read(**record: Any) -> SourcePost:
    v1 = event(1, **record)
    one, two = read_v1(json.dumps(v1).encode()), read_v2(json.dumps(as_v2(v1)).encode())
    assert isinstance(one, JetstreamPost)
    assert one == two
    return one.post


def facet(*tags: str) -> dict[str, Any]:
    features = [{"$type": "app.bsky.richtext.facet#tag", "tag": tag} for tag in tags]
    return {"features": features, "index": {"byteStart": 0, "byteEnd": 1}}


LINK = {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://one.example", "tag": "none"}]}


@pytest.mark.parametrize(
    ("record", "labels"),
    [
        ({}, None),
        ({"facets": []}, None),
        ({"facets": [LINK]}, None),
        ({"facets": [LINK, facet("One"), facet("#Two", "Three")]}, ["One", "Two", "Three"]),
        ({"tags": ["Beside the text"]}, ["Beside the text"]),
        ({"facets": [facet("One")], "tags": ["one", "Four"]}, ["One", "one", "Four"]),
    ],
)
def test_tags_are_those_that_the_client_marked_if_it_marked_any(
    record: dict[str, Any], labels: list[str] | None
) -> None:
    assert read(**record).labels == labels


@pytest.mark.parametrize(("langs", "lang"), [(["pt-BR", "en"], "pt-BR"), ([], "und"), (None, "und")])
def test_the_language_is_the_first_one(langs: list[str] | None, lang: str) -> None:
    assert read(langs=langs).lang == lang


@pytest.mark.parametrize(
    ("number", "kind", "text"), [(1, "deleted", None), (2, "edited", "Beitrag 2 über #Straßen 🚋")]
)
def test_a_deletion_and_an_edit_name_the_post_and_have_a_time(number: int, kind: str, text: str | None) -> None:
    v1 = noise(number)
    one, two = read_v1(json.dumps(v1).encode()), read_v2(json.dumps(as_v2(v1)).encode())
    assert isinstance(one, JetstreamChange)
    assert one == two
    assert (one.change.kind, one.change.text, one.time_us) == (kind, text, v1["time_us"])
    post = read_v1(json.dumps(event(number)).encode())
    assert isinstance(post, JetstreamPost)
    assert one.change.id == post.post.id


@pytest.mark.parametrize("status", ["deleted", "takendown", "suspended"])
def test_an_account_that_is_gone_is_the_deletion_of_all_its_posts(status: str) -> None:
    v1 = account(7, "did:plc:author1", status)
    one, two = read_v1(json.dumps(v1).encode()), read_v2(json.dumps(as_v2(v1)).encode())
    assert isinstance(one, JetstreamChange)
    assert one == two
    change = one.change
    assert (change.kind, change.id, change.is_account) == ("deleted", "bluesky:did:plc:author1/", True)
    assert one.time_us == v1["time_us"]


@pytest.mark.parametrize("status", [None, "deactivated", "throttled", "desynchronized", "some new word"])
def test_an_account_that_is_there_or_may_come_back_is_nothing(status: str | None) -> None:
    v1 = account(7, "did:plc:author1", status)
    assert read_v1(json.dumps(v1).encode()) is None
    assert read_v2(json.dumps(as_v2(v1)).encode()) is None


@pytest.mark.parametrize(("did", "time_us"), [("", 10**15 + 7), ("did:plc:a", 7)])
def test_an_account_without_a_name_or_a_time_is_malformed(did: str, time_us: int) -> None:
    with pytest.raises(FormatError):
        read_v1(json.dumps(account(7, did, "deleted") | {"time_us": time_us}).encode())


@pytest.mark.parametrize("number", [0, 3])
def test_an_event_about_something_else_is_none(number: int) -> None:
    v1 = noise(number)
    assert read_v1(json.dumps(v1).encode()) is None
    assert read_v2(json.dumps(as_v2(v1)).encode()) is None


def test_half_an_emoji_is_replaced() -> None:
    raw = json.dumps(event(1, "cut \ud83d")).encode()
    assert b"\\ud83d" in raw
    found = read_v1(raw)
    assert isinstance(found, JetstreamPost)
    assert found.post.text == "cut \ufffd"


def test_an_older_server_sends_only_the_time() -> None:
    v2 = as_v2(event(1))
    del v2["payload"]["witnessedAt"]
    assert read_v2(json.dumps(v2).encode()) == read_v1(json.dumps(event(1)).encode())


def test_a_message_about_the_stream_is_a_notice() -> None:
    kind = "network.bsky.jetstream.subscribeEvents#info"
    info = {"$type": "message", "payload": {"$type": kind, "name": "OutdatedCursor", "message": "made up"}}
    error = {"$type": "error", "error": "ConsumerTooSlow", "message": "made up"}
    assert read_v2(json.dumps(info).encode()) == Notice("OutdatedCursor: made up", final=False)
    assert read_v2(json.dumps(error).encode()) == Notice("ConsumerTooSlow: made up", final=True)
    assert read_v2(b'{"$type":"something new"}') is None


@pytest.mark.parametrize("wrong", [{"langs": "de"}, {"text": 7}, {"facets": "none"}])
def test_a_record_of_another_shape_has_a_reason(wrong: dict[str, Any]) -> None:
    for read_, raw in ((read_v1, event(1, **wrong)), (read_v2, as_v2(event(1, **wrong)))):
        with pytest.raises(FormatError, match="wrong shape"):
            read_(json.dumps(raw).encode())
