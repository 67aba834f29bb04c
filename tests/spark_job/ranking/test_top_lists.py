import random
from typing import Any

from tests.spark_job.conftest import Rig, T
from tests.spark_job.support.fake_ingest import post


def short(top: list[dict[str, Any]]) -> list[tuple[int, int | None, str, int, int | None]]:
    """Rank, previous rank, key, posts and posts before."""
    return [
        (entry["rank"], entry["previous_rank"], entry["key"], entry["posts"], entry["posts_before"]) for entry in top
    ]


def facet(value: dict[str, Any]) -> tuple[int, list[tuple[str, int]]]:
    return value["posts"], [(entry["key"], entry["posts"]) for entry in value["top"]]


def test_more_posts_lead_and_ties_go_by_code_point(rig: Rig) -> None:
    rig.count(post(["😀", "日本", "é", "b", "a", "~"], T), post(["日本"], T))
    snapshot = rig.snapshot(T + 1)
    order = ["日本", "a", "b", "~", "é", "😀"]
    assert [entry["key"] for entry in snapshot["window"]["top"]] == order
    assert [entry["key"] for entry in snapshot["total"]["top"]] == order
    assert [entry["key"] for entry in snapshot["batch"]["top"]] == order
    assert [entry["key"] for entry in snapshot["facets"]["lang"]["en"]["top"]] == order


def test_ties_that_utf_16_would_order_otherwise_go_by_code_point(rig: Rig) -> None:
    rig.count(post(["\U0001f600", "\uff21x", "\ue000"], T))
    assert [entry["key"] for entry in rig.snapshot(T)["window"]["top"]] == ["\ue000", "\uff41x", "\U0001f600"]


def test_without_posts_nothing_leads(rig: Rig) -> None:
    snapshot = rig.snapshot(T)
    nothing = {"posts": 0, "posts_before": 0, "top": [], "authors": 0, "by_authors": [], "taken_back": 0}
    all_counted = {"sampled": {"authors": 1, "tags": 1}}
    assert snapshot["window"] == {"from_ms": T - 20_000, "to_ms": T} | nothing | all_counted
    assert snapshot["total"] == {
        "since_ms": T,
        "posts": 0,
        "tags": 0,
        "dropped_tags": 0,
        "dropped_posts": 0,
        "sources": [],
        "top": [],
    }
    assert (snapshot["batch"], snapshot["batch_id"]) == (None, None)
    assert snapshot["facets"] == {"source": {}, "lang": {}}


def test_posts_without_tags_are_posts(rig: Rig) -> None:
    rig.count(post([], T), post([], T + 1))
    snapshot = rig.snapshot(T + 1)
    assert (snapshot["window"]["posts"], snapshot["window"]["top"]) == (2, [])
    assert (snapshot["total"]["posts"], snapshot["total"]["top"]) == (2, [])
    assert (snapshot["batch"]["posts"], snapshot["batch"]["top"]) == (2, [])
    quiet = {"posts": 2, "posts_before": 0, "top": [], "authors": 2, "by_authors": [], "taken_back": 0}
    assert snapshot["facets"] == {"source": {"demo": quiet}, "lang": {"en": quiet}}


def test_one_tag_leads_alone(rig: Rig) -> None:
    rig.count(post(["a"], T), post([], T))
    snapshot = rig.snapshot(T)
    assert short(snapshot["window"]["top"]) == [(1, None, "a", 1, 0)]
    assert snapshot["window"]["posts"] == 2


def test_of_three_tags_each_has_its_place(rig: Rig) -> None:
    rig.count(post(["a", "b", "c"], T), post(["b", "c"], T), post(["b"], T))
    assert short(rig.snapshot(T)["total"]["top"]) == [(1, None, "b", 3, 0), (2, None, "c", 2, 0), (3, None, "a", 1, 0)]


def test_of_many_tags_fifty_lead(rig: Rig) -> None:
    tags = [f"t{i:02}" for i in range(60)]
    rig.count(post(tags, T), post(tags[30:], T))
    rig.count(post(["t00"], T + 10_000), post(["t01"], T + 10_000))
    snapshot = rig.snapshot(T + 10_000)
    expected = ["t00", "t01", *tags[30:], *tags[2:20]]
    assert [entry["key"] for entry in snapshot["window"]["top"]] == expected
    assert [entry["key"] for entry in snapshot["total"]["top"]] == expected
    assert [entry["rank"] for entry in snapshot["window"]["top"]] == list(range(1, 51))
    assert snapshot["total"]["tags"] == 60


