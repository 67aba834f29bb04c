"""Rules for X's stream: how terms are written, grouped and split, and what is added and deleted."""

import pytest

from ingest.posts import filter as post_filter
from ingest.sources.x import rules as x_rules
from ingest.sources.x.rules import Rule, RuleChange


def rules(track: str, *languages: str, retweets: x_rules.Retweets = "keep") -> list[str]:
    return x_rules.stream_rules(post_filter.parse(track), languages, retweets=retweets)


@pytest.mark.parametrize(
    ("track", "rule"),
    [
        ("cats", "cats"),
        ("#WorldCup", "#WorldCup"),
        ('"world cup"', '"world cup"'),
        ("coca-cola", '"coca-cola"'),
        ("größer_2", "größer_2"),
        ("ワールドカップ", "ワールドカップ"),
        ("😀", '"😀"'),
        ("or", '"or"'),
        ("OR", '"OR"'),
        ("And", '"And"'),
        ("from:someone", '"from:someone"'),
        ("$cash", '"$cash"'),
        ("@someone", '"@someone"'),
        ("(cats", '"(cats"'),
        ("cats\\", '"cats "'),
        ("cats,dogs", "(cats OR dogs)"),
        ("Cats,cats,#cats", "(cats OR #cats)"),
        ("cats,-dogs", "cats -dogs"),
        ('cats,birds,-"hot dogs",-#ad', '(cats OR birds) -"hot dogs" -#ad'),
    ],
)
def test_terms_are_written_in_the_syntax_of_x(track: str, rule: str) -> None:
    assert rules(track) == [rule]


@pytest.mark.parametrize(
    ("languages", "rule"),
    [
        (["en"], "cats lang:en"),
        (["EN", "es"], "cats (lang:en OR lang:es)"),
        (["pt-BR", "pt"], "cats lang:pt"),
        (["he", "id"], "cats (lang:he OR lang:id)"),
        (["iw", "in", "he"], "cats (lang:he OR lang:id)"),
        (["nb"], "cats lang:no"),
        (["fil"], "cats lang:tl"),
        (["sr-Latn"], "cats lang:sr"),
        (["eng", "spa"], "cats (lang:en OR lang:es)"),
        (["hi"], "cats (lang:hi OR lang:hi-Latn)"),
        (["zh-Hans"], "cats lang:zh-CN"),
        (["zh-HK"], "cats lang:zh-TW"),
        (["sw", "en"], "cats lang:en"),
        (["zh"], "cats (lang:zh-CN OR lang:zh-TW)"),
        (["zh-tw"], "cats lang:zh-TW"),
        (["und"], "cats lang:und"),
    ],
)
def test_languages_get_the_codes_of_x(languages: list[str], rule: str) -> None:
    assert rules("cats", *languages) == [rule]


def test_a_language_without_posts_at_x_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"^LANGUAGES: X marks no posts as sw, la, so it would send none$"):
        rules("cats", "sw", "la")


def test_each_rule_of_a_long_list_has_the_exclusions_the_languages_and_the_retweets() -> None:
    track = ",".join(f"word{number:04}" for number in range(500)) + ",-ads,-spam"
    made = rules(track, "en", "es", retweets="drop")
    narrowing = ") (lang:en OR lang:es) -ads -spam -is:retweet"
    assert len(made) == 7
    assert all(rule.startswith("(word") and rule.endswith(narrowing) for rule in made)
    assert max(map(len, made)) <= 1024
    assert min(map(len, made[:-1])) > 1024 - len(" OR word0000")
    terms = [term for rule in made for term in rule.removesuffix(narrowing)[1:].split(" OR ")]
    assert terms == [f"word{number:04}" for number in range(500)]


def test_a_rule_may_be_as_long_as_x_allows_and_no_longer() -> None:
    assert [len(rule) for rule in rules(f"{'x' * 1024}")] == [1024]
    with pytest.raises(ValueError, match=r"^a rule for X is longer than 1,024 characters: x{50}…$"):
        rules("x" * 1025)


def test_an_emoji_is_as_long_as_two_letters() -> None:
    emojis = [emoji * 100 for emoji in "😀😎🤖👻🎃"]
    assert len(rules(",".join(emojis[:4]))) == 1
    assert len(rules(",".join(emojis))) == 2


def test_more_rules_than_x_accepts_are_rejected() -> None:
    with pytest.raises(ValueError, match=r"^there are 1,001 rules for X, which accepts at most 1,000$"):
        rules(",".join(f"{number:04}{'x' * 1000}" for number in range(1001)))


@pytest.mark.parametrize("track", ["", "-cats", "-cats,-#dogs"])
def test_no_wanted_term_is_an_error(track: str) -> None:
    with pytest.raises(ValueError, match=r"^SOURCE=x needs TRACK, with a term that is not excluded, or X_RULES: "):
        rules(track)


@pytest.mark.parametrize("track", ["#two words", "#c++", "#2026", "cats,-#-"])
def test_an_impossible_hashtag_is_rejected(track: str) -> None:
    with pytest.raises(ValueError, match=r"can't be a hashtag, so it would match nothing"):
        rules(track)


def test_an_unknown_language_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"^LANGUAGES: 'en\) OR \(cats' is not a language code"):
        rules("cats", "en) OR (cats")


def test_the_users_own_rules_replace_the_terms() -> None:
    own = "cats has:images ;; (dogs OR birds) lang:en\n\n cats has:images\n"
    made = x_rules.stream_rules(post_filter.parse("-fish"), ["de"], own_rules=own)
    assert made == ["cats has:images", "(dogs OR birds) lang:en"]
    with pytest.raises(ValueError, match="longer than 1,024"):
        x_rules.stream_rules([], [], own_rules="x" * 1025)


def test_only_differences_are_changed_and_only_our_rules_are_deleted() -> None:
    present = [
        Rule("1", "a", x_rules.TAG),
        Rule("2", "b", x_rules.TAG),
        Rule("3", "c", "theirs"),
        Rule("4", "d"),
        Rule("5", "e", "theirs"),
    ]
    assert x_rules.diff(["a", "c", "f"], present) == RuleChange(add=["f"], delete=["2"])
    assert x_rules.diff([], present) == RuleChange(add=[], delete=["1", "2"])
    assert x_rules.diff(["a", "b"], present) == RuleChange(add=[], delete=[])
