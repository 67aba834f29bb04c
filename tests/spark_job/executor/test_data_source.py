import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from tests.spark_job.support.fake_ingest import FakeIngest, post

from spark_job.executor.data_source import (
    MAX_PARTITIONS,
    MIN_POSTS_PER_PARTITION,
    CountsDataSource,
    CountsReader,
    LogReplacedError,
    OffsetRange,
    retry_network_errors,
    split,
)
from spark_job.executor.ingest_client import BusyError, ContractError, IngestClient, Slice
from spark_job.executor.messages import unpack
from spark_job.executor.posts import LINES_ARROW, parse

MakeReader = Callable[..., CountsReader]


@pytest.fixture
def ingest() -> Iterator[FakeIngest]:
    with FakeIngest() as fake:
        fake.append(*(post(["Ä", "b"] if i % 2 else [], 1_000 + i) for i in range(10)))
        yield fake


@pytest.fixture
def make_reader(ingest: FakeIngest) -> Iterator[MakeReader]:
    readers = []

    def make(start: int = 0, max_posts: int = 4) -> CountsReader:
        options = {"log": "log-a", "start": start, "max_posts": max_posts, "partitions": 2, "pane_ms": 10_000}
        options |= {"host": "127.0.0.1", "port": ingest.port}
        readers.append(CountsReader({name: str(value) for name, value in options.items()}))
        return readers[-1]

    yield make
    for reader in readers:
        reader.stop()


# As PySpark's process that holds a reader ends.
RUNNER = """
from spark_job.executor.data_source import CountsReader
options = dict(host="127.0.0.1", port="1", log="log-a", start="0", max_posts="4", partitions="2", pane_ms="10000")
reader = CountsReader(options)
try:
    raise {error}("said to Spark")
finally:
    reader.stop()
"""


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [("EOFError", 0, ""), ("ConnectionError", 1, "ConnectionError: said to Spark\n")],
)
def test_a_process_that_spark_hung_up_on_ends_without_a_word(error: str, code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUNNER.format(error=error)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code
    assert done.stderr.endswith(said) if said else done.stderr == ""


def offsets(reader: CountsReader, start: int, end: int) -> list[int]:
    """Offsets of the posts that were counted; all of them are of one pane, source and language."""
    messages = [*reader.read(OffsetRange(start, end))]
    rows = unpack(pa.Table.from_batches(messages)).counts.to_pylist() if messages else []
    counts = [row for row in rows if row["key"] is None]
    spans = [range(row["first_offset"], row["last_offset"] + 1) for row in counts]
    assert [row["posts"] for row in counts] == [len(span) for span in spans]
    return [offset for span in spans for offset in span]


def slice_of(*lines: bytes, first: int = 0, posts: int | None = None) -> Slice:
    return Slice("log-a", first, len(lines) if posts is None else posts, bytearray(b"".join(lines)))


def one_line(**fields: Any) -> bytes:
    return json.dumps({"offset": 0} | post(["a"], 1) | fields).encode() + b"\n"


def test_nothing_is_split_into_nothing() -> None:
    assert split(5, 5, 4) == []


def test_a_small_batch_is_one_range() -> None:
    assert split(5, 6, 4) == [OffsetRange(5, 6)]
    assert split(0, 2 * MIN_POSTS_PER_PARTITION - 1, 4) == [OffsetRange(0, 16_383)]


def test_a_large_batch_is_cut_into_equal_ranges_without_a_hole() -> None:
    assert split(7, 7 + 2 * MIN_POSTS_PER_PARTITION, 4) == [OffsetRange(7, 8_199), OffsetRange(8_199, 16_391)]
    assert split(0, 100_000, 3) == [OffsetRange(0, 33_333), OffsetRange(33_333, 66_666), OffsetRange(66_666, 100_000)]


def test_there_are_never_more_ranges_than_partitions() -> None:
    assert len(split(0, 1_000_000, 4)) == 4


def test_posts_become_rows_with_the_columns_that_counting_needs() -> None:
    first = {"offset": 7, "id": "x:1", "text": "…", "author": "42"} | post(["Ä", "b"], 1_000, lang="de", source="x")
    second = {"offset": 8} | post([], 1_001)
    table = parse(slice_of(*(json.dumps(item).encode() + b"\n" for item in (first, second)), first=7))
    assert table.schema == LINES_ARROW
    assert table.to_pylist() == [
        {
            "offset": 7,
            "at_ms": 1_000,
            "lang": "de",
            "source": "x",
            "tags": [{"key": "ä", "label": "Ä"}, {"key": "b", "label": "b"}],
            "author": "42",
        },
        {"offset": 8, "at_ms": 1_001, "lang": "en", "source": "demo", "tags": [], "author": None},
    ]


def test_a_line_of_one_and_a_half_megabytes_is_one_post() -> None:
    lines = [one_line(offset=i, text="x" * 1_500_000) for i in range(6)]
    assert parse(slice_of(*lines))["offset"].to_pylist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"not json\n", "are not NDJSON of the contract"),
        (one_line(at_ms="soon"), "are not NDJSON of the contract"),
        (one_line(at_ms=1.5), "are not NDJSON of the contract"),
        (one_line(tags=["a"]), "are not NDJSON of the contract"),
        (one_line(tags={"key": "a"}), "are not NDJSON of the contract"),
        (b"[1]\n", "are not NDJSON of the contract"),
        (one_line(offset=None), "others came"),
        (one_line(offset=1), "1 posts from offset 0 were announced, others came"),
        (one_line(at_ms=None), "some have no at_ms"),
        (one_line(tags=[{"label": "A"}]), "some have a tag without a key"),
        (one_line() + one_line(offset=1), "1 posts were announced at offset 0, 2 came"),
    ],
)
def test_what_is_not_in_the_contract_is_an_error(line: bytes, sentence: str) -> None:
    with pytest.raises(ContractError, match=sentence):
        parse(slice_of(line, posts=1))


