"""Which tags a mute list hides, and panes without them."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import pane_with_people

from dashboard.snapshots.mute_list import MuteList
from dashboard.snapshots.mute_schema import Mute
from dashboard.snapshots.schema import Pane


def muted(*keys: str, patterns: tuple[str, ...] = ()) -> MuteList:
    made = MuteList()
    made.set(msgspec.convert(panel.mute(*keys, patterns=patterns), Mute))
    return made


@pytest.mark.parametrize(
    ("patterns", "hidden", "shown"),
    [
        (("crypto*",), ["crypto", "cryptocoin", "CryptoNews"], ["mycrypto", "cryp"]),
        (("*coin",), ["coin", "bitcoin"], ["coins"]),
        (("*win*",), ["win", "winter", "IWin", "winwin"], ["wi"]),
        (("a*b*c",), ["abc", "axxbxxc", "abbc"], ["ab", "ac", "acb", "abcd"]),
        (("aba*aba",), ["abaaba", "abacaba"], ["aba", "ababa"]),
        (("*",), ["x", "東京"], []),
        (("東*",), ["東京", "東"], ["京東"]),
        (("stra\u00dfe*",), ["STRASSENBAHN"], ["stra"]),
        (("a", "b*"), ["b1"], ["c"]),
    ],
)
def test_a_pattern_fits_a_whole_key(patterns: tuple[str, ...], hidden: list[str], shown: list[str]) -> None:
    mute = muted(patterns=patterns)
    assert [key for key in [*hidden, *shown] if mute.hides(key)] == hidden


def test_a_key_hides_every_spelling_of_it_and_no_other_tag() -> None:
    mute = muted("WorldCup")
    assert [key for key in ("worldcup", "WORLDCUP", "world\u200dcup", "ｗorldcup", "worldcups") if mute.hides(key)] == [
        "worldcup", "WORLDCUP", "world\u200dcup", "ｗorldcup",
    ]  # fmt: skip


def test_a_hostile_pattern_takes_no_longer() -> None:
    mute = muted(patterns=tuple(f"{'*a' * 40}*{number}" for number in range(1000)))
    started = time.process_time()
    assert not mute.hides("a" * 8000 + "b")
    assert time.process_time() - started < 5


def test_what_is_unmuted_is_shown_again() -> None:
    mute = muted("rain")
    assert mute.hides("rain")
    mute.set(msgspec.convert(panel.mute("sun"), Mute))
    assert (mute.hides("rain"), mute.hides("sun")) == (False, True)
    mute.set(None)
    assert not mute.hides("sun")


def names(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)


def test_no_part_of_a_pane_has_a_muted_tag() -> None:
    tags = {"Terremoto": 9, "WinAPhone": 8, "Rain": 7}
    pane = msgspec.convert(pane_with_people(feeder.pane(1_795_176_000_000, tags, window=tags)), Pane)
    for name in ("erremoto", "WinAPhone", "Rain", "東京"):
        assert name in names(pane)
    shown = muted("terremoto", "rain", "東京", patterns=("win*",)).shown_pane(pane)
    for name in ("erremoto", "WinAPhone", "Rain", "東京"):
        assert name not in names(shown)
    assert shown.rising is not None
    # The topic of one muted tag is gone, and the other tag of the first topic stays.
    assert [[tag.label for tag in topic.tags] for topic in shown.rising.topics] == [["Sismo"], ["SmallAndNew"]]
    assert shown.posts == pane.posts
    assert muted().shown_pane(pane) is pane
