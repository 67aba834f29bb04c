import json
from collections import Counter

from bench.posts import RUN_POSTS, Kind, runs, tag_name

from ingest.posts import hashtags
from ingest.posts.post import encode_lines


def test_a_seed_says_every_post() -> None:
    one, other, another = (list(runs(Kind(seed=seed), 2000)) for seed in (1, 1, 2))
    assert one == other
    assert one != another


def test_posts_have_some_260_bytes_and_offsets_without_holes() -> None:
    posts = [post for run in runs(Kind(), 5000) for post in run]
    assert [post.offset for post in posts] == list(range(5000))
    assert 250 <= len(encode_lines(posts, 0, 1_795_176_000_000)) / 5000 <= 270


def test_the_hashtags_of_a_text_are_the_tags_of_its_post() -> None:
    for run in runs(Kind(), 3000):
        for post in run:
            assert sorted(hashtags.tags_of(hashtags.extract(post.text)), key=str) == sorted(post.tags, key=str)
            # Whoever splits at spaces finds the same ones.
            assert {word[1:].lower() for word in post.text.split(" ") if word.startswith("#")} == {
                tag.key for tag in post.tags
            }


def test_the_tail_is_heavy() -> None:
    counts = Counter(tag.key for run in runs(Kind(), 20_000) for post in run for tag in post.tags)
    leading = sum(count for _, count in counts.most_common(10))
    once = sum(1 for count in counts.values() if count == 1)
    assert 0.2 < leading / counts.total() < 0.4
    assert once > len(counts) / 3


def test_the_last_post_of_a_run_has_the_leading_tag() -> None:
    for run in runs(Kind(), 3 * RUN_POSTS):
        assert [tag.key for tag in run[-1].tags] == [tag_name(0)]


def test_a_run_has_one_time_and_the_next_comes_at_the_pace() -> None:
    times = [{post.at_ms for post in run} for run in runs(Kind(per_second=500), 3 * RUN_POSTS)]
    assert [len(time) for time in times] == [1, 1, 1]
    assert [max(time) - max(times[0]) for time in times] == [0, 2000, 4000]


def test_no_two_tags_have_the_same_name() -> None:
    names = [tag_name(number) for number in range(100_000)]
    assert len({hashtags.fold(name) for name in names}) == len(names)


def test_lines_are_those_of_the_contract() -> None:
    (run,) = runs(Kind(), 1)
    assert list(json.loads(encode_lines(run, 0, 1))) == [
        *("offset", "id", "at_ms", "created_at", "author", "text", "tags", "lang", "source", "url")
    ]
