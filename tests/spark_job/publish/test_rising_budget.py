"""A list of rising tags fits into a snapshot and into a pane, whatever their tags are like."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import sent

from spark_job.publish import budget, rising_budget
from spark_job.publish.budget import BODY_BYTES, CURVES_BYTES, PANE_BYTES, fit
from spark_job.rising_schema import HELD_BACK, TOPIC_TAGS, TOPICS, HeldBack, Rising, RisingTag, Topic
from spark_job.snapshot_schema import Pane, Snapshot


def rising(key: str, label: str, panes: int = 3) -> Rising:
    """The longest list that there can be. `key` and `label` come after the number of the tag."""

    def tag(number: int) -> RisingTag:
        return RisingTag(
            key=f"{number:03}{key}",
            label=f"{number:03}{label}",
            posts=9,
            authors=9,
            voices=9,
            expected=0.5,
            spread=0.2,
            times=18.0,
            score=9.0,
            since_ms=T,
            copies=0.0,
            new=True,
            source="x",
            source_part=1.0,
            lang="en",
            lang_part=1.0,
            peak_voices=0,
            peak_ms=None,
            panes=[123_456] * panes,
        )

    def held(number: int) -> HeldBack:
        return HeldBack(key=f"h{number}{key}", label=f"h{number}{label}", posts=9, authors=1, texts=1, why="few people")

    topics = [Topic(tags=[tag(topic * TOPIC_TAGS + n) for n in range(TOPIC_TAGS)]) for topic in range(TOPICS)]
    return Rising(at_ms=T, missing_ms=0, topics=topics, held_back=[held(n) for n in range(HELD_BACK)])


def with_list(rig: Rig, found: Rising) -> Snapshot:
    rig.count(post(["a"], T))
    pane = Pane(epoch=1, from_ms=T, to_ms=T + PANE_MS, posts=1, top=[], window=None, rising=found)
    return replace(rig.make(T), rising=found, panes=[pane])


def size(value: Any) -> int:
    return len(msgspec.json.encode(value))


def keys(found: object) -> list[list[str]]:
    assert isinstance(found, Rising)
    return [[tag.key for tag in topic.tags] for topic in found.topics]


def test_a_usual_list_is_not_touched(rig: Rig) -> None:
    snapshot = with_list(rig, rising("tag", "Tag", panes=30))
    fitted = fit(snapshot)
    assert (fitted.rising, fitted.panes, fitted.health.cut) == (snapshot.rising, snapshot.panes, 0)
    shape.check(sent(fitted))


def test_long_labels_become_shorter_and_keys_stay(rig: Rig) -> None:
    snapshot = with_list(rig, rising("k" * 700, "L" * 700))
    fitted = fit(snapshot)
    assert isinstance(fitted.rising, Rising)
    assert keys(fitted.rising) == keys(snapshot.rising)
    labels = [tag.label for tag in rising_budget.tags_of(fitted.rising)]
    labels += [held.label for held in fitted.rising.held_back]
    assert {len(label) for label in labels} == {64}
    assert all(label.endswith("L…") for label in labels)
    # Each once in the snapshot and once in the pane.
    assert fitted.health.cut == 2 * len(labels)


@pytest.mark.parametrize(("key", "panes"), [("k" * 8_000, 3), ("日" * 2_700, 30), ("tag", 1_440)])
def test_a_list_of_long_keys_or_curves_fits_and_its_first_topic_stays(rig: Rig, key: str, panes: int) -> None:
    snapshot = with_list(rig, rising(key, "Tag", panes))
    fitted = fit(snapshot)
    body = replace(fitted, panes=[])
    assert size(body) <= BODY_BYTES + CURVES_BYTES
    assert size(fitted.panes) <= PANE_BYTES + 2
    shape.check(sent(fitted))
    for found in (fitted.rising, fitted.panes[0].rising):
        assert keys(found)[0][0] == keys(snapshot.rising)[0][0]
    # The snapshot and the pane are cut from the end, and what is left out is counted.
    left = sum(len(topic) for found in (fitted.rising, fitted.panes[0].rising) for topic in keys(found))
    held = sum(len(found.held_back) for found in (fitted.rising, fitted.panes[0].rising) if isinstance(found, Rising))
    assert fitted.health.cut == 2 * (TOPICS * TOPIC_TAGS + HELD_BACK) - left - held


def test_a_pane_whose_first_topic_is_too_large_is_sent_without_topics(rig: Rig) -> None:
    snapshot = with_list(rig, rising("k" * 300_000, "Tag"))
    (pane,) = fit(snapshot, 0.0625, 1).panes
    assert keys(pane.rising) == []
    assert size(pane) <= PANE_BYTES


def test_each_step_of_the_rankings_has_one_of_the_list() -> None:
    assert len(rising_budget.STEPS) == len(budget.STEPS)
    assert len(rising_budget.PANE_STEPS) == len(budget.PANE_STEPS)
    for steps in (rising_budget.STEPS, rising_budget.PANE_STEPS):
        assert steps[0] == (TOPICS, TOPIC_TAGS, HELD_BACK)
        for numbers in zip(*steps, strict=True):
            assert list(numbers) == sorted(numbers, reverse=True)
