"""A snapshot fits what the dashboard takes, whatever posts say, and each pane gets through."""

from typing import Any, cast

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import QUIET, sent

from spark_job.executor.ingest_client import Status
from spark_job.panel_schema import SamplePost, Samples
from spark_job.publish.budget import (
    BODY_BYTES,
    CURVES_BYTES,
    LABEL_BYTES,
    STATUS_BYTES,
    fit,
)
from spark_job.publish.cut import LABEL_CHARACTERS
from spark_job.snapshot_schema import ClosedWindow, Ingest, Named, Pane, Snapshot
from spark_job.state.closed_panes import PANES_BYTES

LANGUAGES = ["en", "es", "ja", "de", "fr", "pt", "ar", "hi"]
MAX_BYTES = 4 << 20


def size(value: Any) -> int:
    return len(msgspec.json.encode(value))


def body_of(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, panes=[])


def filled(rig: Rig, tags: list[dict[str, str]], panes: int = 5, sources: int = 1) -> Snapshot:
    """Each language has its own tags in each pane, which have closed but the last."""
    for pane in range(panes):
        posts = []
        for number, lang in enumerate(LANGUAGES):
            own = [{name: f"{number}{text}"[: len(text)] for name, text in tag.items()} for tag in tags]
            post_of = post([], T + pane * PANE_MS, lang=lang, source=f"source{number % sources}") | {"tags": own}
            posts.append(post_of)
        rig.count(*posts)
    return rig.make(T + (panes - 1) * PANE_MS)


def tags_of(characters: int, letter: str = "x", count: int = 50) -> list[dict[str, str]]:
    return [
        {"key": f"00{n:03}{letter * (characters - 5)}", "label": f"00{n:03}{letter.upper() * (characters - 5)}"}
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("characters", "letter"), [(8, "x"), (64, "x"), (64, "日"), (640, "x"), (2_000, "x"), (2_000, "日"), (2_000, "😀")]
)
def test_a_snapshot_of_long_tags_fits_and_is_whole(rig: Rig, characters: int, letter: str) -> None:
    snapshot = filled(rig, tags_of(characters, letter))
    shape.check(sent(snapshot))
    assert size(body_of(snapshot)) <= BODY_BYTES + CURVES_BYTES
    assert size(snapshot) < MAX_BYTES
    assert snapshot.window.top
    assert snapshot.panes
    assert (snapshot.health.cut > 0) == (characters * len(letter.encode()) > LABEL_BYTES)


def test_a_snapshot_of_usual_tags_is_not_touched(rig: Rig) -> None:
    snapshot = filled(rig, tags_of(12))
    before = sent(snapshot)
    again = fit(snapshot)
    assert sent(again) == sent(snapshot) == before
    assert again.health.cut == 0


def test_keys_stay_whole_and_labels_end_with_an_ellipsis(rig: Rig) -> None:
    snapshot = sent(filled(rig, tags_of(700, count=3)))
    tops = [snapshot[name]["top"] for name in ("window", "total", "batch")]
    tops += [facet["top"] for values in snapshot["facets"].values() for facet in values.values()]
    tops += [facet["by_authors"] for values in snapshot["facets"].values() for facet in values.values()]
    tops.append(snapshot["window"]["by_authors"])
    for tag in [tag for top in tops for tag in top]:
        assert len(tag["key"]) == 700
        assert len(tag["label"]) == LABEL_CHARACTERS
        assert tag["label"].endswith("X…")
    assert snapshot["health"]["cut"] == sum(map(len, tops)) + sum(
        len(pane["top"]) + len(pane["window"]["top"]) for pane in snapshot["panes"]
    )


def test_facets_get_shorter_before_the_rankings_do(rig: Rig) -> None:
    snapshot = filled(rig, tags_of(2_000))
    longest = max(len(facet.top) for facet in snapshot.facets.lang.values())
    assert longest < len(snapshot.window.top) <= 50


def test_of_many_sources_the_leading_ones_are_named(rig: Rig) -> None:
    rig.count(*(post(["a"], T, source=f"s{n:04}") for n in range(300)), *(post(["a"], T, source="z") for _ in range(2)))
    snapshot = rig.snapshot(T)
    assert list(snapshot["facets"]["source"]) == ["z", *(f"s{n:04}" for n in range(19))]
    assert len(snapshot["total"]["sources"]) == 20
    assert snapshot["health"]["cut"] == 281 + 281