def test_a_tag_beyond_the_fiftieth_place_had_no_previous_rank(rig: Rig) -> None:
    tags = [f"t{i:02}" for i in range(60)]
    rig.count(post(tags, T))
    rig.count(post(["t49", "t50"], T + 10_000))
    snapshot = rig.snapshot(T + 10_000)
    assert short(snapshot["window"]["top"])[:3] == [(1, 50, "t49", 2, 0), (2, None, "t50", 2, 0), (3, 1, "t00", 1, 0)]
    assert short(snapshot["total"]["top"])[:3] == [(1, 50, "t49", 2, 1), (2, None, "t50", 2, 1), (3, 1, "t00", 1, 1)]


def test_the_window_compares_with_the_one_that_ended_when_the_open_pane_began(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["a"], T), post(["b"], T + 10_000))
    rig.count(post(["b"], T + 20_000), post(["b"], T + 20_000), post(["c"], T + 20_000))
    assert short(rig.snapshot(T + 20_000)["window"]["top"]) == [
        (1, 2, "b", 3, 0),
        (2, 1, "a", 2, 0),
        (3, None, "c", 1, 0),
    ]
    # The pane before the window's first one still belongs to the window one pane ago.
    assert short(rig.snapshot(T + 30_000)["window"]["top"]) == [(1, 1, "b", 3, 0), (2, 3, "c", 1, 0)]
    assert short(rig.snapshot(T + 40_000)["window"]["top"]) == [(1, 1, "b", 2, 1), (2, 2, "c", 1, 0)]


def test_posts_before_are_those_of_the_equally_long_window_before(rig: Rig) -> None:
    rig.count(*(post(["a"], T + i * 10_000) for i in range(6)), post([], T + 50_000))
    window = rig.snapshot(T + 50_000)["window"]
    assert (window["from_ms"], window["posts"], window["posts_before"]) == (T + 30_000, 4, 3)
    assert short(window["top"]) == [(1, 1, "a", 3, 3)]
    window = rig.snapshot(T + 60_000)["window"]
    assert (window["posts"], window["posts_before"], short(window["top"])) == (3, 3, [(1, 1, "a", 2, 3)])
    window = rig.snapshot(T + 90_000)["window"]
    assert (window["posts"], window["posts_before"], window["top"]) == (0, 3, [])
    window = rig.snapshot(T + 100_000)["window"]
    assert (window["posts"], window["posts_before"]) == (0, 2)
    window = rig.snapshot(T + 110_000)["window"]
    assert (window["posts"], window["posts_before"]) == (0, 0)


def test_a_tag_is_in_the_window_from_its_pane_on_until_the_pane_has_left(rig: Rig) -> None:
    rig.count(post(["a"], T + 9_999), post(["b"], T + 10_000))
    for to_ms, keys in [(T + 10_000, "ab"), (T + 29_999, "ab"), (T + 30_000, "b"), (T + 39_999, "b"), (T + 40_000, "")]:
        assert [entry["key"] for entry in rig.snapshot(to_ms)["window"]["top"]] == list(keys), to_ms - T


def test_totals_compare_with_those_when_the_open_pane_began(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["a"], T), post(["b"], T))
    assert short(rig.snapshot(T + 9_999)["total"]["top"]) == [(1, None, "a", 2, 0), (2, None, "b", 1, 0)]
    rig.count(post(["b"], T + 10_000), post(["b"], T + 10_000), post(["c"], T + 10_000))
    expected = [(1, 2, "b", 3, 1), (2, 1, "a", 2, 2), (3, None, "c", 1, 0)]
    assert short(rig.snapshot(T + 10_000)["total"]["top"]) == expected
    assert short(rig.snapshot(T + 19_999)["total"]["top"]) == expected
    assert short(rig.snapshot(T + 20_000)["total"]["top"]) == [(1, 1, "b", 3, 3), (2, 2, "a", 2, 2), (3, 3, "c", 1, 1)]


def test_totals_stay_when_the_window_has_moved_on(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["b"], T + 10_000), post(["b"], T + 10_000))
    snapshot = rig.snapshot(T + 3_600_000)
    assert short(snapshot["total"]["top"]) == [(1, 1, "b", 2, 2), (2, 2, "a", 1, 1)]
    assert (snapshot["total"]["posts"], snapshot["total"]["tags"], snapshot["window"]["top"]) == (3, 2, [])


