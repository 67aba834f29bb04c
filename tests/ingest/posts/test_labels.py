"""Labels: how they are displayed, and the key under which they are counted."""

import sys
import time
import unicodedata

import pytest
import regex

from ingest.posts import hashtags, labels
from ingest.posts.post import Tag


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("testpost! ", "testpost!"),
        ("\u3000two words\u00a0", "two words"),
        ("new \t\r\n york", "new york"),
        ("#again", "again"),
        ("＃＃wide", "wide"),
        (" # spaced", "spaced"),
        ("a\x00b\x07c\x7fd\x85", "abcd"),
        ("\x1b[31mred", "[31mred"),
        ("\u202egnirts\u202c", "gnirts"),
        ("\u2066isolated\u2069", "isolated"),
        ("te\u00adst\u200b\u2060", "test"),
        ("\ufeffbom", "bom"),
        ("a\u200db\u200cc", "abc"),
        ("a\ufe0f", "a"),
        ("tag\U000e0041", "tag"),
        ("\ufff9note\ufffb\ufffe", "note"),
        ("\u3164name\uffa0", "name"),
        ("كأس_العالم", "كأس_العالم"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_invisible_characters_are_removed_from_labels(given: str, shown: str) -> None:
    assert labels.clean(given) == shown
    assert labels.clean(shown) == shown


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("می\u200cرود", "میرود"),
        ("क्\u200dष", "क्ष"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("❤\ufe0f", "❤"),
        ("❤\ufe0f\u200d🔥", "❤🔥"),
        ("葛\U000e0100", "葛"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴"),
        ("5\ufe0f\u20e3", "5\u20e3"),
    ],
)
def test_joiners_and_selectors_with_a_meaning_stay_in_labels_but_not_in_keys(label: str, key: str) -> None:
    assert hashtags.tags_of([label]) == [Tag(key, label)]


@pytest.mark.parametrize(
    "label",
    [
        "",
        " ",
        "\u3000\u00a0",
        "\u200b",
        "\u200d\u200c",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\u202e\u202c",
        "#",
        "# ",
        "\x00",
    ],
)
def test_an_invisible_label_makes_no_tag(label: str) -> None:
    assert hashtags.tags_of([label, "x"]) == [Tag("x", "x")]
    assert hashtags.dropped_reasons([label, "x"], [Tag("x", "x")]) == []


def test_ignorable_characters_are_those_of_unicode() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    assert [hex(ord(each)) for each in characters if bool(ignorable.match(each)) != (labels.fold(each) == "")] == []


@pytest.mark.slow
def test_a_key_folds_to_itself() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) != "Cs":
            key = labels.fold(f"\u0301{chr(code)}\u0345\u0301")
            assert labels.fold(key) == key, hex(code)


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("a" * 64, True),
        ("a" * 65, False),
        ("𝒶" * 64, True),
        ("👨\u200d👩\u200d👧" * 35, True),
        ("👨\u200d👩\u200d👧" * 36, False),
        ("e\u0301" * 64, True),
        ("a" + "\u0301" * 319, True),
        ("a" + "\u0301" * 320, False),
        ("x" * 1_000_000, False),
        ("x" + "\u200b" * 10_000, True),
        ("x" + "\u200b" * 1_000_000, False),
    ],
)
def test_a_label_has_64_graphemes_and_640_bytes_at_most(label: str, *, kept: bool) -> None:
    tags = hashtags.tags_of([label, "other"])
    assert len(tags) == (2 if kept else 1)
    assert hashtags.dropped_reasons([label, "other"], tags) == ([] if kept else [hashtags.TOO_LONG])


def test_a_post_has_at_most_its_first_hundred_tags() -> None:
    given = [f"tag{number}" for number in range(101)]
    tags = hashtags.tags_of(given)
    assert [tag.key for tag in tags] == given[:100]
    assert hashtags.dropped_reasons(given, tags) == [hashtags.TOO_MANY]
    repeated = [*given[:100], *given[:100]]
    assert hashtags.dropped_reasons(repeated, hashtags.tags_of(repeated)) == []


HOSTILE = {
    "marks of one class": "\u0301",
    "marks in the wrong order": "\u0345\u0301\u0323",
    "sound marks": "\uff9e",
    "marks that decompose": "\u0344",
    "marks parted by joiners": "\u0301\u034f",
    "joined letters": "م\u200c",
    "blanks": " \u3000",
    "signs": "#",
    "flags without an end": "\U0001f3f4\U000e0020",
    "ligatures": "ﷺ",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_time_is_linear_in_a_hostile_label(unit: str) -> None:
    label = unit * (500_000 // len(unit))
    started = time.process_time()
    labels.fold(labels.clean(label))
    hashtags.dropped_reasons([label], hashtags.tags_of([label]))
    assert time.process_time() - started < 10
