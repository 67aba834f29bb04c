"""Small files of every format that a replay reads, with fictitious posts: what is counted in each."""

import threading
from pathlib import Path

import pytest

from ingest.posts.entry import make_entries
from ingest.sources.base import Malformed, NewPost, Refused
from ingest.sources.replay import foreign_post
from ingest.sources.replay import format as replay_format
from ingest.sources.replay.source import Replay
from ingest.sources.x import old_post as x_old_post

FILES = Path(__file__).parents[2] / "files"


def played(name: str | Path) -> list[tuple[str, str, str] | str]:
    """Return id, source and tags of each item, or its reason."""
    source = Replay(str(FILES / name), 0, monotonic_seconds=lambda: 0.0, stop=threading.Event())
    found: list[tuple[str, str, str] | str] = []
    for item in source.posts(None):
        if isinstance(item, Malformed):
            found.append(item.reason)
            continue
        assert isinstance(item, NewPost)
        made = make_entries([item.post])[0]
        assert made is not None
        found.append((made.post.id, made.post.source, " ".join(tag.label for tag in made.post.tags)))
    return found


OURS = [("replay:1", "replay", "World"), ("demo:1", "demo", "Été2026")]


@pytest.mark.parametrize(
    "name", ["ours.jsonl", "ours.jsonl.gz", "byte-order-mark.jsonl", "crlf.jsonl", "no-final-newline.jsonl"]
)
def test_a_file_of_ours_is_read_however_it_was_written(name: str) -> None:
    assert played(name) == OURS


def test_concatenated_files_are_read(tmp_path: Path) -> None:
    marked = (FILES / "byte-order-mark.jsonl").read_bytes()
    (tmp_path / "f").write_bytes(marked + marked)
    assert played(tmp_path / "f") == [*OURS, ("replay:3", "replay", "World"), ("demo:1", "demo", "Été2026")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_a_file_in_another_encoding_is_refused_with_a_sentence(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "f").write_text('{"text": "hello #World"}\n', encoding=encoding)
    with pytest.raises(Refused, match=r"is not UTF-8 but UTF-16 or UTF-32: convert it, such as by iconv"):
        played(tmp_path / "f")
    with pytest.raises(Refused, match="UTF-16"):
        played("utf-16.jsonl")


@pytest.mark.parametrize(
    "head", [b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"\x28\xb5\x2f\xfd\x24", b"BZh9", b"\xfd7zXZ\x00"]
)
def test_a_compressed_file_without_its_suffix_is_refused_with_a_sentence(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "f.jsonl").write_bytes(head + b"rest\n")
    with pytest.raises(Refused, match=r"f\.jsonl is compressed: decompress it, or use gzip"):
        played(tmp_path / "f.jsonl")


def test_pages_of_the_x_api_v2_have_the_whole_text_of_long_posts_and_retweets() -> None:
    assert played("x-v2-page.jsonl") == [
        ("x:1001", "x", "gamma"),
        ("x:1002", "x", "alpha beta"),
        ("x:1003", "x", "alpha beta"),
    ]


def test_lines_of_xs_stream_are_read() -> None:
    assert played("x-v2-stream.jsonl") == [("x:1001", "x", "gamma"), ("x:1003", "x", "alpha beta")]


def test_what_twarc2_flatten_writes_is_read_with_and_without_authors() -> None:
    assert played("x-v2-flattened.jsonl") == [
        ("x:1001", "x", "gamma"),
        ("x:1002", "x", "alpha beta"),
        ("x:1003", "x", "alpha beta"),
        ("x:1003", "x", "alpha beta"),
        ("x:1004", "x", "gamma"),
    ]


def test_objects_of_the_x_api_v1_are_read() -> None:
    assert played("x-v1.jsonl") == [
        ("x:2001", "x", "delta"),
        ("x:2002", "x", "epsilon"),
        ("x:2003", "x", "one two"),
        ("x:2004", "x", "one two"),
        ("x:2005", "x", "one two"),
        x_old_post.CUT,
        foreign_post.NO_POST,
        foreign_post.NO_POST,
    ]
    assert played("x-v1-search.jsonl") == [("x:3001", "x", "a"), ("x:3002", "x", "b")]
    assert played("x-v1-archive.jsonl") == [("x:4001", "x", "c")]


def test_statuses_of_mastodon_and_events_of_jetstream_are_read() -> None:
    status = "mastodon:https://mastodon.example/users/somebody/statuses"
    assert played("mastodon.jsonl") == [(f"{status}/1", "mastodon", "Kaffee"), (f"{status}/2", "mastodon", "Kaffee")]
    bluesky = "bluesky:did:plc:made-up"
    assert played("jetstream.jsonl") == [(f"{bluesky}/r1", "bluesky", "café"), (f"{bluesky}/r4", "bluesky", "café")]


def test_json_over_several_lines_gets_a_sentence() -> None:
    assert replay_format.SEVERAL_LINES in played("pretty.json")
