"""When rules about tags fire: panes of ten seconds, a window of five minutes, and no clock but that of the panes."""

import pytest
from tests.spark_job.support.alerts import BEGIN, PANE_MS, Panes, riser, rule, said

from spark_job.alerts import engine
from spark_job.alerts.facts import TagFacts

THREE = (("a", 30), ("b", 20), ("c", 10))


def places(*keys: str) -> list[tuple[str, int]]:
    """Tags in this order."""
    return [(key, 100 - rank) for rank, key in enumerate(keys)]


def test_a_tag_that_enters_the_top_three_fires_once_while_it_stays() -> None:
    panes = Panes(rule(when="enters", tag="#WorldCup", top=3))
    assert panes.keys(*places("a", "b", "c", "worldcup")) == []
    assert panes.keys(*places("a", "b", "worldcup", "c")) == ["worldcup"]
    assert panes.keys(*places("worldcup", "a", "b", "c")) == []


def test_what_is_there_when_a_rule_is_new_has_not_entered() -> None:
    panes = Panes(rule(when="enters", top=3), is_new=True)
    assert panes.keys(*THREE) == []
    assert panes.keys(*THREE) == []
    assert panes.keys(("new", 40), *THREE) == ["new"]


def test_nobody_is_told_of_made_up_posts_nor_of_what_holds_at_their_end() -> None:
    panes = Panes(rule(when="enters", top=3, cooldown_seconds=0))
    assert panes.keys(*places("a", "b", "c", "d"), is_made_up=True) == []
    assert panes.keys(*places("d", "a", "b", "c"), is_made_up=True) == []
    assert panes.keys(*places("d", "a", "b", "c")) == []
    assert panes.keys(*places("new", "d", "a", "b", "c")) == ["new"]


def test_another_condition_is_a_new_rule_and_another_cooldown_is_not() -> None:
    panes = Panes(rule(when="enters", top=3))
    assert panes.keys(("a", 9)) == ["a"]
    panes.rules = (rule(when="enters", top=3, cooldown_seconds=0),)
    assert panes.keys(("a", 9)) == []
    assert panes.keys() == []
    assert panes.keys(("a", 9)) == ["a"]
    panes.rules = (rule(when="enters", top=2, cooldown_seconds=0),)
    assert panes.keys(("a", 9), ("b", 8)) == []


def test_a_tag_that_flaps_at_the_threshold_for_an_hour_fires_once_and_again_after_the_hour() -> None:
    panes = Panes(rule(when="enters", tag="x", top=3))
    fired = []
    for pane in range(2 * 360):
        # In place 3 and in place 12 by turns: each pane crosses the threshold and the clearing one.
        others = [f"o{number}" for number in range(11)]
        tags = places(*others[:2], "x", *others[2:]) if pane % 2 == 0 else places(*others, "x")
        fired += [pane] * len(panes.close(*tags))
    assert fired == [0, 360]


def test_a_tag_that_hovers_between_both_thresholds_never_fires_again() -> None:
    panes = Panes(rule(when="passes", tag="x", posts=500, cooldown_seconds=0))
    assert panes.keys(("x", 499)) == []
    assert panes.keys(("x", 500)) == ["x"]
    # 400 is the default: 0.8 times 500.
    assert [panes.keys(("x", posts)) for posts in (450, 520, 400, 501)] == [[], [], [], []]
    assert panes.keys(("x", 399)) == []
    assert panes.keys(("x", 500)) == ["x"]


def test_what_is_crossed_during_the_cooldown_is_not_told_afterwards() -> None:
    panes = Panes(rule(when="passes", tag="x", posts=100, cooldown_seconds=60))
    assert panes.keys(("x", 100)) == ["x"]
    assert panes.keys(("x", 10)) == []
    assert [panes.keys(("x", 100)) for _ in range(20)] == [[]] * 20
    assert panes.keys(("x", 10)) == []
    assert panes.keys(("x", 100)) == ["x"]


def test_a_condition_must_hold_for_panes_in_a_row() -> None:
    panes = Panes(rule(when="passes", tag="x", posts=100, for_panes=3))
    assert [panes.keys(("x", posts)) for posts in (100, 100, 99, 100, 100)] == [[]] * 5
    assert panes.keys(("x", 100)) == ["x"]


@pytest.mark.parametrize(
    ("tag", "fired"),
    [
        ("any", ["crypto", "any", "cryptonews", "rain"]),
        ("#any", ["any"]),
        ("Any", ["any"]),
        ("crypto*", ["crypto", "cryptonews"]),
        ("rain", ["rain"]),
    ],
)
def test_a_rule_names_a_tag_a_pattern_or_any(tag: str, fired: list[str]) -> None:
    panes = Panes(rule(when="enters", tag=tag, top=4))
    assert panes.keys(("crypto", 4), ("any", 3), ("cryptonews", 2), ("rain", 1), ("mycrypto", 0)) == fired


