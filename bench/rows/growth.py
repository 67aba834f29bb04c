"""Does the speed stay the same with more data? Further posts in one run, and snapshots with many tags."""

from dataclasses import dataclass
from itertools import pairwise

from bench.finding import Finding, Target
from bench.many_tags import PANE_MS, WINDOW_MS, count_tags, snapshot_ms, state_of
from bench.pipeline import Pipeline
from bench.posts import START_MS, tag_name
from bench.spread import Spread
from bench.workshop import Workshop

POSTS = 2_000_000
# The limits of the steps. The first step only warms the process up.
STEPS = (100_000, 500_000, 1_000_000, 1_500_000, POSTS)
PER = 100_000
TIMEOUT_SECONDS = 120.0
FEW_TAGS, MANY_TAGS = 1_000, 1_000_000
TAGS_IN_A_BATCH = 1_000
SNAPSHOTS = 15
CLOSINGS = 8
#: In the closed panes of both windows: as at 1,000 posts per second.
FULL_ROWS = 384_000


def measure(shop: Workshop) -> list[Finding]:
    """Measure both."""
    rounds = [_marginal_ms(shop) for _ in range(shop.repeats)]
    spans = [max(steps) / min(steps) for steps in rounds]
    every = [ms for steps in rounds for ms in steps]
    told = ", ".join(f"{ms:.0f}" for ms in rounds[-1])
    found = [
        Finding("growth: slowest step / fastest step", "x", Spread.of(spans), Target(1.2, at_most=True), "", 2, spans),
        Finding("growth: per further 100,000 posts", "ms", Spread.of(every), note=f"steps of the last run: {told}"),
    ]
    return [*found, *_snapshot_findings(shop)]


def _snapshot_findings(shop: Workshop) -> list[Finding]:
    few, many, full = _snapshots(FEW_TAGS), _snapshots(MANY_TAGS), _full_windows_ms()
    shop.say(f"snapshot: {few.within.median:.1f} and {many.within.median:.1f} ms")
    shop.say(f"with a closing pane: {few.closing.median:.1f}, {many.closing.median:.1f}, {full.median:.1f} ms")
    found = []
    for what, of_few, of_many in (
        ("", few.within, many.within),
        (", a pane closes", few.closing, many.closing),
    ):
        ratio = Spread.of([of_many.median / of_few.median])
        found += [
            Finding(f"snapshot with {FEW_TAGS:,} tags{what}", "ms", of_few, digits=1),
            Finding(f"snapshot with {MANY_TAGS:,} tags{what}", "ms", of_many, digits=1),
            Finding(f"snapshot{what}: many tags / few tags", "x", ratio, Target(1.5, at_most=True), digits=2),
        ]
    note = f"both windows have {FULL_ROWS:,} rows, the totals {MANY_TAGS:,} tags"
    return [*found, Finding("closing a pane, with its snapshot", "ms", full, Target(100, at_most=True), note, 1)]


def _marginal_ms(shop: Workshop) -> list[float]:
    """Milliseconds per further 100,000 posts in each step."""
    found = []
    with Pipeline(shop.material(POSTS)) as ours:
        ours.feed(STEPS[0])
        ours.wait_for(STEPS[0], TIMEOUT_SECONDS)
        for before, until in pairwise(STEPS):
            since = ours.feed(until)
            found.append((ours.wait_for(until, TIMEOUT_SECONDS) - since) * 1000 * PER / (until - before))
    shop.say(f"milliseconds per further {PER:,} posts: {[round(ms) for ms in found]}")
    return found


@dataclass(frozen=True)
class _Snapshots:
    """Milliseconds of snapshots within a pane, and of those in which a pane closes, with the closing."""

    within: Spread
    closing: Spread


def _snapshots(tags: int) -> _Snapshots:
    """Snapshots with this number of tags in window and totals. Each comes after more posts, or after a pane closed."""
    within, closing = [], []
    with state_of(tags) as (state, snapshots):
        names = [tag_name(number) for number in range(tags)]
        for number, first in enumerate([*range(0, tags, max(1, tags // 10))]):
            count_tags(state, snapshots, names[first : first + tags // 10], START_MS + number * PANE_MS)
        at_ms = START_MS + 20 * PANE_MS
        for number in range(SNAPSHOTS + 1):
            count_tags(state, snapshots, names[number * TAGS_IN_A_BATCH % tags :][:TAGS_IN_A_BATCH], at_ms)
            within.append(snapshot_ms(state, snapshots, at_ms))
        for number in range(SNAPSHOTS, SNAPSHOTS + CLOSINGS):
            count_tags(state, snapshots, names[number * TAGS_IN_A_BATCH % tags :][:TAGS_IN_A_BATCH], at_ms)
            snapshot_ms(state, snapshots, at_ms)
            at_ms += PANE_MS
            closing.append(snapshot_ms(state, snapshots, at_ms))
    # The first snapshot of a run ranks all tags.
    return _Snapshots(Spread.of(within[1:]), Spread.of(closing))


def _full_windows_ms() -> Spread:
    """Milliseconds of closing a pane and its snapshot, with 384,000 rows in both windows and a million tags in all."""
    took = []
    rows, panes = FULL_ROWS // (2 * WINDOW_MS // PANE_MS), 2 * WINDOW_MS // PANE_MS
    with state_of(MANY_TAGS) as (state, snapshots):
        names = [tag_name(number) for number in range(MANY_TAGS)]
        count_tags(state, snapshots, names, START_MS)
        # Tags return: two thirds of a pane's tags were in the pane before.
        for number in range(1, panes + 1):
            count_tags(state, snapshots, names[number * rows // 3 :][:rows], START_MS + number * PANE_MS)
        for number in range(panes + 1, panes + 1 + CLOSINGS):
            at_ms = START_MS + number * PANE_MS
            count_tags(state, snapshots, names[number * rows // 3 :][:rows], at_ms)
            snapshot_ms(state, snapshots, at_ms)
            took.append(snapshot_ms(state, snapshots, at_ms + PANE_MS))
    return Spread.of(took[1:])
