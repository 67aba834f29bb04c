"""Hashes of authors: the same with the same salt, others with another one, and never shared by two sources."""

from ingest.posts.author_hash import MAX_CACHED_AUTHORS, SALT_BYTES, AuthorHashes

SALT, OTHER_SALT = b"s" * SALT_BYTES, b"o" * SALT_BYTES


def test_an_author_has_one_hash_of_64_bits_under_one_salt() -> None:
    first, second = AuthorHashes(SALT), AuthorHashes(SALT)
    found = first["x"]["42"]
    assert found is not None
    assert len(found) == 8
    assert first["x"]["42"] == found
    assert second["x"]["42"] == found


def test_another_salt_source_or_author_gives_another_hash() -> None:
    hashes, others = AuthorHashes(SALT), AuthorHashes(OTHER_SALT)
    found = [hashes["x"]["42"], others["x"]["42"], hashes["mastodon"]["42"], hashes["x"]["43"], hashes["x"][""]]
    assert len(set(found)) == len(found)
    assert None not in found


def test_a_source_and_an_author_are_not_confused_where_their_names_meet() -> None:
    hashes = AuthorHashes(SALT)
    assert len({hashes["ab"]["c"], hashes["a"]["bc"], hashes[""]["abc"], hashes["abc"][""]}) == 4


def test_no_author_has_no_hash() -> None:
    assert AuthorHashes(SALT)["x"][None] is None


def test_ten_thousand_authors_have_as_many_hashes() -> None:
    hashes = AuthorHashes(SALT)
    assert len({hashes["x"][str(number)] for number in range(10_000)}) == 10_000


def test_the_cache_is_bounded_and_a_forgotten_author_gets_the_same_hash() -> None:
    hashes = AuthorHashes(SALT)
    before = hashes["x"]["0"]
    long_name = "n" * 1000
    of_long_name = hashes["x"][long_name]
    assert long_name not in hashes["x"]
    for number in range(MAX_CACHED_AUTHORS + 1):
        assert hashes["x"][str(number)] is not None
    hashes.bound()
    assert not hashes
    assert (hashes["x"]["0"], hashes["x"][long_name]) == (before, of_long_name)
    hashes.bound()
    assert "0" in hashes["x"]