def test_the_default_place_that_clears_is_two_or_half_of_the_top_below() -> None:
    assert [rule(when="enters", top=top).clears_at for top in (1, 3, 5, 10, 20)] == [3, 5, 7, 15, 30]
    panes = Panes(rule(when="enters", tag="x", top=3, cooldown_seconds=0))
    assert panes.keys(*places("a", "b", "x")) == ["x"]
    assert panes.keys(*places("a", "b", "c", "d", "x")) == []
    assert panes.keys(*places("a", "b", "x")) == []
    assert panes.keys(*places("a", "b", "c", "d", "e", "x")) == []
    assert panes.keys(*places("a", "b", "x")) == ["x"]


def test_an_own_clearing_condition_replaces_the_default() -> None:
    panes = Panes(rule(when="enters", tag="x", top=3, clear_top=3, cooldown_seconds=0))
    assert panes.keys(*places("a", "b", "x")) == ["x"]
    assert panes.keys(*places("a", "b", "c", "x")) == []
    assert panes.keys(*places("a", "b", "x")) == ["x"]


def test_a_tag_leaves_only_if_it_was_there() -> None:
    panes = Panes(rule(when="leaves", top=3))
    assert panes.keys(*places("a", "b", "c", "d")) == []
    assert panes.keys(*places("b", "c", "d", "a")) == ["a"]
    assert panes.keys() == ["b", "c", "d"]
    assert panes.keys(*places("e", "f", "g", "h")) == []


def test_a_tag_that_flaps_at_the_end_of_the_list_leaves_once() -> None:
    panes = Panes(rule(when="leaves", tag="x", top=3, cooldown_seconds=0))
    inside, outside, leads = places("a", "b", "x"), places("a", "b", "c", "x"), places("a", "x")
    assert panes.keys(*inside) == []
    assert [panes.keys(*outside), panes.keys(*inside), panes.keys(*outside)] == [["x"], [], []]
    assert [panes.keys(*leads), panes.keys(*outside)] == [[], ["x"]]


def test_a_rate_is_that_of_the_window() -> None:
    panes = Panes(rule(when="passes", tag="x", per_second=2.0))
    assert panes.keys(("x", 599)) == []
    assert panes.keys(("x", 600)) == ["x"]


def test_a_tag_multiplies_against_the_window_before_with_at_least_twenty_posts() -> None:
    panes = Panes(rule(when="multiplies", times=3.0))
    assert panes.keys(("x", 19), before={"x": 1}) == []
    assert panes.keys(("x", 29), before={"x": 10}) == []
    assert panes.keys(("x", 30), before={"x": 10}) == ["x"]
    assert panes.keys(("new", 20)) == ["new"]


def test_a_tag_multiplies_only_if_the_window_before_was_counted() -> None:
    panes = Panes(rule(when="multiplies", times=3.0))
    assert panes.keys(("x", 300), is_before_known=False) == []
    assert panes.keys(("x", 300)) == ["x"]


def test_a_tag_is_taken_back_by_more_than_a_share_of_at_least_twenty_posts() -> None:
    panes = Panes(rule(when="taken_back", share=0.2, cooldown_seconds=0))

    def close(posts: int, taken_back: int) -> int:
        return len(panes.close(TagFacts(key="x", label="X", posts=posts, taken_back=taken_back)))

    assert [close(19, 19), close(100, 20), close(100, 21), close(100, 50)] == [0, 0, 1, 0]
    assert [close(100, 14), close(100, 21), close(100, 13), close(100, 21)] == [0, 0, 0, 1]


def test_a_tag_rises_with_a_least_score_and_least_authors() -> None:
    panes = Panes(rule(when="rises", least_score=30, least_authors=241, cooldown_seconds=0))
    assert panes.keys(rising=(riser("x"),)) == []
    assert panes.keys(rising=(riser("x", authors=241, score=29.9),)) == []
    assert panes.keys(rising=(riser("x", authors=241),)) == ["x"]
    assert panes.keys(rising=(riser("x", authors=200),)) == []
    assert panes.keys(rising=(riser("x", authors=241),)) == []
    assert panes.keys() == []
    assert panes.keys(rising=(riser("x", authors=241),)) == ["x"]


def test_a_rising_tag_of_a_language_or_a_source_has_most_posts_there() -> None:
    tags = (riser("x"), riser("y", lang="en"), riser("z", lang_part=0.4, source_part=0.4))
    assert Panes(rule(when="rises", lang="es")).keys(rising=tags) == ["x"]
    assert Panes(rule(when="rises", source="bluesky")).keys(rising=tags) == ["x", "y"]


def test_a_rule_of_a_language_looks_at_the_posts_of_this_language() -> None:
    panes = Panes(rule(when="enters", top=3, lang="es"))
    assert panes.keys(("x", 5)) == []
    (alert,) = panes.close(("x", 5), scope=("lang", "es"))
    assert (alert.lang, alert.posts) == ("es", 5)