def test_the_format_is_named_post_counts_and_gives_a_reader(ingest: FakeIngest) -> None:
    source = CountsDataSource({"host": "127.0.0.1", "port": str(ingest.port), "log": "log-a", "start": "3",
                              "max_posts": "4", "partitions": "2", "pane_ms": "10000"})  # fmt: skip
    assert source.name() == "post_counts"
    made = source.streamReader(None)  # type: ignore[arg-type]
    assert made.initialOffset() == {"offset": 3}


def test_a_batch_is_capped_counted_from_the_start(make_reader: MakeReader) -> None:
    assert make_reader(start=3).latestOffset() == {"offset": 7}


def test_a_batch_is_capped_counted_from_the_end_returned_last(make_reader: MakeReader) -> None:
    posts = make_reader()
    assert [posts.latestOffset()["offset"] for _ in range(4)] == [4, 8, 10, 10]


def test_a_batch_is_capped_counted_from_an_end_seen_in_partitions(make_reader: MakeReader) -> None:
    posts = make_reader()
    assert posts.partitions({"offset": 0}, {"offset": 5}) == [OffsetRange(0, 5)]
    assert posts.latestOffset() == {"offset": 9}


def test_both_ways_in_which_spark_asks_for_the_end_are_answered(make_reader: MakeReader) -> None:
    posts = make_reader()
    assert posts.latestOffset() == {"offset": 4}
    assert posts.latestOffset({"offset": 4}, None) == {"offset": 8}


def test_an_end_never_goes_back_while_ingest_is_away(ingest: FakeIngest, make_reader: MakeReader) -> None:
    posts = make_reader()
    assert posts.latestOffset() == {"offset": 4}
    ingest.leave()
    assert [posts.latestOffset() for _ in range(2)] == [{"offset": 4}, {"offset": 4}]
    ingest.come_back()
    assert posts.latestOffset() == {"offset": 8}


def test_an_answer_outside_the_contract_is_like_being_away(ingest: FakeIngest, make_reader: MakeReader) -> None:
    posts = make_reader(start=2)
    ingest.wrong_answers.extend([b"GARBAGE\n", b'{"hello": 1}\n', b'{"error": "no"}\n'])
    assert [posts.latestOffset()["offset"] for _ in range(4)] == [2, 2, 2, 6]


def test_another_log_ends_the_query(ingest: FakeIngest, make_reader: MakeReader) -> None:
    posts = make_reader()
    posts.latestOffset()
    ingest.replace_log("log-b")
    with pytest.raises(LogReplacedError, match="log log-a at 4 is now log-b at 0"):
        posts.latestOffset()


def test_an_end_before_the_one_returned_ends_the_query(ingest: FakeIngest, make_reader: MakeReader) -> None:
    posts = make_reader()
    posts.latestOffset()
    ingest.lines = ingest.lines[:3]
    with pytest.raises(LogReplacedError, match="log log-a at 4 is now log-a at 3"):
        posts.latestOffset()


