"""The three services make the same key of each spelling, though they share no code."""

import sys

import pytest

from dashboard.api import tag_names
from dashboard.snapshots import keys
from ingest.posts import labels
from spark_job.mute import mute_list

WORDS = [
    *("WorldCup", "ＷＯＲＬＤ", "Straße", "fútbol", "می\u200cخواهم", "क्\u200dष", "❤\ufe0f", "👨\u200d👩\u200d👧"),
    *("İstanbul", "world\u200bcup", "a\u00adb", "ﬁn", "ｶﾞ", "ᾳ", "\U0001f3f4\U000e0067\U000e007f", ""),
]


@pytest.mark.parametrize("text", WORDS)
def test_a_word_has_one_key(text: str) -> None:
    assert mute_list.fold(text) == keys.fold(text) == labels.fold(text)


def test_each_character_has_one_key() -> None:
    characters = map(chr, (*range(0xD800), *range(0xE000, 0x1F000), *range(0xE0000, 0xE1000), sys.maxunicode))
    different = [one for one in characters if not mute_list.fold(one) == keys.fold(one) == labels.fold(one)]
    assert different == []


@pytest.mark.parametrize("sign", ["#", "＃", "﹟", "##", "#＃﹟", "\u200b#", "#\ufeff#"])
def test_a_tag_is_the_same_with_any_sign_before_it(sign: str) -> None:
    text = f"{sign}rain"
    assert mute_list.without_signs(text) == tag_names.name_of(text) == labels.clean(text) == "rain"


@pytest.mark.parametrize("text", ["#\ufe0f\u20e3", "rain#", "rain"])
def test_what_is_no_sign_stays(text: str) -> None:
    assert mute_list.without_signs(text) == tag_names.name_of(text) == labels.clean(text) == text
