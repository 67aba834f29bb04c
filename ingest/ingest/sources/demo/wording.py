"""The words around the sentences of the demo: nearly every post has a text of its own, as on real platforms.

Rising compares the texts of posts. With the sentences of the phrasebook alone, all posts would be copies.
"""

from random import Random
from typing import NamedTuple, TypeVar

from ingest.sources.demo.phrasebook import Language

_T = TypeVar("_T")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Script(NamedTuple):
    """Words of the languages that are written alike: names of people, and of places that don't exist."""

    names: tuple[str, ...]
    places: tuple[str, ...]


LATIN = Script(
    _words("Ana Luis Mia Tom Ines Paul Rosa Emil Lena Hugo Clara Nico Julia Max Sofia Leo Nora Ben Eva Theo"),
    _words(
        "Halmora Tarnwick Orvella Brasmere Caldovia Luminara Quillonne Estramar Velmont Norrhafen Pontarra Silvano"
        " Mirabosque Altenfurt Costaclara Westerholm"
    ),
)
CYRILLIC = Script(
    _words("Анна Иван Мария Олег Лена Пётр Ольга Юрий Вера Антон Нина Павел Катя Игорь Света Максим"),
    _words("Озёрск Лунград Белополье Снегирёво Яснополь Тихореченск Звездино Каменка Речной Горки"),
)
ARABIC = Script(
    _words("سارة عمر ليلى خالد مريم يوسف نور حسن هدى طارق سلمى زياد"),
    _words("نورستان وادي القمر مرسى السلام تلال الزهر نخيل الفجر"),
)
JAPANESE = Script(
    _words("さくら はると ゆい そうた あおい みなと ひなた りく めい かいと ことね れん"),
    _words("月ヶ浜 星野原 霧島台 青波市 風見町 桜坂村 雪見沢 光ヶ丘"),
)
KOREAN = Script(
    _words("민준 서연 지훈 하은 도윤 수아 예준 지우 시우 하윤 은우 채원"),
    _words("달빛시 별내음 푸른섬 은하동 바람골 햇살마을 구름읍 솔향리"),
)

#: The script of each language, and how its posts begin.
_OPENINGS: dict[str, tuple[Script, tuple[str, ...]]] = {
    "en": (LATIN, ("", "Honestly?", "Okay.", "Small update:", "Not joking:", "Wow.", "So.", "Look at that!", "Hmm.")),
    "es": (LATIN, ("", "La verdad:", "Oye.", "Por fin.", "Madre mía.", "Así es:", "Bueno.", "¡Mira!", "Pues sí.")),
    "pt-BR": (LATIN, ("", "Gente.", "Olha só.", "Sério:", "Nossa.", "Enfim.", "Então.", "Pois é.", "Que coisa.")),
    "de": (LATIN, ("", "Ehrlich:", "Na ja.", "Kurz gesagt:", "Endlich.", "Also.", "Schau an.", "Kein Witz:", "Puh.")),
    "fr": (LATIN, ("", "Franchement.", "Bon.", "Enfin.", "Sans blague :", "Alors.", "Tiens donc.", "Voilà :", "Ouf.")),
    "ru": (CYRILLIC, ("", "Честно:", "Ну что.", "Наконец.", "Ого!", "Итак.", "Вот так.", "Смотрите:", "Бывает.")),
    "ar": (ARABIC, ("", "بصراحة", "يا ناس", "أخيرا", "عجيب", "والله", "باختصار", "انظروا", "حسنا")),
    "ja": (
        JAPANESE,
        ("", "正直、", "ついに。", "ねえ、", "びっくり。", "さて、", "見て。", "やっぱり、", "ふと思う。"),
    ),
    "ko": (KOREAN, ("", "솔직히", "드디어.", "와,", "그래서", "여러분,", "역시", "잠깐만,", "정말로")),
}


def compose(random: Random, language: Language, sentences: tuple[str, ...], **tags: str) -> str:
    """Return one of the sentences with an opening and a signature, in one of thousands of ways.

    Args:
        random: The random numbers.
        language: The language of the sentences.
        sentences: Sentences of the phrasebook.
        tags: What is written for `{a}` and `{b}`.

    """
    script, openings = _OPENINGS[language.code]
    opening, sentence = any_of(random, openings), any_of(random, sentences).format(**tags)
    signature = f"— {any_of(random, script.names)}, {any_of(random, script.places)}"
    return f"{opening} {sentence} {signature}" if opening else f"{sentence} {signature}"


def any_of(random: Random, choices: tuple[_T, ...]) -> _T:
    """Return one of the choices; much faster than `Random.choice`."""
    return choices[int(random.random() * len(choices))]
