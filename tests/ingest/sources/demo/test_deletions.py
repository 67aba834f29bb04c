"""The accounts of the demo that delete most of what they post."""

from itertools import takewhile
from random import Random

from ingest.sources.base import ChangedPost, NewPost
from ingest.sources.demo.deletions import ROUND_SECONDS, Due, waves


def first_minutes(seed: int, minutes: float = 5, rate: float = 50) -> list[Due]:
    coming = waves(Random(f"deletions {seed}"), "run", 1_795_176_000_000, rate)
    return list(takewhile(lambda due: due.seconds < 60 * minutes, coming))


def test_within_five_minutes_a_tag_has_enough_posts_and_most_of_them_are_deleted() -> None:
    for seed in range(20):
        found = first_minutes(seed)
        posts = [due.item.post for due in found if isinstance(due.item, NewPost)]
        deleted = {due.item.id for due in found if isinstance(due.item, ChangedPost)}
        tags = {word for post in posts for word in post.text.split() if word.startswith("#")}
        assert len({tag.rstrip(".,:!?…") for tag in tags}) == 1
        assert len(posts) >= 50
        assert 0.6 < len(deleted) / len(posts) < 0.95
        assert deleted <= {post.id for post in posts}


def test_each_deletion_comes_seconds_after_its_post_and_nothing_goes_back_in_time() -> None:
    found = first_minutes(7, minutes=3 * ROUND_SECONDS / 60)
    times = [due.seconds for due in found]
    assert times == sorted(times)
    posted = {due.item.post.id: due.seconds for due in found if isinstance(due.item, NewPost)}
    waits = [due.seconds - posted[due.item.id] for due in found if isinstance(due.item, ChangedPost)]
    assert 3 <= min(waits) < max(waits) <= 20


def test_the_same_seed_makes_the_same_items() -> None:
    assert first_minutes(3) == first_minutes(3) != first_minutes(4)