def test_an_alert_says_how_much_against_what_since_when_and_from_how_many() -> None:
    panes = Panes(rule(name="World Cup", when="enters", tag="worldcup", top=3))
    (alert,) = panes.close(("worldcup", 310), before={"worldcup": 26}, rising=(riser("worldcup"),))
    assert said(alert) == {
        "id": f"7/{BEGIN + PANE_MS}/World Cup/worldcup",
        "rule": "World Cup",
        "when": "enters",
        "at_ms": BEGIN + 2 * PANE_MS,
        "key": "worldcup",
        "label": "Worldcup",
        "rank": 1,
        "posts": 310,
        "posts_before": 26,
        "expected": 20.0,
        "times": 12.0,
        "score": 30.0,
        "authors": 240,
        "since_ms": BEGIN - 60_000,
        "window_seconds": 300,
        "top": 3,
    }


def test_each_epoch_begins_without_what_held_but_knows_what_has_fired() -> None:
    panes = Panes(rule(when="passes", posts=100))
    assert panes.keys(("told", 100)) == ["told"]
    panes.state = {name: engine.RuleState("", state.tags) for name, state in panes.state.items()}
    panes.epoch += 1
    assert panes.keys(("there", 100)) == []
    assert panes.keys(("told", 100), ("later", 100)) == ["later"]


def test_in_a_window_that_was_not_counted_completely_nothing_ends_and_no_place_is_right() -> None:
    panes = Panes(
        rule(name="e", when="enters", top=1, cooldown_seconds=0),
        rule(name="l", when="leaves", top=1, cooldown_seconds=0),
        rule(name="p", when="passes", posts=500, cooldown_seconds=0),
        is_new=True,
    )

    def close(*tags: tuple[str, int], is_counted: bool = True) -> list[tuple[str, str]]:
        return [(alert.rule, str(alert.key)) for alert in panes.close(*tags, is_counted=is_counted)]

    steady = (("a", 900), ("b", 800))
    assert [close(*steady), close(*steady)] == [[], []]
    # Ingest was away for longer than a window.
    assert [close(is_counted=False) for _ in range(6)] == [[]] * 6
    assert [close(("b", 30 * pane), ("a", 20 * pane), is_counted=False) for pane in range(1, 30)] == [[]] * 29
    assert close(*steady) == []
    # Numbers count at once: fewer posts than were counted can't be.
    assert close(*steady, ("c", 500), is_counted=False) == [("p", "c")]
    assert close(("c", 1000), *steady) == [("e", "c"), ("l", "a")]


def test_a_condition_about_places_must_hold_in_complete_windows_in_a_row() -> None:
    panes = Panes(rule(when="enters", tag="x", top=1, for_panes=2))
    counted = [panes.keys(("x", 9), is_counted=is_counted) for is_counted in (True, False, True)]
    assert counted == [[], [], []]
    assert panes.keys(("x", 9)) == ["x"]


def test_a_new_rule_about_places_knows_who_is_there_after_the_first_complete_window() -> None:
    panes = Panes(rule(when="enters", top=2), is_new=True)
    partial = [panes.keys(*places(*keys), is_counted=False) for keys in ("ab", "cd", "ef")]
    assert partial == [[], [], []]
    assert panes.keys(*places("a", "b")) == []
    assert panes.keys(*places("c", "a")) == ["c"]


def test_what_has_not_ended_since_the_epoch_before_is_no_news() -> None:
    panes = Panes(rule(when="passes", posts=500, cooldown_seconds=0), is_new=True)
    assert panes.keys(("steady", 900), ("small", 100)) == []
    panes.state = {name: engine.RuleState("", state.tags) for name, state in panes.state.items()}
    panes.epoch += 1
    filling = [panes.keys(("steady", 30 * pane), ("small", 20 * pane), is_counted=False) for pane in range(1, 30)]
    assert [fired for fired in filling if fired] == [["small"]]
    assert panes.keys(("steady", 900), ("small", 600)) == []
    assert panes.keys(("small", 600)) == []
    assert panes.keys(("steady", 900)) == ["steady"]


def test_a_clock_that_was_set_back_does_not_silence_a_rule() -> None:
    panes = Panes(rule(when="passes", posts=100))
    assert panes.keys(("x", 100)) == ["x"]
    panes.close()
    panes.from_ms -= 86_400_000
    assert panes.keys(("x", 100)) == ["x"]


def test_one_rule_fires_a_hundred_times_in_a_pane_and_the_others_follow() -> None:
    panes = Panes(rule(when="passes", posts=1))
    tags = [(f"t{number}", 1) for number in range(250)]
    assert [len(panes.close(*tags)) for _ in range(4)] == [100, 100, 50, 0]


def test_the_state_of_a_rule_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_TAGS", 20)
    panes = Panes(rule(when="passes", posts=1))
    assert len(panes.close(*[(f"t{number}", 1) for number in range(50)])) == 20
    assert panes.keys(*[(f"t{number}", 1) for number in range(50)]) == []
    panes = Panes(rule(when="leaves", top=10))
    for turn in range(20):
        panes.close(*places(*(f"{turn}-{number}" for number in range(10))))
    assert len(panes.state["r"].tags) <= 20


def test_a_rule_that_is_gone_leaves_no_state() -> None:
    panes = Panes(rule(name="a", when="passes", posts=1), rule(name="b", when="leaves", top=1))
    panes.close(("x", 1))
    panes.rules = panes.rules[:1]
    panes.close(("x", 1))
    assert [*panes.state] == ["a"]
