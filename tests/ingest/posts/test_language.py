"""Language codes: one for each language, whatever code a platform uses."""

import time

import pytest
from tests.ingest.support.process import Start

from ingest.posts import language
from ingest.posts.entry import make_entries
from ingest.posts.filter import Filter
from ingest.posts.post import SourcePost
from ingest.settings import SettingsError, load


@pytest.mark.parametrize(
    ("code", "canonical"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("eng", "en"),
        ("en-us", "en-US"),
        ("EN_us", "en-US"),
        ("pt_BR", "pt-BR"),
        ("pt_BR.UTF-8", "pt-BR"),
        ("de_DE@euro", "de-DE"),
        ("in", "id"),
        ("in-ID", "id-ID"),
        ("iw", "he"),
        ("ji", "yi"),
        ("jw", "jv"),
        ("mo", "ro"),
        ("sh", "sr-Latn"),
        ("nb", "no"),
        ("nob", "no"),
        ("nor", "no"),
        ("nn", "nn"),
        ("tl", "fil"),
        ("tgl", "fil"),
        ("spa", "es"),
        ("ger", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("chi", "zh"),
        ("cmn", "zh"),
        ("cmn-Hant-TW", "zh-TW"),
        ("zh-CN", "zh-CN"),
        ("zh_tw", "zh-TW"),
        ("zh-hans", "zh-Hans"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh-Hant-HK", "zh-HK"),
        ("zh-Hant-CN", "zh-Hant-CN"),
        ("zh-yue", "yue"),
        ("zh-min-nan", "nan"),
        ("i-klingon", "tlh"),
        ("ar-arb", "ar"),
        ("prs", "fa-AF"),
        ("sr-Cyrl-RS", "sr-RS"),
        ("sr-latn-rs", "sr-Latn-RS"),
        ("en-Latn", "en"),
        ("hi-latn", "hi-Latn"),
        ("ca-valencia", "ca"),
        ("de-1996", "de"),
        ("en-US-u-ca-gregory", "en-US"),
        ("en-x-twain", "en"),
        ("es-419", "es-419"),
        ("yue", "yue"),
        ("tok", "tok"),
        *((code, "und") for code in ("qme", "qst", "qam", "qct", "qht", "qid", "qaa", "qtz", "und", "zxx", "art")),
        *((code, "und") for code in ("mul", "mis", "x-klingon", "i-default", "root", "jp", "zz", "english", "", " ")),
        *((code, "und") for code in ("-en", "en-", "en--US", "e", "1", "en\n\nUS", "日本語", "\ud83d", "en" * 100_000)),
    ],
)
def test_a_language_has_one_code(code: str, canonical: str) -> None:
    assert language.canonical(code) == canonical
    assert language.canonical(canonical) == canonical
    made = make_entries([SourcePost(id="t:1", text="", source="t", lang=code)])[0]
    assert made is None or made.post.lang == canonical


@pytest.mark.parametrize(
    ("wanted", "spoken", "taken"),
    [
        ("id", "in", True),
        ("in", "id", True),
        ("he", "iw", True),
        ("pt", "pt-BR", True),
        ("pt-BR", "pt", False),
        ("pt-br", "por-BR", True),
        ("no", "nb-NO", True),
        ("zh", "zh-TW", True),
        ("zh-Hant", "zh-TW", True),
        ("zh-Hans", "zh-TW", False),
        ("zh-Hans", "zh-SG", True),
        ("zh-TW", "zh-Hant-TW", True),
        ("sr-RS", "sr-Latn-RS", True),
        ("sr", "sh", True),
        ("und", "qme", True),
        ("en", "und", False),
        ("en", "eng", True),
        ("en", "enx", False),
    ],
)
def test_a_wanted_language_includes_its_forms_in_every_code(wanted: str, spoken: str, *, taken: bool) -> None:
    assert Filter((), [wanted]).wants("text", [], spoken) is taken


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("english", "did you mean en?"),
        ("English", "did you mean en?"),
        ("englsh", "did you mean en?"),
        ("deutsch", "did you mean de?"),
        ("español", "did you mean es?"),
        ("Indonesian", "did you mean id?"),
        ("日本語", "did you mean ja?"),
        ("jp", "did you mean ja?"),
        ("cn", "did you mean zh?"),
        ("zz", "such as en for English"),
        ("en;es", "such as en for English"),
        ("en es", "such as en for English"),
        ("x-klingon", "such as en for English"),
        ("qme", "such as en for English"),
        ("1", "such as en for English"),
    ],
)
def test_a_setting_that_is_not_a_code_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, given: str, end: str) -> None:
    monkeypatch.setenv("LANGUAGES", f"es,{given}")
    with pytest.raises(SettingsError) as refusal:
        load()
    assert str(refusal.value).startswith(
        f"LANGUAGES must be codes of languages, not {f'es,{given}'!r} ({given!r} is not a language code: a code has two"
    )
    assert str(refusal.value).endswith(f"{end})")


@pytest.mark.parametrize("given", ["all", "any", "*", "ALL"])
def test_a_word_for_all_languages_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("LANGUAGES", given)
    with pytest.raises(SettingsError, match=r"leave it empty for posts of all languages"):
        load()


def test_the_setting_has_each_language_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGES", "in, id, PT_br, eng, en, und")
    assert load().languages == ["id", "pt-BR", "en", "und"]


@pytest.mark.parametrize("arguments", [[], ["--limit", "5", "football"], ["record", "file.jsonl"]])
def test_every_command_prints_the_sentence_and_ends_with_2(start: Start, arguments: list[str]) -> None:
    code, _, err = start(*arguments, LANGUAGES="english").end()
    said = "'english' is not a language code: a code has two or three letters, such as en for English; did you mean en?"
    assert (code, err) == (2, f"ingest: LANGUAGES must be codes of languages, not 'english' ({said})\n")


def test_a_hostile_code_takes_no_time() -> None:
    started = time.process_time()
    for number in range(20_000):
        language.canonical(f"{number:x}-" * 8)
    assert time.process_time() - started < 5
