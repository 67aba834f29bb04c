import json

from msgspec import UNSET
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, Rig, T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import QUIET

from spark_job.panel_schema import Samples
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Ingest
from spark_job.state.starts import SEQ_BLOCK


def test_a_snapshot_has_the_shape_of_the_contract(rig: Rig) -> None:
    for i in range(8):
        rig.count(
            *(post([f"T{n}", f"t{n % 7}", "<b>&"], T + i * 7_000 + n, lang=f"l{n % 11}") for n in range(60)),
            post([], T + i * 7_000 + 60, source="x", lang="und"),
        )
        snapshot = rig.snapshot(T + i * 7_000 + 60)
        shape.check(snapshot)
    assert json.loads(json.dumps(snapshot))["window"]["posts"] == 61 * 5
    assert len(snapshot["panes"]) == 4


def test_a_snapshot_before_the_first_post_has_the_shape_of_the_contract(rig: Rig) -> None:
    shape.check(rig.snapshot(T))


def test_a_snapshot_says_when_and_how_it_was_made(rig: Rig) -> None:
    rig.count(post(["a"], T + 1))
    snapshot = rig.snapshot(T + 7)
    assert (snapshot["epoch"], snapshot["produced_at_ms"], snapshot["batch_id"]) == (T, T + 12, 0)
    assert [snapshot[name] for name in ("pane_seconds", "window_seconds", "trigger_seconds", "top_n")] == [
        10,
        30,
        1.0,
        10,
    ]
    assert snapshot["batch"]["at_ms"] == T + 1
    assert snapshot["window"]["to_ms"] == T + 7
    assert snapshot["total"]["since_ms"] == T


def test_sequence_numbers_grow_over_snapshots_and_restarts(rig: Rig) -> None:
    first = [rig.snapshot(T)["seq"] for _ in range(3)]
    assert first == [SEQ_BLOCK + 1, SEQ_BLOCK + 2, SEQ_BLOCK + 3]
    rig.snapshots = Snapshots(rig.state, Pace(10, 30, 1.0, 10), rig.state.next_seq_block())
    assert rig.snapshot(T)["seq"] == 2 * SEQ_BLOCK + 1


def test_samples_are_sent_with_a_snapshot_that_is_sent_again(rig: Rig) -> None:
    """The dashboard forgets posts of which the job says nothing, and a deleted one must leave it."""
    waiting: list[Samples | None] = [None]
    snapshots = Snapshots(rig.state, Pace(10, 30, 1.0, 10), 1, samples=lambda: waiting[0])
    progress = rig.state.progress()
    assert progress is not None
    snapshots.make(progress, T, T, QUIET)
    waiting[0] = Samples(posts=[], of={"a": []})
    ingest = Ingest(reachable=False, since_ms=T, error="away", status=None)
    repeated = snapshots.repeat(T + 1, "broken", ingest)
    assert repeated is not None
    assert repeated.samples == waiting[0]
    assert (repeated.health.query_error, repeated.health.ingest) == ("broken", ingest)
    waiting[0] = None
    repeated = snapshots.repeat(T + 1, "broken", ingest)
    assert repeated is not None
    assert repeated.samples is UNSET


def test_a_new_epoch_starts_empty_and_the_old_batch_is_not_shown(rig: Rig) -> None:
    rig.count(post(["a"], T))
    assert rig.snapshot(T)["batch"]["posts"] == 1
    rig.state.begin_epoch("log-b", 0, T + 5, "another log")
    rig.snapshots.forget_batch()
    snapshot = rig.snapshot(T + 5)
    assert (snapshot["epoch"], snapshot["batch"], snapshot["batch_id"]) == (T + 5, None, None)
    assert (snapshot["window"]["posts"], snapshot["total"]["posts"], snapshot["total"]["tags"]) == (0, 0, 0)
    rig.count(post(["a"], T + 6))
    snapshot = rig.snapshot(T + 6)
    assert snapshot["batch"]["top"][0]["previous_rank"] is None
    assert (snapshot["window"]["posts"], snapshot["window"]["top"][0]["first_seen_ms"]) == (1, T + 6)


def test_closed_panes_are_sent_until_they_are_acknowledged(rig: Rig) -> None:
    rig.count(post(["a"], T))
    for _ in range(2):
        (pane,) = rig.snapshot(T + 10_000)["panes"]
        assert (pane["epoch"], pane["from_ms"], pane["to_ms"], pane["posts"]) == (T, T, T + PANE_MS, 1)
        assert pane["top"] == [{"key": "a", "label": "a", "posts": 1}]
    rig.state.acknowledge_panes([(T, T, 1)])
    assert rig.snapshot(T + WINDOW_MS)["panes"][0]["from_ms"] == T + PANE_MS


def test_a_closed_pane_carries_what_the_window_was_when_it_ended(rig: Rig) -> None:
    people = {"author": 7}
    rig.count(post(["A", "b"], T, **people), post(["a"], T + 5, **people), post(["b", "c"], T + PANE_MS, author=8))
    last = rig.snapshot(T + 2 * PANE_MS - 1)["window"]
    pane = rig.snapshot(T + 2 * PANE_MS)["panes"][-1]
    assert (pane["window"]["from_ms"], pane["window"]["posts"]) == (last["from_ms"], last["posts"])
    assert pane["window"]["authors"] == last["authors"] == 2
    assert [tag["authors"] for tag in pane["window"]["top"]] == [1, 2, 1]
    names = ("key", "label", "posts", "authors", "taken_back")
    assert pane["window"]["top"] == [{name: leader[name] for name in names} for leader in last["top"]]


def test_of_panes_with_long_tags_as_many_are_sent_as_fit(rig: Rig) -> None:
    for pane in range(8):
        rig.count(*[post([f"{'長い' * 500}{number}{pane}"], T + pane * PANE_MS) for number in range(60)])
    panes = rig.snapshot(T + 8 * PANE_MS)["panes"]
    assert 2 < len(panes) < 8
    shape.check(rig.snapshot(T + 8 * PANE_MS))
    rig.state.acknowledge_panes([(pane["epoch"], pane["from_ms"], pane["posts"]) for pane in panes])
    assert rig.snapshot(T + 8 * PANE_MS)["panes"][0]["from_ms"] == panes[-1]["to_ms"]