def test_a_range_is_read_slice_by_slice(
    ingest: FakeIngest, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spark_job.executor.data_source.POSTS_PER_SLICE", 3)
    assert offsets(make_reader(), 2, 10) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert ingest.requests == ["READ 2 5", "READ 5 8", "READ 8 10"]


def test_what_was_trimmed_is_left_out(
    ingest: FakeIngest, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spark_job.executor.data_source.POSTS_PER_SLICE", 2)
    ingest.trim(5)
    assert offsets(make_reader(), 0, 8) == [5, 6, 7]
    assert offsets(make_reader(), 0, 5) == []


def test_a_hang_up_in_the_middle_of_the_posts_is_read_again(ingest: FakeIngest, make_reader: MakeReader) -> None:
    whole = ingest._read(0, 10)
    ingest.wrong_answers.extend([whole[:-20], whole[:10], b""])
    assert offsets(make_reader(), 0, 10) == list(range(10))
    assert ingest.requests == ["READ 0 10"]


def test_fewer_posts_than_promised_end_the_query(make_reader: MakeReader) -> None:
    with pytest.raises(LogReplacedError, match="8 to 12 were promised, 10 is the end"):
        offsets(make_reader(), 8, 12)


def test_posts_of_another_log_are_not_taken(ingest: FakeIngest, make_reader: MakeReader) -> None:
    posts = make_reader()
    ingest.log = "log-b"
    with pytest.raises(LogReplacedError, match="log log-a is now log-b"):
        offsets(posts, 0, 5)


class Trouble:
    """A call that fails some times, and a clock that only `wait` moves."""

    def __init__(self, failures: int) -> None:
        self.left = failures
        self.now = 100.0
        self.waits: list[float] = []

    def call(self) -> str:
        if self.left:
            self.left -= 1
            raise ConnectionRefusedError(f"{self.left} more")
        return "done"

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def retry_network_errors(self, call: Callable[[], str], rand: float = 0.5) -> str:
        return retry_network_errors(call, 20.0, lambda: self.now, self.wait, lambda: rand)


def test_a_call_is_repeated_with_growing_pauses_until_it_works() -> None:
    trouble = Trouble(7)
    assert trouble.retry_network_errors(trouble.call) == "done"
    assert trouble.waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0])


@pytest.mark.parametrize(("rand", "first_pauses"), [(0.0, [0.05, 0.1]), (1.0, [0.15, 0.3])])
def test_pauses_are_spread_by_half(rand: float, first_pauses: list[float]) -> None:
    trouble = Trouble(2)
    trouble.retry_network_errors(trouble.call, rand)
    assert trouble.waits == pytest.approx(first_pauses)


def test_patience_ends_with_the_last_error() -> None:
    trouble = Trouble(1_000)
    with pytest.raises(ConnectionRefusedError):
        trouble.retry_network_errors(trouble.call)
    assert 18 <= sum(trouble.waits) < 20


def test_an_answer_outside_the_contract_is_not_asked_for_again() -> None:
    trouble = Trouble(0)

    def refuse() -> str:
        raise ContractError("no")

    with pytest.raises(ContractError):
        trouble.retry_network_errors(refuse)
    assert trouble.waits == []


def test_a_large_batch_on_a_large_cluster_takes_fewer_connections_than_ingest_has() -> None:
    ranges = split(0, 10_000_000, 4_000)
    assert len(ranges) == MAX_PARTITIONS <= 100
    assert (ranges[0].start, ranges[-1].end) == (0, 10_000_000)
    assert all(before.end == behind.start for before, behind in itertools.pairwise(ranges))


BUSY = [
    "too many connections",
    "the spool can't be used: disk I/O error",
    "the posts from 3 to 5 are damaged on disk, and were thrown away",
]


@pytest.mark.parametrize("error", BUSY)
def test_what_ingest_cannot_do_for_now_is_asked_for_again(
    ingest: FakeIngest, make_reader: MakeReader, error: str
) -> None:
    ingest.wrong_answers.extend([json.dumps({"error": error}).encode() + b"\n"] * 3)
    assert offsets(make_reader(), 0, 10) == list(range(10))


@pytest.mark.parametrize("error", BUSY)
def test_an_ingest_that_stays_busy_ends_the_query_by_a_name_of_its_own(ingest: FakeIngest, error: str) -> None:
    ingest.wrong_answers.append(json.dumps({"error": error}).encode() + b"\n")
    with IngestClient("127.0.0.1", ingest.port) as client, pytest.raises(BusyError, match="ingest refused READ: "):
        client.read(0, 10)


def test_a_refusal_for_good_ends_the_query_at_once(ingest: FakeIngest, make_reader: MakeReader) -> None:
    ingest.wrong_answers.extend([b'{"error": "READ is not for you\\u001b[31m"}\n'] * 9)
    with pytest.raises(ContractError, match=r"ingest refused READ: READ is not for you\\x1b\[31m"):
        offsets(make_reader(), 0, 10)
    assert len(ingest.wrong_answers) == 8
