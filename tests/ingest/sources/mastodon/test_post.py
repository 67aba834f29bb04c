"""Statuses of the Mastodon API."""

import json
from typing import Any

import pytest
from tests.ingest.servers.mastodon_server import status

from ingest.posts.post import SourcePost
from ingest.sources.common.json_line import FormatError
from ingest.sources.mastodon import post as mastodon_post


def read(**fields: Any) -> SourcePost:
    found = mastodon_post.read(json.dumps(status(1, **fields)).encode())
    assert found is not None
    return found.post


@pytest.mark.parametrize(
    ("written", "names", "labels"),
    [
        ("#WorldCup", ("worldcup",), ["WorldCup"]),
        ("#Fútbol", ("futbol",), ["Fútbol"]),
        ("#Łódź und #Øl", ("lodz", "ol"), ["Łódź", "Øl"]),
        ("#ＳｕｍｍｅｒＳａｌｅ", ("summersale",), ["ＳｕｍｍｅｒＳａｌｅ"]),
        ("#Straßenbahn", ("straßenbahn",), ["Straßenbahn"]),
        ("#がんばれ #かんばれ", ("かんばれ", "がんばれ"), ["かんばれ", "がんばれ"]),
        ("#One #ONE", ("one",), ["One"]),
        ("#other", ("hidden",), ["hidden"]),
        ("#nothing marked", (), []),
    ],
)
def test_a_tag_is_labelled_as_it_is_written(written: str, names: tuple[str, ...], labels: list[str]) -> None:
    assert read(content=f"<p>{written}</p>", tags=names).labels == labels


def test_the_content_warning_comes_before_the_text() -> None:
    assert read(content="<p>text</p>", spoiler_text="#Warning").text == "#Warning\ntext"


def test_missing_fields_stay_empty() -> None:
    post = read(language=None, url=None, created_at=None)
    assert (post.lang, post.url, post.created_at) == ("und", None, None)


def test_a_boost_is_not_a_post() -> None:
    assert mastodon_post.read(json.dumps(status(1, reblog=status(2))).encode()) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not JSON"),
        (b"undefined", "not JSON"),
        (b"[]", "wrong shape"),
        (b'{"id":"1"}', "wrong shape"),
        (b'{"id":1,"uri":"u","account":{}}', "wrong shape"),
        (b'{"id":"\xff"}', "not UTF-8"),
        (b'{"id":"%b","uri":"u","account":{}}' % (b"1" * 65), "wrong shape"),
    ],
)
def test_an_invalid_status_has_a_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        mastodon_post.read(raw)


def test_ids_grow_like_numbers() -> None:
    ids = ["9", "10", "99", "100", "115000000000000000"]
    assert sorted(ids, key=mastodon_post.order) == ids
