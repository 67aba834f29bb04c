"""The deletion of an account deletes all its stored posts, and no others."""

from __future__ import annotations

import pytest
from tests.ingest.conftest import IdleSource, OpenSpool
from tests.ingest.intake.conftest import MakeIntake, posts

from ingest.intake import account_posts, pending_changes
from ingest.intake.account_posts import AccountPosts
from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost, NewPost


def said(account: str, number: int) -> NewPost:
    post = SourcePost(id=f"t:{account}/{number}", text=f"{account} {number}", source="t", author=account)
    return NewPost(post, str(number))


def gone(account: str, cursor: str = "gone") -> ChangedPost:
    return ChangedPost("deleted", f"t:{account}/", cursor=cursor, is_account=True)


def texts(spool: object) -> list[str]:
    return [post.text for post in posts(spool)]  # type: ignore[arg-type]


def test_stored_posts_and_those_that_wait_for_their_commit_are_deleted(
    open_spool: OpenSpool, make_intake: MakeIntake
) -> None:
    spool = open_spool()
    intake = make_intake(spool, sources=[IdleSource("t", "first", reports_accounts=True)])
    intake.accept_block("t", [said("ada", 0), said("adam", 1), said("ada", 2)])
    intake.stop()
    # Another session: the posts are known by the spool alone.
    intake = make_intake(spool, sources=[IdleSource("t", "second", reports_accounts=True)])
    intake.accept_block("t", [said("bob", 3), said("ada", 4), gone("ada"), said("ada", 5), gone("nobody")])
    intake.stop()
    assert texts(spool) == ["", "adam 1", "", "bob 3", "", "ada 5"]
    progress = intake.progress("t")
    assert (progress.deleted, progress.not_stored, progress.cursor) == (3, 0, "gone")
    with spool.reader() as reader:
        changes = reader.changes(0, spool.marks().end_change).lines
    assert [line.split(b'"id":"')[1].split(b'"')[0] for line in changes] == [b"t:ada/0", b"t:ada/2", b"t:ada/4"]


def test_an_account_that_is_deleted_twice_is_deleted_once(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool, sources=[IdleSource("t", reports_accounts=True)])
    intake.accept_block("t", [said("ada", 0), gone("ada"), gone("ada")])
    intake.flush()
    intake.accept("t", gone("ada"))
    intake.stop()
    assert intake.progress("t").deleted == 1
    assert spool.marks().end_change == 1


def test_a_commit_changes_a_bounded_number_of_posts(
    open_spool: OpenSpool, make_intake: MakeIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_changes, "MAX_CHANGES", 10)
    spool = open_spool()
    intake = make_intake(spool, sources=[IdleSource("t", reports_accounts=True)])
    intake.accept_block("t", [said("ada", number) for number in range(25)])
    intake.flush()
    sizes: list[int] = []
    append = spool.append

    def append_and_note(*arguments: object) -> None:
        sizes.append(len(arguments[3]) if len(arguments) > 3 else 0)  # type: ignore[arg-type]
        append(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(spool, "append", append_and_note)
    intake.accept("t", gone("ada"))
    intake.stop()
    assert sizes[:3] == [10, 10, 5]
    assert texts(spool) == [""] * 25


def test_other_sources_have_no_accounts(open_spool: OpenSpool, make_intake: MakeIntake) -> None:
    spool = open_spool()
    intake = make_intake(spool)
    intake.accept_block("t", [said("ada", 0), gone("ada")])
    intake.stop()
    assert texts(spool) == ["ada 0"]


def test_parts_of_trimmed_posts_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_posts, "PART_POSTS", 4)
    found = AccountPosts()
    assert found.find("t:ada/") == []
    found.add((f"t:{'ada' if number % 3 else 'bob'}/{number}" for number in range(10)), 100)
    found.add(["t:ada/x"], 1000)
    assert found.find("t:ada/") == [101, 102, 104, 105, 107, 108, 1000]
    found.drop_before(104)
    assert found.find("t:ada/") == [104, 105, 107, 108, 1000]
    found.drop_before(2000)
    assert found.find("t:ada/") == []
    found.add(["t:ada/y"], 2000)
    assert found.find("t:ada/") == [2000]


@pytest.mark.parametrize("account", [0, -1, 257, 2**63 - 1, -(2**63)])
def test_only_whole_numbers_are_found_among_the_hashes(monkeypatch: pytest.MonkeyPatch, account: int) -> None:
    numbers = [account, 1, 0, account, 256, -1, account, account, -256, 2**62]
    hashes = iter(numbers)
    monkeypatch.setattr(account_posts, "hash", lambda _: next(hashes), raising=False)
    found = AccountPosts()
    found.add([f"t:{number}/1" for number in numbers], 5)
    hashes = iter([account])
    assert found.find("t:any/") == [offset for offset, number in enumerate(numbers, 5) if number == account]
