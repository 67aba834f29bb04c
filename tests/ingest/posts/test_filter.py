"""Which posts are wanted."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.posts import filter as post_filter
from ingest.posts import hashtags
from ingest.posts.filter import Filter, Term


def wants(track: str, text: str, lang: str = "und", languages: tuple[str, ...] = ()) -> bool:
    tags = hashtags.tags_of(hashtags.extract(text))
    return Filter(post_filter.parse(track), languages).wants(text, tags, lang)


def test_terms_are_words_tags_phrases_and_exclusions() -> None:
    assert post_filter.parse('football, #WorldCup ,"red, white",-spam,-#ad,-"not this", plain words ,') == [
        Term("football"),
        Term("WorldCup", is_tag=True),
        Term("red, white"),
        Term("spam", excluded=True),
        Term("ad", is_tag=True, excluded=True),
        Term("not this", excluded=True),
        Term("plain words"),
    ]


def test_terms_are_displayed_as_they_are_used() -> None:
    terms = Filter(post_filter.parse('Football, #Cup, "world cup", -#ad')).terms
    assert terms == ["Football", "#Cup", "world cup", "-#ad"]


@pytest.mark.parametrize("track", ['"open', 'a, "b" c"', "-", "a,-,b", "#", '""', 'wo"r"d'])
def test_a_malformed_track_is_rejected_with_a_sentence(track: str) -> None:
    with pytest.raises(ValueError, match=r"quote|empty"):
        post_filter.parse(track)


@pytest.mark.parametrize(
    "track", ["#c++", "-#c++", "#2026", "#new york", '#"new york"', "#l'équipe", "#-", "#" + "x" * 65, "ok, #a.b"]
)
def test_an_impossible_tag_is_rejected_with_a_sentence(track: str) -> None:
    with pytest.raises(ValueError, match=r"^#.* can't be a hashtag, so it would match nothing: a hashtag has letters"):
        post_filter.parse(track)


@pytest.mark.parametrize("track", ["!!!", "...", "…", "++", '"!"', "ok, '", "-.", "、。", "～"])
def test_a_term_of_punctuation_is_rejected_with_a_sentence(track: str) -> None:
    with pytest.raises(ValueError, match=r"^the term '?.*'? (would match nothing: it has no letter|is empty)"):
        post_filter.parse(track)


@pytest.mark.parametrize(
    ("track", "terms"),
    [
        ("“world cup”,football", ["world cup", "football"]),
        ("«coupe du monde», ‚x", ["coupe du monde", "‚x"]),
        ("„Straße“", ["Straße"]),
        ("–spam", ["-spam"]),
        ("−#ad，＃cup、ball،goal", ["-#ad", "#cup", "ball", "goal"]),
        ("“red， white”", ["red， white"]),
    ],
)
def test_terms_may_be_written_on_a_phone(track: str, terms: list[str]) -> None:
    assert [str(term) for term in post_filter.parse(track)] == terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("l'équipe", "L’Équipe"),
        ("l'équipe", "l‘e\u0301quipe"),
        ("l'équipe", "l＇équipe"),
        ("l'équipe", "l´équipe"),
        ("l'équipe", "l`équipe"),
        ("l'équipe", "lʼéquipe"),
        ("l'équipe", "l′équipe"),
        ("об'єкт", "об’єкт"),
        ("well-known", "well‑known"),
        ("well-known", "well‐known"),
        ("well-known", "well–known"),
        ("well-known", "well−known"),
        ("well-known", "well－known"),
        ("wait...", "wait…"),
        ("100 %", "100\u00a0%"),
        ("100 %", "100\u202f%"),
        ("new york", "new\u3000york"),
        ("football", "ｆｏｏｔｂａｌｌ"),
        ("foot\u00adball", "football"),
        ("foot\u200bball", "football"),
        ("کتاب", "كتاب"),
        ("ایران", "ايران"),
        ("كرة", "كـــرة"),
        ("1402", "۱۴۰۲"),
        ("1402", "١٤٠٢"),
        ("1402", "１４０２"),
        ("می\u200cرود", "میرود"),
        ("İstanbul", "istanbul"),
        ("ışık", "IŞIK"),
        ("ёлка", "Елка"),
        ("col·lecció", "col‧lecció"),
        ("צה״ל", 'צה"ל'),
        ("ג׳ז", "ג'ז"),
        ("東京〜大阪", "東京～大阪"),
    ],
)
def test_equivalent_characters_match(one: str, other: str) -> None:
    assert wants(one.replace('"', "״"), f"so: {other}!")
    assert wants(other.replace('"', "״"), f"so: {one}!")
    assert not wants(f"-{one}".replace('"', "״"), f"so: {other}!")


@pytest.mark.parametrize(
    ("tag", "text"), [("#کتاب", "#كتاب"), ("#ışık", "#IŞIK"), ("#ёлка", "#Елка"), ("#می\u200cرود", "#میرود")]
)
def test_equivalent_characters_match_in_tags(tag: str, text: str) -> None:
    assert wants(tag, text)
    assert not wants(f"-{tag}", text)


@pytest.mark.parametrize(
    ("track", "text"), [("fútbol", "futbol"), ("l'équipe", "léquipe"), ("résumé", "resume"), ("ال", "ل")]
)
def test_different_words_do_not_match(track: str, text: str) -> None:
    assert not wants(track, text)


HOSTILE = [
    "\u0301",
    "’",
    "'",
    "a'",
    "-",
    ".",
    "a.",
    "ｱﾞ",
    "\u0345\u0301",
    "l'équip ",
    "🎉\u200d",
    "world ",
    " ",
    "a\u00ad",
    "ي",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_time_is_linear_in_a_hostile_text(unit: str) -> None:
    wanted = Filter(post_filter.parse('l\'équipe,world cup,-"a b c",c++,#tag'), ["en"])
    text = unit * (200_000 // len(unit))
    started = time.process_time()
    wanted.wants(text, [], "en")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("track", ["," * 200_000, "a," * 100_000, '"' * 200_000, '"a,' * 100_000, "-" * 200_000])
def test_the_time_is_linear_in_long_terms(track: str) -> None:
    started = time.process_time()
    with contextlib.suppress(ValueError):
        post_filter.parse(track)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("track", ["", "  ", ",", " , "])
def test_without_terms_every_post_is_wanted(track: str) -> None:
    assert wants(track, "whatever")


@pytest.mark.parametrize(
    ("track", "text", "expected"),
    [
        ("football", "I love FOOTBALL!", True),
        ("football", "footballs everywhere", False),
        ("football", "football's coming home", True),
        ("football", "#football", True),
        ("football", "#Football_fans", False),
        ("FOOTBALL", "ｆｏｏｔｂａｌｌ", True),
        ("europa", "l'avvenire dell'Europa", True),
        ("straße", "die STRASSE", True),
        ("футбол", "Весь двор: ФУТБОЛ.", True),
        ("футбол", "футболка", False),
        ("東京", "今日は東京都に行く", True),
        ("サッカー", "今日はサッカーです", True),
        ("サッカー", "ﾌﾟﾛｻｯｶｰ", False),
        ("축구", "오늘 축구 보자", True),
        ("قهوة", "قهوة الصباح", True),
        ("c++", "I write C++ and", True),
    ],
)
def test_a_word_is_a_whole_word_in_any_script_and_case(track: str, text: str, *, expected: bool) -> None:
    assert wants(track, text) is expected


@pytest.mark.parametrize(
    ("track", "text", "expected"),
    [
        ('"world cup"', "the World\n Cup is on", True),
        ('"world cup"', "the cup of the world", False),
        ('"world cup"', "world cups", False),
        ('"red, white"', "red, white and blue", True),
        ("world cup", "the world cup", True),
        ("#cup", "the cup", False),
        ("#cup", "the #CUP", True),
        ("#cup", "#cups", False),
        ("cup, ball", "a ball", True),
        ("cup, ball", "a bat", False),
    ],
)
def test_phrases_and_tags_and_alternatives(track: str, text: str, *, expected: bool) -> None:
    assert wants(track, text) is expected


@pytest.mark.parametrize(
    ("track", "text", "expected"),
    [
        ("-spam", "anything", True),
        ("-spam", "Spam!", False),
        ("cup, -spam", "cup", True),
        ("cup, -spam", "spam cup", False),
        ("cup, -spam", "neither", False),
        ("-#ad", "an ad", True),
        ("-#ad", "an #Ad", False),
        ('-"buy now"', "you should BUY NOW", False),
    ],
)
def test_excluded_terms_win(track: str, text: str, *, expected: bool) -> None:
    assert wants(track, text) is expected


def test_a_word_matches_a_tag_of_the_platform_although_the_text_is_cut() -> None:
    wanted = Filter(post_filter.parse("football"))
    assert wanted.wants("a long text that was cut…", hashtags.tags_of(["FootBall"]), "en")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("pt", True), ("pt-BR", True), ("PT-br", True), ("en", True), ("ptx", False), ("und", False), ("es", False)],
)
def test_a_language_includes_its_regional_forms(lang: str, *, expected: bool) -> None:
    assert wants("", "text", lang, ("pt", "EN")) is expected


def test_language_and_terms_must_both_match() -> None:
    assert not wants("cup", "cup", "en", ("pt",))
    assert not wants("cup", "ball", "pt", ("pt",))
    assert wants("cup", "cup", "pt", ("pt",))


#: Parts of texts that have a meaning for the search in many texts at once, words, and characters that are folded.
PARTS = st.sampled_from(
    [
        "cup",
        "buy now",
        "buy",
        "\n",
        " ",
        "now",
        "\0",
        "#cup",
        "#ad",
        "'",
        "·",
        "é",
        "e\u0301",
        "İ",
        "😀",
        "日本",
        "-",
        "x" * 700,
    ]
)


@pytest.mark.parametrize("track", ["cup", '"buy now"', "cup, -buy", "-cup, -#ad", '-"buy now", é', "#cup, 日本"])
@given(parts=st.lists(st.lists(PARTS, max_size=6), max_size=6))
def test_a_post_of_a_block_is_wanted_as_it_is_alone(track: str, parts: list[list[str]]) -> None:
    wanted = Filter(post_filter.parse(track))
    posts = [(text := "".join(each), hashtags.tags_of(hashtags.extract(text)), "en") for each in parts]
    texts, tags, langs = ([post[place] for post in posts] for place in range(3))
    assert wanted.wants_all(texts, tags, langs) == [wanted.wants(*post) for post in posts]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("track", "text", "expected"),
    [
        ("cup", "a\0cup", True),
        ("cup", "\0\n\0\n cup", True),
        ("-cup", "a\0cup", False),
        ("-cup", "a\0ball", True),
        ('"buy now"', "buy\0now", False),
    ],
)
def test_a_word_is_found_behind_a_null_character(track: str, text: str, *, expected: bool) -> None:
    assert wants(track, text) is expected
    wanted = Filter(post_filter.parse(track))
    assert wanted.wants_all(["cup", text, "a ball"], [[], [], []], ["en"] * 3)[1] is expected


@pytest.mark.parametrize("track", ["football,buy now", "-football,-buy now"])
@pytest.mark.parametrize("others", [3, 200])
def test_a_term_is_found_in_a_block_whether_few_texts_or_many_have_it(track: str, others: int) -> None:
    matching = ["Football", "a FOOTBALL's", "buy\n now", "BUY NOW!", "ｆootball"]
    different = ["footballs", "buy", "now buy", "buy nowhere", "buy", "now"]
    texts = [*matching[:2], *different, *["nothing"] * others, *matching[2:]]
    expected = [(text in matching) != track.startswith("-") for text in texts]
    assert Filter(post_filter.parse(track)).wants_all(texts, [[]] * len(texts), ["en"] * len(texts)) == expected
