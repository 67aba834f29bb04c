"""The set of known ids."""

from ingest.intake.dedup import MAX_LOAD, Deduplicator


def test_an_id_is_accepted_once() -> None:
    seen = Deduplicator(16)
    assert seen.add("a", 0)
    assert not seen.add("a", 1)
    assert seen.add("b", 1)
    assert len(seen) == 2


def test_ids_stay_known_when_tables_are_added() -> None:
    seen = Deduplicator(64)
    assert all(seen.add(f"id {number}", number) for number in range(1000))
    assert not any(seen.add(f"id {number}", 1000 + number) for number in range(1000))
    assert len(seen) == 1000


def test_ids_that_are_added_together_are_known() -> None:
    seen = Deduplicator(64)
    seen.add_distinct((f"id {number}" for number in range(1000)), 5000)
    assert not any(seen.add(f"id {number}", 6000 + number) for number in range(1000))
    seen.drop_before(6000)
    assert len(seen) < 64


def test_ids_of_trimmed_posts_are_dropped_one_table_at_a_time() -> None:
    seen = Deduplicator(64)
    full = int(64 * MAX_LOAD)
    for number in range(3 * full):
        seen.add(f"id {number}", number)
    seen.drop_before(full)
    assert len(seen) == 2 * full
    assert seen.add("id 0", 3 * full)
    assert not seen.add(f"id {full}", 3 * full + 1)


def test_a_table_stays_while_one_of_its_posts_is_stored() -> None:
    seen = Deduplicator(64)
    full = int(64 * MAX_LOAD)
    for number in range(2 * full):
        seen.add(f"id {number}", number)
    seen.drop_before(full - 1)
    assert not seen.add("id 0", 2 * full)
