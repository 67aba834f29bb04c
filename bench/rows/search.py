"""How long the job searches for tags among a million, and whether a snapshot waits for it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.finding import Finding, Target
from bench.many_tags import PANE_MS, WINDOW_MS, count_tags, snapshot_ms, state_of
from bench.posts import START_MS, tag_name
from bench.spread import Spread, percentile
from bench.workshop import Workshop
from spark_job.mute.mute_list import MuteList
from spark_job.publish.snapshot import Snapshots
from spark_job.query_server.now import Now
from spark_job.query_server.tag_search import TagSearch
from spark_job.state.store import State
from spark_job.state.window import Window

TAGS, PANES = 1_000_000, 10
SEARCHES = 60
#: Snapshots of one round, alone and beside searches by turns.
SNAPSHOTS, ROUNDS = 20, 3
TAGS_IN_A_BATCH = 1_000
MOST_TAGS = 20


def measure(shop: Workshop) -> list[Finding]:
    """Measure searches alone, and snapshots with and without searches beside them."""
    with state_of(TAGS) as (state, snapshots):
        names = [tag_name(number) for number in range(TAGS)]
        for pane in range(PANES):
            count_tags(state, snapshots, names[pane::PANES], START_MS + pane * PANE_MS)
        to_ms = START_MS + 2 * PANES * PANE_MS
        now = Now(Window.ending(to_ms, PANE_MS, WINDOW_MS), to_ms, MuteList())
        search = TagSearch(state.reader, lambda: now)
        # The first ones read the file into memory.
        took = [_search_ms(search, text) for text in (*_texts(names), *_texts(names))][SEARCHES:]
        alone, beside = _snapshots_ms(state, snapshots, search, names, to_ms)
    shop.say(f"search: {sorted(round(ms) for ms in took)} ms")
    shop.say(f"snapshots alone {sorted(alone)}, beside searches {sorted(beside)}")
    note = f"{TAGS:,} tags in window and totals; beginnings, parts, and texts that no tag has"
    longest = Spread.of([percentile(took, 0.99)])
    return [
        Finding("search, median", "ms", Spread.of(took), note=note),
        Finding("search, p99", "ms", longest, Target(100, at_most=True), note),
        Finding("snapshot, no search beside it", "ms", Spread.of(alone), digits=1),
        Finding("snapshot, searches without a pause beside it", "ms", Spread.of(beside), digits=1),
    ]


def _texts(names: list[str]) -> Iterator[str]:
    """What is searched: beginnings of two to six letters, parts of three, and texts that no tag has."""
    for number in range(SEARCHES // 3):
        name = names[number * 7919 % len(names)]
        yield name[: 2 + number % 5]
        yield name[1:4]
        yield f"{name}{number}x"


def _search_ms(search: TagSearch, text: str) -> float:
    since = time.perf_counter()
    search.search(text, MOST_TAGS)
    return (time.perf_counter() - since) * 1000


def _snapshots_ms(
    state: State, snapshots: Snapshots, search: TagSearch, names: list[str], at_ms: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of snapshots within a pane: alone, and with one search after the other beside them."""
    alone: list[float] = []
    beside: list[float] = []
    for turn in range(2 * ROUNDS):
        with _searching(search, names) if turn % 2 else _quiet():
            for number in range(SNAPSHOTS):
                first = (turn * SNAPSHOTS + number) * TAGS_IN_A_BATCH % TAGS
                count_tags(state, snapshots, names[first:][:TAGS_IN_A_BATCH], at_ms)
                (beside if turn % 2 else alone).append(snapshot_ms(state, snapshots, at_ms))
    # The first snapshot of a run ranks all tags.
    return alone[1:], beside


@contextmanager
def _quiet() -> Iterator[None]:
    yield


@contextmanager
def _searching(search: TagSearch, names: list[str]) -> Iterator[None]:
    """Another thread searches without a pause."""
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            for text in _texts(names):
                if ended.is_set():
                    break
                search.search(text, MOST_TAGS)

    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(run)
        try:
            yield
        finally:
            ended.set()
            searching.result()