def test_a_day_of_short_panes_fits(rig: Rig) -> None:
    """1,440 panes: curves are longer than all texts."""
    snapshot = filled(rig, tags_of(12))
    snapshot.window.top[:] = [replace(tag, panes=[123_456] * 1_440) for tag in snapshot.window.top]
    for facet in (*snapshot.facets.source.values(), *snapshot.facets.lang.values()):
        facet.top[:] = [replace(tag, panes=[123_456] * 1_440) for tag in facet.top]
    fitted = fit(snapshot)
    assert size(fitted) < MAX_BYTES
    assert len(fitted.window.top) == 50
    assert all(facet.top for facet in fitted.facets.lang.values())


def test_a_status_of_many_long_terms_is_shortened(rig: Rig) -> None:
    rig.count(post(["a"], T))
    source: dict[str, Any] = {
        "name": "x",
        "terms": ["t" * 300] * 5_000,
        "languages": [],
        "state": "live",
        "error": "e" * 100_000,
    }
    source |= {"facts": {"server": "f" * 50_000}, "malformed": {"m" * 5_000: 3}, "accepted": 7}
    status = cast("Status", {"log": "a", "sources": [source] * 4})
    ingest = Ingest(reachable=True, since_ms=1, error=None, status=status)
    fitted = sent(fit(replace(rig.make(T), health=replace(QUIET, ingest=ingest))))
    shortened = fitted["health"]["ingest"]["status"]
    assert size(shortened) <= STATUS_BYTES
    assert [told["accepted"] for told in shortened["sources"]] == [7] * 4
    assert shortened["sources"][0].keys() == source.keys()
    assert fitted["health"]["cut"] > 0


def test_every_pane_gets_through_the_largest_alone(rig: Rig) -> None:
    top = [Named(key=f"{n:03}" + "k" * 100_000, label="l" * 100_000, posts=9) for n in range(50)]
    window = ClosedWindow(from_ms=T, posts=9, top=top[:20])
    pane = Pane(epoch=1, from_ms=T, to_ms=T + PANE_MS, posts=9, top=top, window=window)
    rig.count(post(["a"], T))
    snapshot = replace(rig.make(T), panes=[replace(pane, from_ms=T + n) for n in range(60)])
    pushed = []
    while snapshot.panes:
        fitted = fit(snapshot)
        assert size(fitted.panes) <= PANES_BYTES + 1_000
        assert fitted.panes
        pushed += [told.from_ms for told in fitted.panes]
        snapshot = replace(snapshot, panes=snapshot.panes[len(fitted.panes) :])
    assert pushed == [T + n for n in range(60)]


def test_a_smaller_share_makes_it_smaller(rig: Rig) -> None:
    snapshot = filled(rig, tags_of(640))
    small, tiny = fit(snapshot, 0.25, 1), fit(snapshot, 0.0625, 0)
    assert len(small.panes) == 1
    assert tiny.panes == []
    assert size(tiny) < size(small) < size(snapshot)
    assert size(tiny) <= (BODY_BYTES + CURVES_BYTES) / 16
    assert tiny.window.top[0].key == snapshot.window.top[0].key


def test_a_snapshot_that_was_refused_once_has_the_samples_of_the_leading_tags(rig: Rig) -> None:
    posts = [sample(offset, "x" * 1_000) for offset in range(400)]
    of = {f"tag{number}": [number * 4, number * 4 + 1, (number * 4 + 3) % 400] for number in range(100)}
    snapshot = replace(filled(rig, tags_of(10)), samples=Samples(posts=posts, of=of))
    assert fit(snapshot).samples == snapshot.samples
    small = fit(snapshot, 0.25, 1).samples
    assert isinstance(small, Samples)
    assert [*small.of] == [*of][: len(small.of)]
    assert 100_000 < size(small) < 128 << 10
    for key, places in small.of.items():
        assert [small.posts[place].offset for place in places] == of[key]
    # What is refused twice is sent without: a sample may be the reason.
    assert fit(snapshot, 0.0625, 1).samples is UNSET


def sample(offset: int, text: str) -> SamplePost:
    return SamplePost(
        offset=offset,
        id=f"demo:{offset}",
        at_ms=T,
        created_at=None,
        text=text,
        source="demo",
        lang="en",
        url=None,
        tags=[],
    )
