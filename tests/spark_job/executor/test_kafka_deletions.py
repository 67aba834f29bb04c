"""What tombstones say is counted however many there are. Only so many ids are held."""

from typing import NamedTuple

import pyarrow as pa
from tests.spark_job.support.tally import table

from spark_job.executor.kafka_deletions import MOST_IDS, Deletions, TakenBackPost
from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.messages import Counted, pack, unpack
from spark_job.executor.task_facts import TaskFacts
from spark_job.state.tag_uses import NO_USES

T = 1_795_176_000_000
PANE_MS = 10_000


class Tombstone(NamedTuple):
    number: int
    row: bytes

    def key(self) -> bytes:
        return b"demo:%d" % self.number

    def headers(self) -> list[tuple[str, bytes]]:
        return [("deleted", self.row)]


def row(at_ms: int, keys: str, lang: str = "es") -> bytes:
    return f"{at_ms}\tdemo\t{lang}\t{keys}".encode()


def noted(*rows: bytes) -> Deletions:
    deletions = Deletions(PANE_MS)
    for number, each in enumerate(rows):
        deletions.note(Tombstone(number, each))
    return deletions


def test_posts_of_a_pane_that_have_the_rest_in_common_are_added_up() -> None:
    said = [row(T, "a\x1fb"), row(T + PANE_MS - 1, "a\x1fb"), row(T + PANE_MS, "a\x1fb"), row(T, "a"), row(T, "")]
    assert {*noted(*said, row(T, "a", "en"), row(T + 1, "")).taken_back()} == {
        TakenBackPost(T, "demo", "es", ("a", "b"), 2),
        TakenBackPost(T + PANE_MS, "demo", "es", ("a", "b"), 1),
        TakenBackPost(T, "demo", "es", ("a",), 1),
        TakenBackPost(T, "demo", "en", ("a",), 1),
        TakenBackPost(T, "demo", "es", (), 2),
    }


def test_no_tombstone_is_left_out_behind_the_last_one_that_is_named() -> None:
    deletions = noted(*[row(T + each, f"k{each % 3}") for each in range(MOST_IDS + 5)])
    assert (deletions.count, len(deletions.ids), deletions.ids[-1]) == (MOST_IDS + 5, MOST_IDS, f"demo:{MOST_IDS - 1}")
    assert sum(each.posts for each in deletions.taken_back()) == MOST_IDS + 5


def test_what_is_added_up_arrives_at_the_driver() -> None:
    taken_back = noted(row(T, "a\x1fb"), row(T, "a\x1fb"), row(T, "")).taken_back()
    slices = [CountedSlice(0, 0, 3, deleted=3, taken_back=taken_back)]
    facts = TaskFacts("host", 1, 2, 0, 4, 3, 10, 20, None)
    message = pack(Counted(table([], 0), NO_USES, slices=slices), facts)
    assert unpack(pa.Table.from_batches([message])).slices == slices