def test_a_batch_compares_with_the_one_before_it(rig: Rig) -> None:
    rig.count(post(["a", "b"], T), post(["a"], T))
    assert short(rig.snapshot(T)["batch"]["top"]) == [(1, None, "a", 2, None), (2, None, "b", 1, None)]
    rig.count(post(["b", "c"], T + 1))
    assert short(rig.snapshot(T + 1)["batch"]["top"]) == [(1, 2, "b", 1, 1), (2, None, "c", 1, 0)]
    rig.count(post(["a"], T + 2))
    snapshot = rig.snapshot(T + 2)
    assert (snapshot["batch_id"], snapshot["batch"]["posts"], snapshot["batch"]["at_ms"]) == (2, 1, T + 2)
    assert short(snapshot["batch"]["top"]) == [(1, None, "a", 1, 0)]


def test_every_source_has_its_leading_twenty(rig: Rig) -> None:
    tags = [f"t{i:02}" for i in range(25)]
    rig.count(post(tags, T, source="x"), post(["t24"], T, source="x"), post(["q"], T, source="demo"))
    sources = rig.snapshot(T + 10_000)["facets"]["source"]
    assert facet(sources["x"]) == (2, [("t24", 2), *((tag, 1) for tag in tags[:19])])
    assert facet(sources["demo"]) == (1, [("q", 1)])


def test_eight_leading_languages_have_facets_and_ties_go_by_code_point(rig: Rig) -> None:
    languages = ["zz", "ja", "en", "de", "fr", "es", "pt", "ko", "ar", "ru"]
    rig.count(*(post(["a"], T, lang=lang) for lang in languages), post([], T, lang="zz"))
    facets = rig.snapshot(T)["facets"]["lang"]
    assert facets.keys() == {"zz", "ar", "de", "en", "es", "fr", "ja", "ko"}
    assert facet(facets["zz"]) == (2, [("a", 1)])


def test_facets_join_closed_panes_with_the_open_one_and_leave_with_the_window(rig: Rig) -> None:
    rig.count(post(["a"], T, lang="ja", source="x"), post(["b"], T + 10_000, lang="ja"))
    rig.count(post(["b"], T + 20_000, lang="ja"))
    facets = rig.snapshot(T + 20_000)["facets"]
    assert facet(facets["lang"]["ja"]) == (3, [("b", 2), ("a", 1)])
    assert {source: facet(value) for source, value in facets["source"].items()} == {
        "x": (1, [("a", 1)]),
        "demo": (2, [("b", 2)]),
    }
    facets = rig.snapshot(T + 30_000)["facets"]
    assert facets["source"].keys() == {"demo"}
    assert facet(facets["lang"]["ja"]) == (2, [("b", 2)])


def test_late_posts_of_a_closed_pane_are_in_the_window_at_once(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["b"], T))
    rig.snapshot(T + 10_000)
    rig.count(post(["b"], T + 1))
    snapshot = rig.snapshot(T + 10_001)
    assert short(snapshot["window"]["top"]) == [(1, 2, "b", 2, 0), (2, 1, "a", 1, 0)]
    assert snapshot["window"]["top"][0]["panes"] == [0, 2, 0]


def test_after_the_clock_was_set_back_the_window_still_has_all_of_its_posts(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["a"], T + 10_000), post(["a"], T + 20_000))
    rig.count(post(["b"], T + 10_500))
    window = rig.snapshot(T + 10_500)["window"]
    assert window["posts"] == 3
    assert [(entry["key"], entry["posts"], entry["panes"]) for entry in window["top"]] == [
        ("a", 2, [0, 1, 1]),
        ("b", 1, [0, 0, 1]),
    ]


def test_the_order_by_authors_is_that_of_the_numbers_that_are_shown_also_where_authors_are_a_sample(rig: Rig) -> None:
    chance = random.Random(1)
    tags = [f"t{number:03}" for number in range(200)]
    # 22,000 uses in a pane: of each tag some hundred authors, each with one post.
    authors = [(tag, chance.getrandbits(64)) for tag in tags for _ in range(chance.randrange(100, 120))]
    # What two micro-batches have counted is sampled when the pane closes.
    for half in (authors[::2], authors[1::2]):
        rig.count(*(post([tag], T, author=author) for tag, author in half))
    window = rig.snapshot(T + 10_001)["window"]
    by_authors = window["by_authors"]
    assert len(by_authors) == 50
    assert [entry["rank"] for entry in by_authors] == list(range(1, 51))
    assert by_authors == sorted(by_authors, key=lambda entry: (-entry["authors"], -entry["posts"], entry["key"]))
    # The snapshot says so: 22,000 authors and as many uses are more than 4,096 and 16,384.
    assert window["sampled"] == {"authors": 8, "tags": 2}
    # Some estimates were greater than the posts.
    assert any(entry["authors"] == entry["posts"] for entry in by_authors)
    assert all(entry["authors"] <= entry["posts"] for entry in by_authors)
