"""Posts as messages: what is in the value, whatever is in the text."""

import json
from functools import partial

from tests.ingest.support.posts import plain_post

from ingest.kafka.lines import MOST_BYTES
from ingest.kafka.lines import encode as encode_with
from ingest.posts.text_fingerprint import TextFingerprints

encode = partial(encode_with, fingerprints=TextFingerprints(b"of a test"))


def test_a_value_is_the_line_without_its_offset() -> None:
    texts = ["one", 'a\n{"offset":0,"id"', '{"offset":0,', "\ud83d"]
    posts = [plain_post(text, f"t:{number}") for number, text in enumerate(texts)]
    made = encode(posts, 17)
    assert made.keys == ["t:0", "t:1", "t:2", "t:3"]
    assert [json.loads(value)["text"] for value in made.values] == [*texts[:3], "\ufffd"]
    assert all("offset" not in json.loads(value) for value in made.values)
    assert {json.loads(value)["at_ms"] for value in made.values} == {17}
    assert made.lines == b"".join(value + b"\n" for value in made.values)


def test_an_id_that_is_no_text_is_the_same_in_key_and_value() -> None:
    made = encode([plain_post("", "t:\udcff")], 17)
    assert made.keys == [json.loads(made.values[0])["id"]] == ["t:\ufffd"]


def test_a_post_that_a_broker_refuses_for_its_length_has_an_empty_text() -> None:
    made = encode([plain_post("a" * MOST_BYTES, "t:1"), plain_post("b", "t:2")], 17)
    assert [json.loads(value)["text"] for value in made.values] == ["", "b"]


def test_no_post_is_no_message() -> None:
    assert encode([], 17) == (17, [], [], [], b"")
