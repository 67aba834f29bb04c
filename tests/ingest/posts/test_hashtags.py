"""Hashtags: where they are found in a text, and their keys."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.posts import hashtags
from ingest.posts.post import Tag


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#first and #second", ["first", "second"]),
        ("no tag here", []),
        ("(#round) [#square] “#quoted”", ["round", "square", "quoted"]),
        ("#one,#two;#three", ["one", "two", "three"]),
        ("#снег #雪 #눈 #ثلج #หิมะ #हिमपात", ["снег", "雪", "눈", "ثلج", "หิมะ", "हिमपात"]),
        ("＃全角 ＃ｗｉｄｅ１２", ["全角", "ｗｉｄｅ１２"]),
        ("#snake_case_2 #2fast", ["snake_case_2", "2fast"]),
        ("#𠮷野家 #𝒻𝒶𝓃𝒸𝓎", ["𠮷野家", "𝒻𝒶𝓃𝒸𝓎"]),
        ("🎉#party ☀️#sun", ["party", "sun"]),
        ("#don't #well-known #a.b", ["don", "well", "a"]),
        ("#col·lecció #می‌رود #ラ・ラ・ランド", ["col·lecció", "می‌رود", "ラ・ラ・ランド"]),
        ("line one #up\n#down\n", ["up", "down"]),
        ("#Tag #tag #TAG", ["Tag", "tag", "TAG"]),
    ],
)
def test_a_hashtag_is_found_in_any_script(text: str, expected: list[str]) -> None:
    assert hashtags.extract(text) == expected


@pytest.mark.parametrize(
    "text",
    ["#2026", "#__", "# spaced", "word#joined", "слово#вместе", "AT&#T", "#twice#twice", "#️⃣ #⃣"],
)
def test_text_that_only_looks_like_a_hashtag_is_not_one(text: str) -> None:
    assert hashtags.extract(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/page#section", []),
        ("https://example.org/#top and #below", ["below"]),
        ("example.org/#top", []),
        ("see example.org/a/b?c=d&e=#f, #outside", ["outside"]),
        ("http://localhost:8000/#here", []),
        ("https://example.org/。#タグ", ["タグ"]),
        ("either/or #choice", ["choice"]),
        ("/#slash", ["slash"]),
        ("#https://example.org", []),
        ("(https://example.org/x)#tag", ["tag"]),
        ("see (https://example.org/x),#tag", ["tag"]),
        ("https://example.com?q=#tag", []),
        ("https://example.com?q=#tag #other", ["other"]),
        ("https://example.org/a_(b_(c))#d", []),
        ("https://example.org/a_(b)#c e", []),
        ("https://t.co/abc,#tag", ["tag"]),
        ("https://t.co/abc?x=#tag", []),
        ("example.com?q=#tag", ["tag"]),
        ("日本.jp/#タグ", ["タグ"]),
        ("https://日本.jp/#タグ", []),
        ("xhttps://example.org/#tag", ["tag"]),
        ("user@example.org/#tag", ["tag"]),
        ("https://example.org/x…#tag", ["tag"]),
        ("https://example.org/#tag, #other", ["other"]),
    ],
)
def test_a_part_of_an_address_is_not_a_hashtag(text: str, expected: list[str]) -> None:
    assert hashtags.extract(text) == expected


def test_a_label_has_neither_the_sign_nor_the_text_behind_the_hashtag() -> None:
    assert hashtags.extract("😀 #雪国, ＃ok! https://example.org/#part #ok") == ["雪国", "ok", "ok"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "#(",
            "https://a.bc/(",
            "a.bc/((",
            "https://a.bc/(a(",
            "https://a.bc/x)",
            "https://t.co/a?",
            "a.bc?",
            "#a" + "://",
        ),
        *("https://", "https://a.", "a.", "é.", "a-", "https://a.bc/" + "!", "https://a.bc?" + "!", "#a\ufe0e", "#é"),
        "#" * 200_000,
        "#1" * 100_000,
        "#a " + "a." * 100_000 + "/",
        "#a a.bc/" + "!" * 200_000,
        "#a http://" * 20_000,
    ],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    for full in (
        text,
        text * (400_000 // len(text)),
        f"#a {text[: len(text) // 2 + 1]}{text * (400_000 // len(text))}",
    ):
        started = time.process_time()
        hashtags.extract(full)
        assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("WorldCup", "worldcup"),
        ("ＷｏｒｌｄＣｕｐ", "worldcup"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﾗｰﾒﾝ", "ラーメン"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("Cafe\u0301", "café"),
        ("ﷺ", "صلى الله عليه وسلم"),
    ],
)
def test_spellings_fold_to_one_key(label: str, key: str) -> None:
    assert hashtags.fold(label) == key
    assert hashtags.fold(key) == key


def test_each_tag_counts_once_per_post_with_its_first_spelling() -> None:
    labels = ["WorldCup", "cup", "WORLDCUP", "ＣＵＰ"]
    assert hashtags.tags_of(labels) == [Tag("worldcup", "WorldCup"), Tag("cup", "cup")]


def test_markup_in_a_label_is_not_changed() -> None:
    label = "</script><img src=x onerror=alert(1)>"
    assert hashtags.tags_of([label]) == [Tag(label, label)]


def test_an_empty_label_makes_no_tag() -> None:
    assert hashtags.tags_of(["", "x"]) == [Tag("x", "x")]


#: Parts that end, begin or hide a hashtag, among them the separator of texts that are searched together.
PARTS = st.sampled_from(
    [
        "#",
        "＃",
        "#cup",
        "a",
        "é",
        "\0",
        "\0\0",
        " ",
        "\n",
        "/",
        "https://",
        "x.com/",
        "&",
        "1",
        "_",
        "\ufe0f",
        "😀",
        "𝒻",
        "日本",
    ]
)


@given(parts=st.lists(st.lists(PARTS, max_size=8), max_size=6))
def test_the_hashtags_of_many_texts_are_those_of_each_text(parts: list[list[str]]) -> None:
    texts = ["".join(each) for each in parts]
    assert hashtags.extract_all(texts) == [hashtags.extract(text) for text in texts]
