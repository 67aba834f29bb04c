"""The time for foreign text is linear in its length: each function that gets such text is tried with hostile
texts. The bound is generous, for a busy machine; quadratic time would be minutes or hours for a megabyte."""

import json
import time
from collections.abc import Callable

import pytest

from ingest.posts import hashtags, labels, language
from ingest.posts.entry import make_entries
from ingest.posts.filter import Filter, parse
from ingest.posts.post import SourcePost, fix_surrogates
from ingest.sources.bluesky import event as jetstream_event
from ingest.sources.common import lines, unexpected
from ingest.sources.mastodon import html_text, sse
from ingest.sources.mastodon import post as mastodon_post
from ingest.sources.replay import format as replay_format
from ingest.sources.x import post as x_post

#: Measured: at most 1.
MAX_SECONDS_PER_MEGABYTE = 15.0
SIZE = 100_000

WANTED = Filter(parse('l\'équipe,world cup,-"a b c",c++,#tag,.net'), ["en"])


def status(text: str) -> bytes:
    tags = [{"name": "é"}, {"name": "x"}]
    return json.dumps({"id": "1", "uri": "u", "account": {"acct": "a"}, "content": text, "tags": tags}).encode()


def skeet(text: str) -> bytes:
    record = {"text": text, "tags": [text], "langs": [text], "createdAt": text}
    commit = {"operation": "create", "collection": jetstream_event.POSTS, "rkey": "r", "record": record}
    return json.dumps({"did": "d", "time_us": 1, "kind": "commit", "commit": commit}).encode()


def tweet(text: str) -> bytes:
    entities = {"hashtags": [{"tag": text}]}
    return json.dumps({"data": {"id": "1", "text": text, "note_tweet": {"text": text, "entities": entities}}}).encode()


def taken(text: str) -> object:
    return make_entries([SourcePost(id="t:1", text=text, source="t", labels=None, lang=text[:50], author=text[:50])])[0]


#: Functions that get foreign text.
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "hashtags of a text": hashtags.extract,
    "a label": lambda text: hashtags.tags_of([text]),
    "a key": labels.fold,
    "many labels": lambda text: hashtags.tags_of(text.split()),
    "a language": language.canonical,
    "a filter": lambda text: WANTED.wants(text, [], "en"),
    "an entry": taken,
    "HTML": html_text.text_of,
    "half pairs": fix_surrogates,
    "a status": lambda text: unexpected.read(mastodon_post.read, status(text)),
    "an event of Jetstream": lambda text: unexpected.read(jetstream_event.read_v1, skeet(text)),
    "a post of X": lambda text: unexpected.read(x_post.read, tweet(text)),
    "a line of a file": lambda text: replay_format.posts(json.dumps({"text": text, "created_at": text}).encode(), 1),
}

TEXTS = {
    "marks": "\u0301",
    "marks in the wrong order": "\u0345\u0301\u0323",
    "sound marks": "\uff9e",
    "marks and joiners": "\u0301\u034f\u200d",
    "letters that fold to many": "ﷺ",
    "parts of Korean letters": "각",
    "flags without an end": "\U0001f3f4\U000e0020",
    "joined emoji": "👨\u200d",
    "signs": "#",
    "tags": "#a\u0301 ",
    "tags beside tags": "#a\ufe0e",
    "schemes": "https://",
    "addresses": "https://a.bc/(",
    "hosts": "a.",
    "parentheses": "a.bc/((",
    "queries": "a.bc/?(",
    "apostrophes": "a'",
    "phrases": "world ",
    "blanks": " \u3000",
    "dots": ".:",
    "opened elements": "<a ",
    "quotes in elements": "<a \"'",
    "comments": "<!--",
    "scripts": "<script></script ",
    "character references": "&#1",
    "named references": "&lt",
    "ampersands": "&",
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_the_cost_is_linear(function: Callable[[str], object]) -> None:
    slow = {}
    for name, unit in TEXTS.items():
        text = unit * (SIZE // len(unit.encode()))
        for form in (text, f"#{text}", f"https://a.bc/{text}", f"<a {text}>"):
            started = time.process_time()
            function(form)
            seconds = (time.process_time() - started) / (len(form.encode()) / 1e6)
            if seconds > MAX_SECONDS_PER_MEGABYTE:
                slow[f"{name}: {form[:20]!a}"] = seconds
    assert slow == {}


JSON = {
    "a long number": b'{"text":"a","id":' + b"1" * SIZE + b"}",
    "a long time": b'{"text":"a","at_ms":' + b"1" * SIZE + b"}",
    "a long fraction": b'{"text":"a","at_ms":0.' + b"1" * SIZE + b"}",
    "a long exponent": b'{"text":"a","at_ms":1e' + b"9" * SIZE + b"}",
    "half pairs": b'{"text":"' + b"\\ud83d" * (SIZE // 6) + b'"}',
    "numbers beside half a pair": b'{"text":"\\ud83d","x":[' + b",".join([b"1" * 4000] * (SIZE // 4000)) + b"]}",
    "keys": b"{" + b",".join(b'"k%d":1' % number for number in range(SIZE // 10)) + b"}",
    "one key": b"{" + b",".join([b'"tags":[]'] * (SIZE // 10)) + b"}",
    "elements": b"[" + b",".join([b'{"text":"a"}'] * (SIZE // 13)) + b"]",
    "posts": b'{"data":[' + b",".join([b'{"id":"1","text":"a"}'] * (SIZE // 22)) + b"]}",
    "posts beside one": b'{"data":{"id":"1"},"includes":{"tweets":['
    + b",".join([b'{"id":"1"}'] * (SIZE // 11))
    + b"]}}",
    "depth": b"[" * SIZE,
    "depth of retweets": b'{"retweeted_status":' * (SIZE // 20),
    "depth of references": b'{"id":"1","text":"a","referenced_tweets":[' * (SIZE // 42),
}


@pytest.mark.parametrize("line", JSON.values(), ids=JSON.keys())
def test_the_cost_of_json_is_linear(line: bytes) -> None:
    started = time.process_time()
    replay_format.posts(line, 1)
    assert (time.process_time() - started) / (len(line) / 1e6) < MAX_SECONDS_PER_MEGABYTE


@pytest.mark.parametrize("size", [1, 7, 1024])
def test_the_cost_of_a_line_that_comes_in_pieces_is_linear(size: int) -> None:
    total = size * 300_000 if size < 1024 else 2**24

    def reading() -> Callable[[int], bytes]:
        left = [total]

        def read(_: int) -> bytes:
            left[0] -= size
            return b"x" * size if left[0] >= 0 else b""

        return read

    started = time.process_time()
    assert [len(line or b"") for line in lines.split(reading(), 2**24)] == [total]
    assert list(sse.events(reading(), 2**24)) == []
    assert time.process_time() - started < MAX_SECONDS_PER_MEGABYTE
