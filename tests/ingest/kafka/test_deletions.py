"""Which posts a deletion means, without a broker: each post is meant once, however often its names were read."""

from tests.ingest.support.posts import plain_post

from ingest.kafka.deletions import DeletedPosts
from ingest.posts.change import WantedChange
from ingest.posts.post import Post

ACCOUNT = WantedChange("deleted", "t", 0, "t:ada/", is_account=True)


def deleted_posts() -> DeletedPosts:
    made = DeletedPosts()
    made.with_accounts = frozenset({"t"})
    return made


def with_alias(post_id: str, alias: str) -> Post:
    post = plain_post("", post_id)
    post.alias = alias
    return post


def test_a_post_that_is_there_twice_is_deleted_once() -> None:
    deleted = deleted_posts()
    deleted.add([plain_post("", "t:ada/1"), plain_post("", "t:ada/2"), plain_post("", "t:ada/1")])
    ids, applied = deleted.apply([ACCOUNT, ACCOUNT, ACCOUNT], [plain_post("", "t:ada/2")])
    assert ids == ["t:ada/1", "t:ada/2"]
    assert [each.effect for each in applied] == ["deleted", "deleted", "none", "none"]


def test_names_that_are_forgotten_mean_no_post_and_what_is_deleted_stays_deleted() -> None:
    deleted = deleted_posts()
    post = with_alias("t:ada/1", "alias:1")
    deleted.add([post])
    deleted.note(["t:ada/1"])
    deleted.clear()
    assert deleted.apply([ACCOUNT], [])[0] == []
    assert deleted.apply([WantedChange("deleted", "t", 0, "alias:1")], [])[0] == ["alias:1"]
    deleted.add([post, with_alias("t:ada/2", "alias:2")])
    assert deleted.apply([ACCOUNT], [])[0] == ["t:ada/2"]
