"""The bounds of every entry of the log."""

import pytest

from ingest.posts import entry, hashtags
from ingest.posts.entry import Entry
from ingest.posts.post import MAX_LINE_BYTES, SourcePost, encode_lines


def made(text: str, labels: list[str] | None = None, author: str | None = None) -> Entry | None:
    return entry.make_entries([SourcePost(id="t:1", text=text, source="t", labels=labels, author=author)])[0]


def test_a_text_full_of_tags_makes_a_short_line() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = (f"#{a}{b}{c}{d}" for a in letters for b in letters for c in letters for d in letters)
    text = " ".join(next(names) for _ in range(166_670))
    assert len(text) == 1_000_019
    found = made(text)
    assert found is not None
    post = found.post
    assert len(post.tags) == 100
    assert found.dropped_tags == [hashtags.TOO_MANY]
    assert len(encode_lines([post], 2**60, 2**60)) <= MAX_LINE_BYTES


@pytest.mark.parametrize("character", ["x", "\x01", '"', "é", "語", "🎉", "\ud83d", "\u2028"])
@pytest.mark.parametrize("field", ["text", "author"])
def test_no_line_is_longer_than_the_bound(character: str, field: str) -> None:
    taken = 0
    for length in range(1, 8):
        found = made(**{"text": "", field: character * (length * 150_000)})  # type: ignore[arg-type]
        if found is not None:
            taken += 1
            assert len(encode_lines([found.post], 10**18, 10**18)) <= MAX_LINE_BYTES
    assert 0 < taken < 7


def test_a_hundred_labels_that_fold_to_much_more_fit() -> None:
    labels = [f"{'ﷺ' * 60}{number}" for number in range(100)]
    found = made("", labels)
    assert found is not None
    assert len(found.post.tags) == 100
    assert made("x" * 900_000, labels) is None


def test_overlong_labels_are_dropped_and_the_others_stay() -> None:
    found = made("", ["y" * 100_000] * 9 + ["kept"])
    assert found is not None
    assert ([tag.key for tag in found.post.tags], found.dropped_tags) == (["kept"], [hashtags.TOO_LONG])
