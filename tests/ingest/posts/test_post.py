"""Posts as lines of JSON."""

import json

from ingest.posts.post import Post, Tag, encode_lines, fix_surrogates


def post(text: str = "", **fields: object) -> Post:
    plain: dict[str, object] = {
        "offset": 0,
        "id": "t:1",
        "at_ms": 0,
        "created_at": None,
        "author": None,
        "text": text,
        "tags": [],
        "lang": "und",
        "source": "t",
        "url": None,
    }
    return Post(**(plain | fields))  # type: ignore[arg-type]


def test_a_post_is_one_line_with_the_fields_of_the_protocol_in_order() -> None:
    line = encode_lines(
        [
            post(
                "a #Tag",
                id="x:1",
                created_at="2026-11-20T12:00:00Z",
                author="42",
                tags=[Tag("tag", "Tag")],
                lang="en",
                source="x",
                url="https://example.org/1",
            )
        ],
        17,
        1795176000123,
    )
    assert line == (
        b'{"offset":17,"id":"x:1","at_ms":1795176000123,"created_at":"2026-11-20T12:00:00Z","author":"42",'
        b'"text":"a #Tag","tags":[{"key":"tag","label":"Tag"}],"lang":"en","source":"x","url":"https://example.org/1"}\n'
    )


def test_posts_of_a_run_get_offsets_without_holes_and_one_time() -> None:
    lines = encode_lines([post("a"), post("b"), post("c")], 5, 99).splitlines()
    assert [(json.loads(line)["offset"], json.loads(line)["at_ms"]) for line in lines] == [(5, 99), (6, 99), (7, 99)]


def test_the_only_line_feed_of_a_line_is_its_last_byte() -> None:
    text = 'a\nb\r\nc\u2028d\u2029e\u0085f\x00g\x1fh"\\'
    line = encode_lines([post(text)], 0, 0)
    assert line.count(b"\n") == 1
    assert json.loads(line)["text"] == text


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    broken = post("cut \ud83d", author="\udc00", tags=[Tag("\ud83d", "\ud83d")])
    first, second = encode_lines([post("whole"), broken], 0, 0).splitlines()
    assert json.loads(first)["text"] == "whole"
    assert json.loads(second)["text"] == "cut \ufffd"
    assert json.loads(second)["author"] == "\ufffd"
    assert json.loads(second)["tags"] == [{"key": "\ufffd", "label": "\ufffd"}]


def test_two_halves_of_a_surrogate_pair_are_joined() -> None:
    assert fix_surrogates("\ud83d\ude00") == "😀"
